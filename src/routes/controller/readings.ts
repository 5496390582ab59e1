import { AppError } from '../../core/app-error.ts';
import type { Clock } from '../../core/clock.ts';
import type { Board } from '../../hardware/io/board.ts';
import type { CircuitKey } from '../../hardware/io/circuit.ts';
import type { CircuitView } from '../../hardware/io/circuit-view.ts';

/** How long a list waits for hardware; what has not answered by then is shown as it was last seen. */
const PATIENCE_MS = 1000;

type ReadableBoard = Pick<Board, 'find' | 'read'>;

/**
 * Circuits as their hardware has them now. One that does not work, or whose bus does not answer in time, is shown from
 * memory, with its age.
 */
export async function freshViews(
  board: ReadableBoard,
  views: readonly CircuitView[],
  clock: Pick<Clock, 'after'>,
): Promise<readonly CircuitView[]> {
  const buses = new Map<string, CircuitKey[]>();
  for (const { key, channel, driver, health } of views) {
    if (health.state !== 'ok') continue;
    const bus = `${driver.name} ${channel.bus}`;
    const keys = buses.get(bus) ?? [];
    buses.set(bus, [...keys, key]);
  }
  const reads = [...buses.values()].map((keys) => board.read(keys).catch(tolerated));
  let timer: Disposable | undefined;
  const patience = new Promise<void>((late) => {
    timer = clock.after(PATIENCE_MS, late);
  });
  await Promise.race([Promise.all(reads), patience]);
  timer?.[Symbol.dispose]();
  return views.map((view) => inMemory(board, view));
}

/**
 * A circuit as its hardware has it now; as it was last seen when the hardware fails.
 * @throws AppError IO_* when it has never been seen.
 */
export async function freshView(board: ReadableBoard, view: CircuitView): Promise<CircuitView> {
  try {
    const [fresh] = await board.read([view.key]);
    return fresh ?? view;
  } catch (error) {
    tolerated(error);
    const known = inMemory(board, view);
    const isKnown = known.value !== undefined || Object.keys(known.details).length > 0;
    if (!isKnown) throw error;
    return known;
  }
}

function inMemory(board: ReadableBoard, { channel }: CircuitView): CircuitView {
  return board.find(channel.type, channel.circuit);
}

function tolerated(error: unknown): void {
  if (!(error instanceof AppError)) throw error;
}
