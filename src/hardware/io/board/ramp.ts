import { SlewLimiter } from '../processing/index.ts';

/** Shortest time between two steps. */
const STEP_US = 20_000;

/** Where an analog output is on its way to a value that it must approach slowly. */
export class Ramp {
  readonly #limiter: SlewLimiter;
  #value: number | undefined;
  #atUs = 0;
  #isMoving = false;

  /** @param perSecond fastest change, in the output's unit per second. */
  constructor(perSecond: number) {
    this.#limiter = new SlewLimiter(perSecond);
  }

  /** Where the output is, is not known. */
  get isLost(): boolean {
    return this.#value === undefined;
  }

  /** When the next step is due, CLOCK_MONOTONIC in microseconds. */
  get nextUs(): number {
    return this.#atUs + STEP_US;
  }

  /** The value to write next. The way is counted from what was written, not from what the hardware made of it. */
  next(to: number, nowUs: number): number {
    if (this.#value === undefined) return to;
    const elapsedUs = this.#isMoving ? nowUs - this.#atUs : STEP_US;
    const value = this.#limiter.next(this.#value, to, elapsedUs);
    this.#isMoving = value !== to;
    return value;
  }

  reached(value: number, nowUs: number): void {
    this.#value = value;
    this.#atUs = nowUs;
  }

  lose(): void {
    this.#value = undefined;
    this.#isMoving = false;
  }
}
