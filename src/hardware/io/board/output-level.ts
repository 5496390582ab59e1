import { type ChannelInfo, CIRCUIT_TYPES, type CircuitKey, type Level } from '../circuit.ts';
import type { CircuitSettings, Interlocks } from '../settings.ts';
import type { Range } from './output-command.ts';
import { type OutputSettings, outputSettings } from './output-settings.ts';
import type { Standing } from './output-state.ts';

const EVERYTHING: Range = { minimum: -Infinity, maximum: Infinity };

/** What an output is to be set to at first, as far as the configuration alone says; as the hardware is told it. */
export function configuredLevel(
  key: CircuitKey,
  circuits: CircuitSettings,
  interlocks: Interlocks,
  isAfterCrash: boolean,
): Level | undefined {
  const type = CIRCUIT_TYPES.find((one) => key.startsWith(`${one}/`));
  if (type === undefined) return undefined;
  const settings = outputSettings(type, key.slice(type.length + 1), circuits);
  // what is nearest to 0 in a range is not known without its channel
  const safe = settings.safe === 'nearest-0' ? undefined : safeLevel(settings, 'digital', EVERYTHING);
  const { target } = startUpStanding(settings, safe, isAfterCrash);
  if (target?.kind !== 'level') return undefined;
  const isLocked = Object.values(interlocks).some((keys) => keys.includes(key));
  return firstLevel(target.level, isLocked, settings);
}

/**
 * A level for the moment at which an output is taken hold of, as the hardware is told it. Whether the others of an
 * interlock group are off is not known at that moment.
 */
export function firstLevel(level: Level, isInterlocked: boolean, { isInverted }: OutputSettings): Level {
  const first = isInterlocked ? { value: 0 } : level;
  return isInverted ? inverted(first) : first;
}

/** The hardware's range, in its present mode, within the configured limits. */
export function rangeOf(
  channel: ChannelInfo,
  present: { readonly minimum?: number; readonly maximum?: number } | undefined,
  { minimum = -Infinity, maximum = Infinity }: OutputSettings,
): Range {
  return {
    minimum: Math.max(minimum, present?.minimum ?? channel.minimum ?? -Infinity),
    maximum: Math.min(maximum, present?.maximum ?? channel.maximum ?? Infinity),
  };
}

/** @returns undefined for an output that has none. */
export function safeLevel(
  { safe }: OutputSettings,
  signal: ChannelInfo['signal'],
  range: Range,
): Level | undefined {
  if (safe === 'keep') return undefined;
  const value = safe === 'nearest-0' ? 0 : safe;
  return { value: signal === 'analog' ? within(value, range) : value };
}

/** What is in force from the first time that the hardware works. */
export function startUpStanding(
  { startUp }: OutputSettings,
  safe: Level | undefined,
  isAfterCrash: boolean,
): Standing {
  if (startUp === 'keep' && !isAfterCrash) return { cause: 'kept' };
  const level = isAfterCrash || typeof startUp !== 'number' ? safe : { value: startUp };
  if (level === undefined) return { cause: 'kept' };
  return { cause: isAfterCrash ? 'safe' : 'start-up', target: { kind: 'level', level } };
}

/** The level with active and inactive swapped. */
export function inverted({ value, pwm }: Level): Level {
  if (pwm === undefined) return { value: value === 0 ? 1 : 0 };
  const dutyPercent = 100 - pwm.dutyPercent;
  return { value: dutyPercent > 0 ? 1 : 0, pwm: { ...pwm, dutyPercent } };
}

/** @param step smallest difference that the hardware can make. */
export function sameLevel(a: Level, b: Level, step: number): boolean {
  const isNear = Math.abs(a.value - b.value) <= step / 2 + 1e-9 * Math.abs(a.value);
  return isNear && Math.abs((a.pwm?.dutyPercent ?? -1) - (b.pwm?.dutyPercent ?? -1)) < 1;
}

function within(value: number, { minimum, maximum }: Range): number {
  return Math.min(Math.max(value, minimum), maximum);
}
