import type { Board } from '../../hardware/io/board.ts';

/** The leases that a client keeps from running out by being there. Disposed when it is gone: then their time begins. */
export class HeldLeases implements Disposable {
  readonly #board: Board;
  readonly #holds = new Map<string, Disposable>();

  constructor(board: Board) {
    this.#board = board;
  }

  /**
   * Holds a lease, too.
   * @returns the duration of the shortest lease that is held, in milliseconds.
   * @throws AppError LEASE_NOT_FOUND
   */
  hold(id: string): number {
    if (!this.#holds.has(id)) this.#holds.set(id, this.#board.holdLease(id));
    const running = new Map(this.#board.leases().map((lease) => [lease.id, lease.durationMs]));
    for (const [held, release] of this.#holds) {
      if (running.has(held)) continue;
      release[Symbol.dispose]();
      this.#holds.delete(held);
    }
    return Math.min(...[...this.#holds.keys()].map((held) => running.get(held) ?? Infinity));
  }

  [Symbol.dispose](): void {
    for (const hold of this.#holds.values()) hold[Symbol.dispose]();
    this.#holds.clear();
  }
}
