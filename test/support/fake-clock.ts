import type { Clock } from '../../src/core/clock.ts';

/** A clock that stands still until told to move; timers run, in order, inside `advance`. */
export class FakeClock implements Clock {
  #nowUs = 1_000_000_000;
  readonly #timers = new Set<{ readonly dueUs: number; readonly run: () => void }>();

  monotonicUs(): number {
    return this.#nowUs;
  }

  /** Wall time is monotonic time plus a fixed 1,700,000,000 s. */
  wallUsAt(monotonicUs: number): number {
    return monotonicUs + 1.7e15;
  }

  after(delayMs: number, run: () => void): Disposable {
    const timer = { dueUs: this.#nowUs + delayMs * 1000, run };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  /** Timers not yet run nor cancelled. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Moves on, running every timer that falls due; promises settle between timers. */
  async advance(ms: number): Promise<void> {
    const endUs = this.#nowUs + ms * 1000;
    await settle();
    for (;;) {
      const next = [...this.#timers].filter((t) => t.dueUs <= endUs).sort((a, b) => a.dueUs - b.dueUs)[0];
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#nowUs = next.dueUs;
      next.run();
      await settle();
    }
    this.#nowUs = endUs;
  }
}

/** Lets every promise that can settle do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
