import type { SettingInfo, SettingValue } from '../../hardware/io/circuit.ts';
import type { CircuitView } from '../../hardware/io/circuit-view.ts';
import { circuitValueInvalid, settingAllowed } from '../../hardware/io/errors.ts';

/*
 * Values of a body's fields. Clients send numbers and switches as JSON or, in forms, as text; Python writes `True`.
 * Whatever is none of these is CIRCUIT_VALUE_INVALID.
 */

/** No circuit has a value further from 0. */
const MAX_MAGNITUDE = 1e12;
const MAX_TEXT_LENGTH = 64;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const SWITCHES = new Map<unknown, boolean>([
  [true, true],
  [1, true],
  ['1', true],
  ['true', true],
  ['True', true],
  [false, false],
  [0, false],
  ['0', false],
  ['false', false],
  ['False', false],
]);

/** Longest time that a body can ask for: a day. */
export const MAX_TIME_MS = 86_400_000;

/** A field of a body, with whose it is for messages. */
export interface Field {
  /** Key of the circuit. */
  readonly circuit: string;
  readonly name: string;
  readonly seen: unknown;
}

function refused({ circuit, name, seen }: Field, expected: string): Error {
  return circuitValueInvalid(circuit, name, seen, expected);
}

function finite(seen: unknown): number | undefined {
  const isText = typeof seen === 'string' && seen.length <= MAX_TEXT_LENGTH && NUMBER.test(seen.trim());
  const number = typeof seen === 'number' ? seen : isText ? Number(seen) : Number.NaN;
  return Math.abs(number) <= MAX_MAGNITUDE ? number : undefined;
}

export function numberField(
  field: Field,
  minimum: number,
  maximum: number,
  expected = `a number from ${minimum} to ${maximum}`,
): number {
  const number = finite(field.seen);
  if (number === undefined || number < minimum || number > maximum) throw refused(field, expected);
  return number;
}

export function wholeField(field: Field, minimum: number, maximum: number): number {
  const expected = `a whole number from ${minimum} to ${maximum}`;
  const number = numberField(field, minimum, maximum, expected);
  if (!Number.isInteger(number)) throw refused(field, expected);
  return number;
}

export function switchField(field: Field): boolean {
  const value = SWITCHES.get(field.seen);
  if (value === undefined) throw refused(field, 'true or false');
  return value;
}

/** A circuit's value: 0 or 1 of a digital one, else a number, whose range the board knows. */
export function valueField(field: Field, { channel, unit }: CircuitView): number {
  if (channel.signal === 'digital') {
    const value = SWITCHES.get(field.seen);
    if (value === undefined) throw refused(field, '0 or 1, true or false');
    return value ? 1 : 0;
  }
  const expected = unit === undefined ? 'a number' : `a number of ${unit}`;
  return numberField(field, -MAX_MAGNITUDE, MAX_MAGNITUDE, expected);
}

/** A setting's value; its range and choices are the board's to check. */
export function settingField(field: Field, setting: SettingInfo): SettingValue {
  const { seen } = field;
  switch (setting.kind) {
    case 'choice':
      if (typeof seen !== 'string' || seen.length > MAX_TEXT_LENGTH)
        throw refused(field, settingAllowed(setting));
      return seen;
    case 'boolean':
      return switchField(field);
    case 'integer':
    case 'number': {
      const number = finite(seen);
      if (number === undefined || (setting.kind === 'integer' && !Number.isInteger(number)))
        throw refused(field, settingAllowed(setting));
      return number;
    }
  }
}

/** An object with exactly these keys, where `optional` may be absent. */
export function objectField(
  field: Field,
  required: readonly string[],
  optional: readonly string[] = [],
): ReadonlyMap<string, Field> {
  const { circuit, name, seen } = field;
  const expected = `an object of ${[...required, ...optional.map((key) => `${key}?`)].join(', ')}`;
  if (typeof seen !== 'object' || seen === null || Array.isArray(seen)) throw refused(field, expected);
  const entries = Object.entries(seen).map(([key, value]) => {
    return [key, { circuit, name: `${name}.${key}`, seen: value as unknown }] as const;
  });
  const given = new Map(entries.filter(([, { seen }]) => seen !== null));
  const isKnown = (key: string): boolean => required.includes(key) || optional.includes(key);
  if (!required.every((key) => given.has(key)) || ![...given.keys()].every(isKnown))
    throw refused(field, expected);
  return given;
}

/** A list with so many entries. */
export function listField(field: Field, minimum: number, maximum: number): readonly Field[] {
  const { circuit, name, seen } = field;
  if (!Array.isArray(seen) || seen.length < minimum || seen.length > maximum)
    throw refused(field, `a list of ${minimum} to ${maximum} entries`);
  return seen.map((entry: unknown, index) => ({ circuit, name: `${name}[${index}]`, seen: entry }));
}
