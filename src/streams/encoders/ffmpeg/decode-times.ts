/**
 * Derives decoding times for units that carry presentation times only, in decoding order.
 *
 * Without reordering both are equal. With a delay of n pictures, a unit is decoded at the earliest presentation
 * time that it, or one of the n units before it, still has to give: decoding times are the presentation times in
 * sorted order, n pictures late. The first n units, for which no such time exists yet, come one nominal picture
 * apart before it.
 */
export class DecodeTimes {
  readonly #delay: number;
  readonly #waiting: number[] = [];
  #count = 0;
  #durationUs: number;
  #lastUs = Number.NEGATIVE_INFINITY;

  /**
   * @param delay pictures a decoder holds back, 0 for none.
   * @param durationUs nominal time between pictures, for the first units.
   */
  constructor(delay: number, durationUs: number) {
    this.#delay = delay;
    this.#durationUs = durationUs;
  }

  /** @returns the decoding time of the next unit: never above its presentation time, always rising. */
  next(ptsUs: number): number {
    if (this.#delay === 0) return ptsUs;
    this.#waiting.push(ptsUs);
    this.#waiting.sort((a, b) => a - b);
    const missing = this.#delay - this.#count;
    this.#count += 1;
    const earliestUs = this.#waiting[0] ?? ptsUs;
    const dtsUs = missing > 0 ? earliestUs - missing * this.#durationUs : earliestUs;
    if (missing <= 0) this.#waiting.shift();
    this.#lastUs = Math.max(this.#lastUs + 1, dtsUs);
    return Math.min(this.#lastUs, ptsUs);
  }
}
