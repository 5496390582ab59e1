import { CIRCUIT_TYPES, type CircuitType } from '../circuit.ts';
import { ioPlaceInvalid } from '../errors.ts';
import type { CircuitSettings, Interlocks } from '../settings.ts';
import type { Circuit } from './circuit.ts';
import { Output } from './output.ts';

/**
 * Compares the configuration of circuits with the circuits that there are.
 * @throws AppError IO_CONFIG_INVALID
 */
export function checkConfiguration(
  circuits: readonly Circuit[],
  settings: CircuitSettings,
  interlocks: Interlocks,
): void {
  const find = (key: string): Circuit | undefined => circuits.find(({ record }) => record.key === key);
  for (const type of CIRCUIT_TYPES) {
    if (!(type in settings)) continue;
    // what is in CircuitSettings is one of its types
    checkType(type as keyof CircuitSettings, circuits, settings);
  }
  for (const [circuit, { directSwitch }] of Object.entries(settings.di)) {
    if (directSwitch === undefined) continue;
    const place = `io.circuits.di.${circuit}.directSwitch`;
    checkOutput(place, directSwitch, find(directSwitch), circuits);
    const mode = find(`di/${circuit}`)?.record.place.channel.settings.find(({ name }) => name === 'mode');
    if (mode !== undefined) {
      throw ioPlaceInvalid(
        place,
        `the hardware of di/${circuit} switches by itself; write its mode ${mode.choices?.join(' or ')} instead`,
      );
    }
  }
  for (const [group, keys] of Object.entries(interlocks)) {
    checkGroup(`io.interlocks.${group}`, keys, circuits);
  }
  for (const circuit of circuits) if (circuit instanceof Output) checkOutputValues(circuit, settings);
}

function checkType(
  type: keyof CircuitSettings,
  circuits: readonly Circuit[],
  settings: CircuitSettings,
): void {
  const names = namesOf(type, circuits);
  const aliases = new Map<string, string>();
  for (const [circuit, { alias }] of Object.entries(settings[type])) {
    const place = `io.circuits.${type}.${circuit}`;
    if (!names.includes(circuit)) throw ioPlaceInvalid(place, `no driver has it; ${present(names)}`);
    if (alias === undefined) continue;
    if (names.includes(alias)) {
      throw ioPlaceInvalid(`${place}.alias`, `${alias} is the name of a circuit of this type`);
    }
    const other = aliases.get(alias);
    if (other !== undefined) {
      throw ioPlaceInvalid(`${place}.alias`, `${alias} is the alias of ${type}/${other} already`);
    }
    aliases.set(alias, circuit);
  }
}

function checkOutput(
  place: string,
  key: string,
  found: Circuit | undefined,
  circuits: readonly Circuit[],
): Output {
  if (found instanceof Output && found.record.place.channel.signal === 'digital') return found;
  const type = key.slice(0, key.indexOf('/')) as CircuitType; // the configuration's pattern starts with one
  throw ioPlaceInvalid(place, `${key} is no digital output; ${present(namesOf(type, circuits))}`);
}

function checkGroup(place: string, keys: readonly string[], circuits: readonly Circuit[]): void {
  const outputs = keys.map((key) => {
    const found = circuits.find(({ record }) => record.key === key);
    return checkOutput(place, key, found, circuits);
  });
  for (const value of ['safe', 'startUp'] as const) {
    const on = outputs.filter((output) => output.view().output?.[value] === 1).map(({ key }) => key);
    if (new Set(on).size > 1) {
      throw ioPlaceInvalid(place, `the ${value} values of ${on.join(' and ')} are 1; at most one may be on`);
    }
  }
}

function checkOutputValues(output: Output, settings: CircuitSettings): void {
  const { type, circuit, signal } = output.record.place.channel;
  if (signal !== 'analog' || type !== 'ao') return;
  const place = `io.circuits.ao.${circuit}`;
  const { minimum, maximum } = output.facts.range;
  if (minimum > maximum) {
    throw ioPlaceInvalid(
      place,
      `nothing lies within its limits and the hardware's: ${minimum} to ${maximum}`,
    );
  }
  for (const name of ['safe', 'startUp'] as const) {
    const value = settings.ao[circuit]?.[name];
    if (value !== undefined && (value < minimum || value > maximum)) {
      throw ioPlaceInvalid(`${place}.${name}`, `it is ${value}; expected ${minimum} to ${maximum}`);
    }
  }
}

function namesOf(type: CircuitType, circuits: readonly Circuit[]): readonly string[] {
  return circuits
    .map(({ record }) => record.place.channel)
    .filter((channel) => channel.type === type)
    .map(({ circuit }) => circuit);
}

function present(names: readonly string[]): string {
  return names.length === 0 ? 'there is none of this type' : `there is ${names.join(', ')}`;
}
