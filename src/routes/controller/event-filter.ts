import type { Board } from '../../hardware/io/board.ts';
import type { CircuitKey } from '../../hardware/io/circuit.ts';
import { requestInvalid } from '../http/index.ts';
import { circuitType, findCircuit } from './circuit-address.ts';

/** Whether a client wants to be told of a circuit. */
export type EventFilter = (key: CircuitKey) => boolean;

/** evok's word for every type. */
const EVERY = 'default';

/**
 * What passes types and circuits, where no type, or `default`, is every type, and no circuit every circuit.
 * @param circuits `type/name` or `type/alias`.
 * @throws AppError CIRCUIT_NOT_FOUND, REQUEST_INVALID
 */
export function eventFilter(
  board: Pick<Board, 'find'>,
  devices: readonly string[],
  circuits: readonly string[],
): EventFilter {
  const types = devices.includes(EVERY) ? [] : devices.map((name) => `${circuitType(name)}/`);
  const keys = new Set(circuits.map((name) => namedCircuit(board, name)));
  return (key) =>
    (types.length === 0 || types.some((type) => key.startsWith(type))) && (keys.size === 0 || keys.has(key));
}

function namedCircuit(board: Pick<Board, 'find'>, text: string): CircuitKey {
  const [type = '', name, ...more] = text.split('/');
  if (name === undefined || more.length > 0)
    throw requestInvalid(`A circuit is named by type and name, such as di/gate; saw ${text.slice(0, 80)}.`);
  return findCircuit(board, type, name).key;
}
