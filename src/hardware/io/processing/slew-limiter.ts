/** Keeps an analog output from changing faster than it may. */
export class SlewLimiter {
  readonly #perSecond: number;

  /** @param perSecond fastest change, in the output's unit per second; above 0. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** The value to write next on the way from `from` to `to`, `elapsedUs` after `from` was written. Never overshoots. */
  next(from: number, to: number, elapsedUs: number): number {
    const most = (this.#perSecond * Math.max(0, elapsedUs)) / 1e6;
    if (Math.abs(to - from) <= most) return to;
    return to > from ? from + most : from - most;
  }
}
