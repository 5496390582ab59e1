import type { CircuitKey } from '../circuit.ts';
import { ioOverloaded } from '../errors.ts';

/** Most requests that may wait for one circuit. */
const CAP = 200;

/** Has requests to one circuit follow each other, in the order in which they came. */
export class CircuitLocks {
  readonly #last = new Map<CircuitKey, Promise<void>>();
  readonly #waiting = new Map<CircuitKey, number>();

  /**
   * @returns once all earlier requests to these circuits are done; to be disposed when this one is.
   * @throws AppError IO_OVERLOADED
   */
  async acquire(keys: readonly CircuitKey[]): Promise<Disposable> {
    for (const key of keys) {
      const waiting = this.#waiting.get(key) ?? 0;
      if (waiting >= CAP) throw ioOverloaded(key, waiting);
    }
    const before = keys.flatMap((key) => this.#last.get(key) ?? []);
    let release = (): void => undefined;
    const done = new Promise<void>((resolve) => {
      release = resolve;
    });
    for (const key of keys) {
      this.#last.set(key, done);
      this.#waiting.set(key, (this.#waiting.get(key) ?? 0) + 1);
    }
    await Promise.all(before);
    return { [Symbol.dispose]: () => this.#release(keys, done, release) };
  }

  #release(keys: readonly CircuitKey[], done: Promise<void>, release: () => void): void {
    for (const key of keys) {
      const waiting = (this.#waiting.get(key) ?? 1) - 1;
      if (waiting === 0) this.#waiting.delete(key);
      else this.#waiting.set(key, waiting);
      if (this.#last.get(key) === done) this.#last.delete(key);
    }
    release();
  }
}
