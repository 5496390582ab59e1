/** Media and arrival may drift apart by this much before media time is taken to have jumped. */
const LARGEST_DRIFT_US = 1_000_000;

/**
 * Places an input's own media time on CLOCK_MONOTONIC: anchored where a unit arrived, on the input's cadence from
 * there on, so that the jitter of the network does not show, and anchored anew when media time jumps.
 */
export class InputClock {
  #offsetUs: number | undefined;

  /** Makes this media time the present. */
  anchor(mediaUs: number, nowUs: number): void {
    this.#offsetUs = nowUs - mediaUs;
  }

  /** @returns what to add to the media times of a unit decoded at `mediaUs` and arriving now. */
  offsetUs(mediaUs: number, nowUs: number): number {
    const offsetUs = this.#offsetUs;
    if (offsetUs !== undefined && Math.abs(mediaUs + offsetUs - nowUs) <= LARGEST_DRIFT_US) return offsetUs;
    this.anchor(mediaUs, nowUs);
    return nowUs - mediaUs;
  }
}
