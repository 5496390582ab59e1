import type { Clock } from '../../../../core/clock.ts';
import { ioOverloaded, ioTimeout } from '../../errors.ts';

/** More calls than the board ever has under way: only calls that hang in the kernel let so many wait. */
const MAX_WAITING = 16;

/** Lets calls to one piece of hardware run one after the other. */
export class Turns {
  readonly #where: string;
  readonly #clock: Clock;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(where: string, clock: Clock) {
    this.#where = where;
    this.#clock = clock;
  }

  /**
   * Runs a call when those before it have ended.
   * @param signal gives the call up: it rejects at once, and what the kernel has begun goes on unheard.
   * @throws AppError IO_OVERLOADED, IO_TIMEOUT
   */
  async take<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#waiting >= MAX_WAITING) throw ioOverloaded(this.#where, this.#waiting);
    const sinceUs = this.#clock.monotonicUs();
    const givenUp = () => ioTimeout(this.#where, Math.round((this.#clock.monotonicUs() - sinceUs) / 1000));
    this.#waiting += 1;
    const result = this.#last.then(async () => {
      this.#waiting -= 1;
      if (signal?.aborted) throw givenUp();
      return call();
    });
    this.#last = result.catch(() => undefined);
    if (signal === undefined) return result;
    let giveUp: () => void = () => undefined;
    const abandoned = new Promise<never>((_, reject) => {
      giveUp = () => reject(givenUp());
      if (signal.aborted) giveUp();
      else signal.addEventListener('abort', giveUp, { once: true });
    });
    try {
      return await Promise.race([result, abandoned]);
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }
}
