import type {
  Circuit,
  CircuitDict,
  CircuitEvent,
  CircuitHealth,
  CircuitInput,
  CircuitLease,
  CircuitOutput,
  CircuitSetting,
} from './io-circuit.ts';
import { withSample } from './io-samples.ts';

/** A circuit with what was told of it since. Times are the page's own clock, in milliseconds. */
export interface LiveCircuit extends Circuit {
  /** When its value was taken from the hardware. */
  readonly takenAtMs?: number;
  /** When its lease was told of: `remaining_ms` counts from there. */
  readonly leasedAtMs: number;
  /** When an event or answer last told of it. */
  readonly toldAtMs: number;
  /** When a snapshot or answer, which name settings as well, last told of it. */
  readonly readBackAtMs: number;
  /** The last readings of an analog input, oldest first. */
  readonly samples: readonly number[];
}

/**
 * A circuit as it was just listed. Lists, events and answers travel apart: what was told after the list was asked for
 * is newer than the list.
 */
export function listed(
  circuit: Circuit,
  before: LiveCircuit | undefined,
  askedAtMs: number,
  nowMs: number,
): LiveCircuit {
  const fresh: LiveCircuit = {
    ...circuit,
    ...(circuit.age_ms === undefined ? {} : { takenAtMs: nowMs - circuit.age_ms }),
    leasedAtMs: nowMs,
    toldAtMs: before?.toldAtMs ?? Number.NEGATIVE_INFINITY,
    readBackAtMs: before?.readBackAtMs ?? Number.NEGATIVE_INFINITY,
    samples: before?.samples ?? [],
  };
  if (before === undefined) return sampled(fresh, circuit.value);
  if (before.toldAtMs < askedAtMs) return fresh;
  const { value, takenAtMs, health, over_range: overRange, output, leasedAtMs, settings } = before;
  const newer = withPwm(withCounter(fresh, before.input?.counter), before.pwm);
  return {
    ...newer,
    ...(before.readBackAtMs < askedAtMs ? {} : { settings, leasedAtMs, ...(output && { output }) }),
    ...(value === undefined ? {} : { value }),
    ...(takenAtMs === undefined ? {} : { takenAtMs }),
    ...(overRange === undefined ? {} : { over_range: overRange }),
    health,
  };
}

/** The circuit after an event. */
export function withEvent(circuit: LiveCircuit, event: CircuitEvent, nowMs: number): LiveCircuit {
  const { value, counter, health, problem, over_range: overRange } = event;
  const changed: LiveCircuit = {
    ...withCounter(circuit, counter),
    ...(value === undefined ? {} : { value, takenAtMs: nowMs }),
    ...(health === undefined ? {} : { health: healthOf(health, problem) }),
    ...(overRange === undefined ? {} : { over_range: overRange }),
    toldAtMs: nowMs,
  };
  return event.cause === 'reading' ? sampled(changed, value) : changed;
}

/** The circuit after a snapshot, or as it was read back after a write. */
export function withDict(circuit: LiveCircuit, dict: CircuitDict, nowMs: number): LiveCircuit {
  const value = numberOf(dict, 'value');
  const ageMs = numberOf(dict, 'age_ms') ?? 0;
  const { health, problem, unit, range, over_range: overRange } = dict;
  const [minimum, maximum]: readonly unknown[] = Array.isArray(range) ? range : [];
  return {
    ...withPwm(withCounter(circuit, numberOf(dict, 'counter')), pwmOf(circuit, dict)),
    ...(value === undefined ? {} : { value, takenAtMs: nowMs - ageMs }),
    ...(isHealth(health) ? { health: healthOf(health, problem) } : {}),
    ...(typeof unit === 'string' ? { unit } : {}),
    ...(typeof minimum === 'number' && typeof maximum === 'number' ? { minimum, maximum } : {}),
    ...(typeof overRange === 'boolean' ? { over_range: overRange } : {}),
    ...(circuit.output === undefined ? {} : outputOf(circuit.output, dict, nowMs)),
    settings: circuit.settings.map((setting) => settingOf(setting, dict)),
    toldAtMs: nowMs,
    readBackAtMs: nowMs,
  };
}

/** Milliseconds until the lease ends; undefined while a socket holds it, or without one. */
export function leaseLeftMs({ output, leasedAtMs }: LiveCircuit, nowMs: number): number | undefined {
  const { lease } = output ?? {};
  if (lease === undefined || lease.held) return undefined;
  return Math.max(0, lease.remaining_ms - (nowMs - leasedAtMs));
}

function sampled(circuit: LiveCircuit, value: number | undefined): LiveCircuit {
  if (value === undefined || circuit.signal !== 'analog' || circuit.direction === 'output') return circuit;
  return { ...circuit, samples: withSample(circuit.samples, value) };
}

function withCounter(circuit: LiveCircuit, counter: number | undefined): LiveCircuit {
  if (counter === undefined || circuit.input === undefined) return circuit;
  const input: CircuitInput = { ...circuit.input, counter };
  const settings = circuit.settings.map((setting) =>
    setting.name === 'counter' ? { ...setting, value: counter } : setting,
  );
  return { ...circuit, input, settings };
}

function withPwm(circuit: LiveCircuit, pwm: Circuit['pwm']): LiveCircuit {
  if (pwm !== undefined) return { ...circuit, pwm };
  const { pwm: _pwm, ...switched } = circuit;
  return switched;
}

/** evok's fields name a duty cycle also of an output that is just on or off: its mode tells. */
function pwmOf(circuit: LiveCircuit, dict: CircuitDict): Circuit['pwm'] {
  const duty = numberOf(dict, 'pwm_duty');
  const frequency = numberOf(dict, 'pwm_freq');
  if (dict['mode'] === 'Simple') return undefined;
  if (duty === undefined || frequency === undefined) return circuit.pwm;
  return { duty_percent: duty, frequency_hz: frequency };
}

/** The answer to a write tells all that runs: what it does not name is over. */
function outputOf(output: CircuitOutput, dict: CircuitDict, nowMs: number): Partial<LiveCircuit> {
  const { cause, running, lease } = dict;
  // A snapshot says `snapshot` where the output's own cause would be.
  if (typeof cause !== 'string' || cause === 'snapshot') return {};
  const { running: _running, lease: _lease, ...rest } = output;
  const told: CircuitOutput = {
    ...rest,
    cause,
    ...(running === 'pulse' || running === 'sequence' ? { running } : {}),
    ...(isLease(lease) ? { lease } : {}),
  };
  return { output: told, leasedAtMs: nowMs };
}

function settingOf(setting: CircuitSetting, dict: CircuitDict): CircuitSetting {
  const value = dict[setting.name];
  return ['number', 'string', 'boolean'].includes(typeof value)
    ? { ...setting, value: value as number | string | boolean } // typeof was just checked
    : setting;
}

function healthOf(state: CircuitHealth['state'], problem: unknown): CircuitHealth {
  return isProblem(problem) ? { state, problem } : { state };
}

function isHealth(value: unknown): value is CircuitHealth['state'] {
  return value === 'ok' || value === 'stale' || value === 'down';
}

function isProblem(value: unknown): value is NonNullable<CircuitHealth['problem']> {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}

function isLease(value: unknown): value is CircuitLease {
  return typeof value === 'object' && value !== null && 'remaining_ms' in value;
}

function numberOf(dict: CircuitDict, name: string): number | undefined {
  const value = dict[name];
  return typeof value === 'number' ? value : undefined;
}
