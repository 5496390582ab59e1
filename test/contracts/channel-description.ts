import {
  type ChannelInfo,
  CIRCUIT_NAME_PATTERN,
  CIRCUIT_TYPES,
  type CircuitKey,
  circuitKey,
  type SettingInfo,
  type SettingValue,
} from '../../src/hardware/io/circuit.ts';
import type { IoDriver } from '../../src/hardware/io/driver.ts';

export function keyOf(channel: ChannelInfo | undefined): CircuitKey {
  if (channel === undefined) throw new Error('the driver has no channel');
  return circuitKey(channel.type, channel.circuit);
}

export function channelOf(driver: IoDriver, key: CircuitKey): ChannelInfo {
  const channel = driver.channels.find((one) => keyOf(one) === key);
  if (channel === undefined) throw new Error(`the driver has no channel ${key}`);
  return channel;
}

/** Levels to try, the last one the furthest from rest. */
export function levelsOf({ signal, minimum = 0, maximum = 1, step = 0 }: ChannelInfo): readonly number[] {
  if (signal === 'digital') return [1, 0, 1];
  const within = minimum + (maximum - minimum) / 4;
  return [minimum, step > 0 ? minimum + Math.round((within - minimum) / step) * step : within, maximum];
}

export function isClose(seen: number, expected: number, channel: ChannelInfo): boolean {
  if (channel.signal === 'digital') return seen === expected;
  const { minimum = 0, maximum = 1, step = 0 } = channel;
  return Math.abs(seen - expected) <= Math.max(step, (maximum - minimum) * 1e-6);
}

/** Values of a setting to try, of those that stay what they are set to. */
export function valuesOf({
  kind,
  choices,
  minimum = 0,
  maximum = minimum + 1,
}: SettingInfo): readonly SettingValue[] {
  if (kind === 'choice') return choices ?? [];
  return kind === 'boolean' ? [] : [Math.min(minimum + 1, maximum), minimum];
}

/** What is wrong with the description of a channel. */
export function contradictions(channel: ChannelInfo, driver: IoDriver): readonly string[] {
  const { type, circuit, direction, signal, minimum, maximum, modes, settings, features } = channel;
  const isOutput = direction === 'output';
  const hasSetting = (name: string, kinds: readonly SettingInfo['kind'][]) =>
    settings.some((info) => info.name === name && kinds.includes(info.kind));
  const wrong = {
    'an unknown type': !CIRCUIT_TYPES.includes(type),
    'a bad name': !new RegExp(`^${CIRCUIT_NAME_PATTERN}$`).test(circuit),
    'no place': channel.hardware === '',
    'no bus': channel.bus === '',
    'no direction but a signal, or the reverse': (direction === 'none') !== (signal === 'none'),
    'an analog output without a range':
      isOutput && signal === 'analog' && (minimum === undefined || maximum === undefined),
    'a range without extent': minimum !== undefined && maximum !== undefined && !(minimum < maximum),
    'a step that is none': channel.step !== undefined && !(channel.step > 0),
    'a digital value with a unit': signal === 'digital' && channel.unit !== undefined,
    'a setting twice': new Set(settings.map((info) => info.name)).size !== settings.length,
    'a setting without its choices': settings.some(
      (info) => (info.kind === 'choice') !== (info.choices !== undefined),
    ),
    'a setting with a bad range': settings.some((info) => (info.minimum ?? 0) > (info.maximum ?? Infinity)),
    'modes without a setting mode': modes !== undefined && !hasSetting('mode', ['choice']),
    'edges of what is no digital input':
      features.edges === true && !(direction === 'input' && signal === 'digital'),
    'debounce without a setting debounce_us':
      features.debounce === true && !hasSetting('debounce_us', ['integer']),
    'a counter without a setting counter': features.counter === true && !hasSetting('counter', ['integer']),
    'directSwitch without a setting mode': features.directSwitch === true && !hasSetting('mode', ['choice']),
    'pwm of what is no digital output': features.pwm !== undefined && !(isOutput && signal === 'digital'),
    'a bad range of pwm': features.pwm !== undefined && !(features.pwm.minimumHz <= features.pwm.maximumHz),
    'blink without blink()': features.blink === true && driver.blink === undefined,
  };
  return Object.entries(wrong).flatMap(([what, isWrong]) => (isWrong ? [`${type}/${circuit}: ${what}`] : []));
}
