const FIRST_MS = 250;
const FACTOR = 2;
const LONGEST_MS = 10_000;

/** Waits between attempts: doubling, capped at 10 s, each shortened at random by up to a half. */
export class RetrySchedule {
  readonly #random: () => number;
  #attempts = 0;

  /** @param random a number in [0, 1), as Math.random. */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    const waitMs = Math.min(LONGEST_MS, FIRST_MS * FACTOR ** this.#attempts);
    this.#attempts += 1;
    return waitMs * (1 - this.#random() / 2);
  }

  /** An attempt succeeded. */
  reset(): void {
    this.#attempts = 0;
  }
}
