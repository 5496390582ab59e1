import type { ChannelInfo } from '../../hardware/io/circuit.ts';
import type { CircuitView, Lease } from '../../hardware/io/circuit-view.ts';
import { devOf } from './circuit-address.ts';

/** A circuit as Robopipe and evok show it, with fields of ours added. */
export interface CircuitDict {
  readonly dev: string;
  readonly circuit: string;
  readonly [field: string]: unknown;
}

/** Frequency of pulse width while neither a client nor the driver has named one, in hertz. */
const DEFAULT_PWM_HZ = 1000;

export function circuitDict(view: CircuitView): CircuitDict {
  const { channel, details, settingValues, value } = view;
  const identity = { dev: devOf(channel.type), circuit: channel.circuit };
  return {
    ...identity,
    ...evokFields(view),
    ...details,
    ...settingValues,
    ...(channel.signal === 'none' ? {} : { value: value ?? null }),
    ...stateFields(view),
    ...identity,
  };
}

/** A lease with the circuits that it keeps. */
export function leaseAnswer(lease: Lease) {
  return { ...leaseDict(lease), circuits: lease.circuits };
}

/** The lease of an output, as its dict shows it. */
export function leaseDict({ id, durationMs, remainingMs, isHeld }: Lease) {
  return { id, duration_ms: durationMs, remaining_ms: Math.round(remainingMs), held: isHeld };
}

/** The frequency that an output has or would have, in hertz; 0 when it cannot be driven by pulse width. */
export function pwmFrequency({ pwm, channel, settingValues }: CircuitView): number {
  const range = channel.features.pwm;
  if (range === undefined) return 0;
  const named = settingValues['pwm_freq'];
  const hertz = pwm?.frequencyHz ?? (typeof named === 'number' ? named : DEFAULT_PWM_HZ);
  return Math.min(Math.max(hertz, range.minimumHz), range.maximumHz);
}

/** Names of an output's or input's modes, as its dict shows them; undefined where it has none. */
export function modeNames(dict: CircuitDict): readonly string[] | undefined {
  const modes = dict['modes'];
  if (Array.isArray(modes)) return modes.map(String);
  return typeof modes === 'object' && modes !== null ? Object.keys(modes) : undefined;
}

/** What evok's clients expect of a type, whatever its driver tells of it. */
function evokFields(view: CircuitView): Readonly<Record<string, unknown>> {
  const { channel, health, settings } = view;
  switch (channel.type) {
    case 'di': {
      const choices = (name: string) => settings.find((setting) => setting.name === name)?.choices;
      return {
        counter_modes: choices('counter_mode') ?? ['Enabled', 'Disabled'],
        modes: choices('mode') ?? ['Simple'],
        counter: 0,
        counter_mode: 'Disabled',
        mode: 'Simple',
        debounce: 0,
      };
    }
    case 'do':
      return { ...pulseWidth(view), pending: view.output?.running !== undefined };
    case 'ai':
    case 'ao':
      return { ...analog(view), mode: modeName(view.unit), modes: modes(channel) };
    case 'sensor':
      return { address: channel.circuit, lost: health.state !== 'ok', ...analog(view) };
    case 'register':
      return { save: true, ...analog(view) };
    default:
      return { ...analog(view), ...(channel.features.pwm && pulseWidth(view)) };
  }
}

function pulseWidth(view: CircuitView) {
  const { channel, pwm, value } = view;
  return {
    modes: channel.features.pwm === undefined ? ['Simple'] : ['Simple', 'PWM'],
    mode: pwm === undefined ? 'Simple' : 'PWM',
    pwm_freq: pwmFrequency(view),
    pwm_duty: pwm?.dutyPercent ?? (value === 1 ? 100 : 0),
  };
}

function analog({ unit, minimum, maximum }: CircuitView) {
  const range = minimum === undefined || maximum === undefined ? undefined : [minimum, maximum];
  return { ...(unit !== undefined && { unit }), ...(range && { range }) };
}

function modes({ modes, unit, minimum, maximum }: ChannelInfo) {
  if (modes !== undefined) {
    const described = Object.entries(modes).map(([name, mode]) => {
      return [name, { value: mode.value, unit: mode.unit, range: [mode.minimum, mode.maximum] }] as const;
    });
    return Object.fromEntries(described);
  }
  if (unit === undefined || minimum === undefined || maximum === undefined) return {};
  return { [modeName(unit)]: { value: 0, unit, range: [minimum, maximum] } };
}

/** evok's name for what a circuit without modes measures or gives. */
function modeName(unit: string | undefined): string {
  if (unit?.endsWith('V')) return 'Voltage';
  if (unit?.endsWith('A')) return 'Current';
  return unit?.endsWith('Ω') || unit?.endsWith('Ohm') ? 'Resistance' : 'Simple';
}

function stateFields({ alias, label, health, ageMs, isOverRange, channel, input, output }: CircuitView) {
  return {
    ...(alias !== undefined && { alias }),
    label,
    health: health.state,
    ...(health.problem && { problem: health.problem }),
    ...(ageMs !== undefined && { age_ms: Math.round(ageMs) }),
    ...(channel.signal === 'analog' && { over_range: isOverRange }),
    ...(input && { frequency_hz: input.frequencyHz, lost_edges: input.lostEdges }),
    ...(output && { cause: output.cause }),
    ...(output?.running && { running: output.running }),
    ...(output?.lease && { lease: leaseDict(output.lease) }),
  };
}
