import { controlValueInvalid } from '../errors.ts';

/*
 * What clients of the Robopipe API send for a value, whose own server is lax: "3" and 3.0 are 3, "yes" and 1 are true.
 */

const TRUE = ['true', 't', 'yes', 'y', 'on', '1'];
const FALSE = ['false', 'f', 'no', 'n', 'off', '0'];

/** @throws AppError CONTROL_VALUE_INVALID */
export function asNumber(field: string, value: unknown, allowed: string): number {
  const isText = typeof value === 'string' && value.trim() !== '';
  const number = isText || typeof value === 'boolean' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw controlValueInvalid(field, value, allowed);
}

/** @throws AppError CONTROL_VALUE_INVALID */
export function asInteger(field: string, value: unknown, allowed: string): number {
  const number = asNumber(field, value, allowed);
  if (Number.isSafeInteger(number)) return number;
  throw controlValueInvalid(field, value, allowed);
}

/** @throws AppError CONTROL_VALUE_INVALID */
export function asBoolean(field: string, value: unknown): boolean {
  const word = String(value).toLowerCase();
  if (typeof value !== 'object' && TRUE.includes(word)) return true;
  if (typeof value !== 'object' && FALSE.includes(word)) return false;
  throw controlValueInvalid(field, value, 'true or false');
}

/** @throws AppError CONTROL_VALUE_INVALID */
export function asChoice<T extends string>(field: string, value: unknown, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw controlValueInvalid(field, value, `one of ${choices.join(', ')}`);
}

/** An object, or its JSON as forms send it. @throws AppError CONTROL_VALUE_INVALID */
export function asObject(field: string, value: unknown): Readonly<Record<string, unknown>> {
  const object = typeof value === 'string' ? parsed(value) : value;
  // An object that is neither null nor a list is a record.
  if (typeof object === 'object' && object !== null && !Array.isArray(object))
    return object as Readonly<Record<string, unknown>>;
  throw controlValueInvalid(field, value, 'an object');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
