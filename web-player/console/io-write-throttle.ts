/** About ten writes a second while a slider moves. */
const INTERVAL_MS = 100;

/** The page's timers, or a test's. */
export interface ThrottleTimers {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  after(ms: number, run: () => void): void;
}

const PAGE_TIMERS: ThrottleTimers = {
  now: () => performance.now(),
  after: (ms, run) => {
    setTimeout(run, ms);
  },
};

/** Sends the newest value of many: one at a time, at intervals, and the last one always. */
export class WriteThrottle<T> {
  readonly #send: (value: T) => Promise<unknown>;
  readonly #onIdle: () => void;
  readonly #timers: ThrottleTimers;
  #waiting: { readonly value: T } | undefined;
  #state: 'idle' | 'sending' | 'resting' = 'idle';
  #sentAtMs = Number.NEGATIVE_INFINITY;

  /**
   * @param send must not reject.
   * @param onIdle called when everything has been sent and answered.
   */
  constructor(send: (value: T) => Promise<unknown>, onIdle: () => void, timers = PAGE_TIMERS) {
    this.#send = send;
    this.#onIdle = onIdle;
    this.#timers = timers;
  }

  get isIdle(): boolean {
    return this.#state === 'idle';
  }

  push(value: T): void {
    this.#waiting = { value };
    if (this.#state === 'idle') this.#next();
  }

  #next(): void {
    if (this.#waiting === undefined) {
      this.#state = 'idle';
      this.#onIdle();
      return;
    }
    const restMs = this.#sentAtMs + INTERVAL_MS - this.#timers.now();
    if (restMs > 0) {
      this.#state = 'resting';
      this.#timers.after(restMs, () => this.#next());
      return;
    }
    const { value } = this.#waiting;
    this.#waiting = undefined;
    this.#state = 'sending';
    this.#sentAtMs = this.#timers.now();
    void this.#send(value).then(() => this.#next());
  }
}
