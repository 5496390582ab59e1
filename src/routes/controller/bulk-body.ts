import type { Board } from '../../hardware/io/board.ts';
import type { CircuitView, CircuitWrite, LeaseRequest } from '../../hardware/io/circuit-view.ts';
import { shownValue } from '../../hardware/io/errors.ts';
import { requestInvalid } from '../http/index.ts';
import { findCircuit } from './circuit-address.ts';
import { leaseField, type WriteRequest, writeRequest } from './write-body.ts';

/** Most circuits that one request writes. */
export const MAX_WRITES = 1000;

/** What a request asks of the board: all of it, or nothing. */
export interface BoardRequest {
  readonly writes: readonly CircuitWrite[];
  readonly lease?: LeaseRequest;
}

/** One body for several circuits. @throws AppError as writeRequest does */
export function sameForAll(views: readonly CircuitView[], body: unknown): BoardRequest {
  return together(views.map((view) => writeRequest(view, body)));
}

/**
 * Reads a body that names the circuits itself: a list of `{dev, circuit, …}`, or `{writes: list, lease_ms}`.
 * @throws AppError as writeRequest does; CIRCUIT_NOT_FOUND
 */
export function bulkRequest(board: Pick<Board, 'find'>, body: unknown): BoardRequest {
  const { writes, leaseMs } = bulkOf(body);
  const requests = writes.map((each, index) => {
    const { dev, circuit } = addressOf(each, index);
    return writeRequest(findCircuit(board, dev, circuit), each);
  });
  return together(requests, leaseMs);
}

function bulkOf(body: unknown): { readonly writes: readonly unknown[]; readonly leaseMs?: number } {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  const {
    writes,
    lease_ms: lease,
    ...others
  }: Record<string, unknown> = isObject ? { ...body } : { writes: body };
  const [other] = Object.keys(others);
  if (!Array.isArray(writes) || writes.length > MAX_WRITES || other !== undefined) {
    const seen = other === undefined ? shownValue(body) : `the key ${other.slice(0, 80)}`;
    throw requestInvalid(
      `The body has to be a list of {dev, circuit, …}, ${MAX_WRITES} at most, or {writes: such a list, lease_ms}; saw ${seen}.`,
    );
  }
  const field = lease === undefined || lease === null ? undefined : { name: 'lease_ms', seen: lease };
  const leaseMs = leaseField(field && { ...field, circuit: 'The request' });
  return { writes, ...(leaseMs !== undefined && { leaseMs }) };
}

function addressOf(write: unknown, index: number): { readonly dev: string; readonly circuit: string } {
  const { dev, circuit }: { dev?: unknown; circuit?: unknown } =
    typeof write === 'object' && write !== null ? write : {};
  if (typeof dev === 'string' && typeof circuit === 'string') return { dev, circuit };
  throw requestInvalid(`Write ${index} has to name dev and circuit, both as text; saw ${shownValue(write)}.`);
}

function together(requests: readonly WriteRequest[], forAll?: number): BoardRequest {
  const writes = requests.map(({ write }) => write);
  const twice = writes.find(({ key }, index) => writes.findIndex((each) => each.key === key) !== index);
  if (twice !== undefined) throw requestInvalid(`${twice.key} is written twice in one request.`);
  const durations = new Set(requests.map(({ leaseMs }) => leaseMs ?? forAll));
  const [durationMs = forAll] = durations;
  if (durations.size > 1)
    throw requestInvalid('One request makes one lease: lease_ms has to be the same for all its circuits.');
  if (durationMs === undefined) return { writes };
  if (writes.every(({ command }) => command === undefined || command.kind === 'cancel'))
    throw requestInvalid('lease_ms needs an output that is set.');
  return { writes, lease: { durationMs } };
}
