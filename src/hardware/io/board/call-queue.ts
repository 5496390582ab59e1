import type { AppError } from '../../../core/app-error.ts';
import type { Clock } from '../../../core/clock.ts';
import type { CallOptions } from '../driver.ts';
import { ioOverloaded, ioTimeout } from '../errors.ts';

/** Calls a driver; gives up after a time. @throws AppError IO_TIMEOUT, and what the driver throws. */
export type Call = <T>(run: (options: CallOptions) => Promise<T>) => Promise<T>;

interface Job {
  readonly run: () => Promise<void>;
  readonly drop: (error: AppError) => void;
}

/** Longest time that one call may take. */
const LIMIT_MS = 5000;
/** Most jobs that may wait; urgent ones are not counted. */
const CAP = 200;
/** How long a call that was told to stop may take to do so. */
const GRACE_MS = 500;

/**
 * The calls to one bus: one at a time. A driver that does not answer loses its turn, so that the bus goes on; what it
 * answers later is nobody's.
 */
export class CallQueue {
  readonly #bus: string;
  readonly #clock: Clock;
  readonly #urgent: Job[] = [];
  readonly #waiting: Job[] = [];
  #running: { readonly job: Job; abort?: (error: AppError) => void } | undefined;

  /** @param bus for messages. */
  constructor(bus: string, clock: Clock) {
    this.#bus = bus;
    this.#clock = clock;
  }

  /**
   * Runs a job when its turn comes. It has the bus to itself until it is done, for as many calls as it makes.
   * @param options.isUrgent before all that wait; for whoever has one such job at a time.
   * @throws AppError IO_OVERLOADED
   */
  run<T>(job: (call: Call) => Promise<T>, { isUrgent = false } = {}): Promise<T> {
    if (!isUrgent && this.#waiting.length >= CAP) {
      return Promise.reject(ioOverloaded(this.#bus, this.#waiting.length));
    }
    return new Promise<T>((resolve, reject) => {
      let dropped: AppError | undefined;
      const call: Call = (run) => (dropped === undefined ? this.#call(run) : Promise.reject(dropped));
      const queue = isUrgent ? this.#urgent : this.#waiting;
      queue.push({
        run: () => job(call).then(resolve, reject),
        drop: (error) => {
          dropped = error;
          reject(error);
        },
      });
      this.#next();
    });
  }

  /** Drops all that waits and aborts the running call. Jobs that come later run as ever, after it. */
  clear(error: AppError): void {
    for (const job of [...this.#urgent.splice(0), ...this.#waiting.splice(0)]) job.drop(error);
    this.#running?.job.drop(error);
    this.#running?.abort?.(error);
  }

  #next(): void {
    if (this.#running !== undefined) return;
    const job = this.#urgent.shift() ?? this.#waiting.shift();
    if (job === undefined) return;
    this.#running = { job };
    void job.run().then(() => {
      this.#running = undefined;
      this.#next();
    });
  }

  async #call<T>(run: (options: CallOptions) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    let giveUp = (_error: AppError): void => undefined;
    const limit = new Promise<never>((_, reject) => {
      giveUp = (error) => {
        reject(error); // first, so that it is the answer and not what the driver makes of the abort
        controller.abort(error);
      };
    });
    let timer = this.#clock.after(LIMIT_MS, () => giveUp(ioTimeout(this.#bus, LIMIT_MS)));
    if (this.#running !== undefined) {
      this.#running.abort = (error) => {
        timer[Symbol.dispose]();
        timer = this.#clock.after(GRACE_MS, () => giveUp(error));
        controller.abort(error);
      };
    }
    try {
      return await Promise.race([run({ signal: controller.signal }), limit]);
    } finally {
      timer[Symbol.dispose]();
      if (this.#running !== undefined) delete this.#running.abort;
    }
  }
}
