import type { Board } from '../../hardware/io/board.ts';
import { CIRCUIT_TYPES, type CircuitKey, type CircuitType } from '../../hardware/io/circuit.ts';
import type { CircuitView } from '../../hardware/io/circuit-view.ts';
import { circuitNotFound } from '../../hardware/io/errors.ts';

/** What evok's clients call some types. */
const ALIASES = new Map<string, CircuitType>([
  ['input', 'di'],
  ['relay', 'ro'],
  ['output', 'do'],
  ['temp', 'sensor'],
  ['1wdevice', 'sensor'],
  ['watchdog', 'wd'],
]);

/**
 * The type that a client names, by our name or one of evok's.
 * @throws AppError CIRCUIT_NOT_FOUND
 */
export function circuitType(name: string): CircuitType {
  const type = CIRCUIT_TYPES.find((each) => each === name) ?? ALIASES.get(name);
  if (type === undefined) throw circuitNotFound(`of type ${name.slice(0, 80)}`, CIRCUIT_TYPES);
  return type;
}

/** The `dev` under which clients see a type: evok calls sensors `temp`. */
export function devOf(type: CircuitType): string {
  return type === 'sensor' ? 'temp' : type;
}

/** @throws AppError CIRCUIT_NOT_FOUND */
export function findCircuit(board: Pick<Board, 'find'>, dev: string, circuit: string): CircuitView {
  return board.find(circuitType(dev), circuit);
}

/** Type and name out of a key. */
export function keyParts(key: CircuitKey): { readonly dev: string; readonly circuit: string } {
  const slash = key.indexOf('/');
  return { dev: devOf(circuitType(key.slice(0, slash))), circuit: key.slice(slash + 1) };
}
