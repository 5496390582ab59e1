import { AppError } from '../../core/app-error.ts';
import type { SettingInfo } from './circuit.ts';

/*
 * Every error of circuits and their hardware. `circuit` is the key (`do/valve`), `where` is the place as a person would
 * look it up (`gpiochip0 line 17`).
 */

/** CIRCUIT_NOT_FOUND: there is no circuit of this type and name. `present` are the names of that type. */
export function circuitNotFound(circuit: string, present: readonly string[]): AppError {
  const has = present.length > 0 ? `there is ${present.join(', ')}` : 'there is none of this type';
  return new AppError('CIRCUIT_NOT_FOUND', 'not-found', `There is no circuit ${circuit}; ${has}.`);
}

/** CIRCUIT_READ_ONLY: the circuit is an input, or has nothing that can be written. */
export function circuitReadOnly(circuit: string, what: string): AppError {
  return new AppError(
    'CIRCUIT_READ_ONLY',
    'conflict',
    `${circuit} is no output: its ${what} cannot be written.`,
  );
}

/** CIRCUIT_VALUE_INVALID: a value of the wrong type, out of range, or against another in the same request. */
export function circuitValueInvalid(
  circuit: string,
  field: string,
  seen: unknown,
  expected: string,
): AppError {
  return new AppError(
    'CIRCUIT_VALUE_INVALID',
    'invalid',
    `${circuit}: ${field} is ${shownValue(seen)}; expected ${expected}.`,
  );
}

/** How a value of a request looks in a message, shortened. */
export function shownValue(seen: unknown): string {
  if (typeof seen === 'number') return String(seen);
  try {
    return JSON.stringify(seen)?.slice(0, 80) ?? 'nothing';
  } catch {
    return 'nested too deeply'; // JSON.parse goes deeper than JSON.stringify
  }
}

/** CIRCUIT_FIELD_UNKNOWN: the circuit has no such field. */
export function circuitFieldUnknown(circuit: string, field: string, known: readonly string[]): AppError {
  return new AppError(
    'CIRCUIT_FIELD_UNKNOWN',
    'invalid',
    `${circuit} has no field ${field} to write; it has ${known.join(', ') || 'none'}.`,
  );
}

/** INTERLOCK_HELD: another output of the same group is on. */
export function interlockHeld(circuit: string, holder: string, group: string): AppError {
  return new AppError(
    'INTERLOCK_HELD',
    'conflict',
    `${circuit} stays off: ${holder} is on, and of the group "${group}" at most one may be; switch ${holder} off first.`,
  );
}

/** LEASE_NOT_FOUND: the lease has run out or never was. */
export function leaseNotFound(lease: string): AppError {
  return new AppError(
    'LEASE_NOT_FOUND',
    'not-found',
    `There is no lease ${lease}: it has run out, and its outputs are at their safe values; write them again.`,
  );
}

/** IO_CONFIG_INVALID: the configuration of a driver, or a file it names, is wrong. */
export function ioConfigInvalid(driver: string, what: string, cause?: unknown): AppError {
  return new AppError('IO_CONFIG_INVALID', 'invalid', `I/O driver ${driver}: ${what}`, { cause });
}

/** IO_CONFIG_INVALID, where it is not a driver's: `place` is the path in the configuration, `io.circuits.do.valve`. */
export function ioPlaceInvalid(place: string, what: string): AppError {
  return new AppError('IO_CONFIG_INVALID', 'invalid', `${place}: ${what}`);
}

/** IO_STARTING: the driver has not found its hardware yet. */
export function ioStarting(where: string): AppError {
  return new AppError('IO_STARTING', 'unavailable', `${where} is not ready yet.`);
}

/** IO_STOPPING: the service stops: outputs go to their safe values and take nothing more. */
export function ioStopping(): AppError {
  return new AppError(
    'IO_STOPPING',
    'unavailable',
    'The service is stopping; its outputs go to their safe values.',
  );
}

/** IO_NOT_PRESENT: the hardware is not there: not plugged in, its kernel driver not loaded, a wrong name. */
export function ioNotPresent(where: string, what: string, cause?: unknown): AppError {
  return new AppError('IO_NOT_PRESENT', 'unavailable', `${where} is not there: ${what}.`, { cause });
}

/** IO_GONE: the hardware went away while it was in use. */
export function ioGone(where: string, cause?: unknown): AppError {
  return new AppError('IO_GONE', 'unavailable', `${where} is gone: unplugged or its kernel driver removed.`, {
    cause,
  });
}

/** IO_BUSY: another program or kernel driver holds the hardware. `holder` is what is known of it. */
export function ioBusy(where: string, holder?: string, cause?: unknown): AppError {
  const by = holder === undefined ? 'in use by another program or kernel driver' : `held by ${holder}`;
  return new AppError('IO_BUSY', 'conflict', `${where} is ${by}; free it first.`, { cause });
}

/** IO_DENIED: the service may not open the hardware. `advice` says what grants it. */
export function ioDenied(where: string, advice: string, cause?: unknown): AppError {
  return new AppError('IO_DENIED', 'unavailable', `${where} may not be used by this user: ${advice}.`, {
    cause,
  });
}

/** IO_FAILED: the hardware is there but does not work. `what` says what was seen. */
export function ioFailed(where: string, what: string, cause?: unknown): AppError {
  return new AppError('IO_FAILED', 'unavailable', `${where} failed: ${what}.`, { cause });
}

/** IO_TIMEOUT: the hardware has not answered in time. */
export function ioTimeout(where: string, waitedMs: number): AppError {
  return new AppError('IO_TIMEOUT', 'timeout', `${where} has not answered within ${waitedMs} ms.`);
}

/** IO_OVERLOADED: too many calls wait for one bus. */
export function ioOverloaded(bus: string, waiting: number): AppError {
  return new AppError(
    'IO_OVERLOADED',
    'unavailable',
    `${waiting} calls wait for ${bus} already; try again later.`,
  );
}

/** IO_UNSUPPORTED: the hardware or kernel cannot do what the configuration or request asks. */
export function ioUnsupported(where: string, what: string, cause?: unknown): AppError {
  return new AppError('IO_UNSUPPORTED', 'invalid', `${where} cannot ${what}.`, { cause });
}

/** What a setting accepts, in words. */
export function settingAllowed({ kind, minimum, maximum, choices, unit }: SettingInfo): string {
  switch (kind) {
    case 'choice':
      return `one of ${(choices ?? []).join(', ')}`;
    case 'boolean':
      return 'true or false';
    default: {
      const number = kind === 'integer' ? 'a whole number' : 'a number';
      const range = minimum === undefined ? '' : ` from ${minimum} to ${maximum ?? 'any'}`;
      return `${number}${range}${unit === undefined ? '' : ` ${unit}`}`;
    }
  }
}
