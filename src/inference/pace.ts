/** Part of the interval that a picture may come early: cameras do not tick like clocks. */
const EARLY = 0.1;

/** Chooses pictures so that there are at most so many per second. */
export class Pace {
  readonly #intervalUs: number;
  #dueUs = 0;

  /** @param fps most pictures per second; undefined: all. */
  constructor(fps: number | undefined) {
    this.#intervalUs = fps === undefined ? 0 : 1e6 / fps;
  }

  /** Whether a picture may be used; it counts as used then. @param capturedUs CLOCK_MONOTONIC. */
  admits(capturedUs: number): boolean {
    if (capturedUs < this.#dueUs - this.#intervalUs * EARLY) return false;
    // From the moment it was due, so that early and late ones even out; not after a pause.
    const isLate = capturedUs - this.#dueUs > this.#intervalUs;
    this.#dueUs = (isLate ? capturedUs : this.#dueUs) + this.#intervalUs;
    return true;
  }
}
