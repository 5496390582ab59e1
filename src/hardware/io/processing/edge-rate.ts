/** Edges, or readings of a counter, that the rate is taken from. */
const LENGTH = 32;
/** How long after an edge's stamp it may be told of: until then the next one is not overdue. */
const DELIVERY_US = 100_000;
/** Silence of this many intervals, and `SILENCE_US`, is a rate of 0. */
const SILENT_INTERVALS = 10;
const SILENCE_US = 1_000_000;

/** Edges per second, from the stamps of the last ones. */
export class EdgeRate {
  readonly #stampsUs = new Float64Array(LENGTH);
  readonly #edges = new Float64Array(LENGTH);
  /** Sum of `#edges`. */
  #sum = 0;
  #count = 0;
  #next = 0;
  #lastUs = 0;

  /**
   * @param stampUs on the edge's own clock, in microseconds.
   * @param atUs the same moment on CLOCK_MONOTONIC.
   * @param edges how many there were since the last call.
   */
  add(stampUs: number, atUs: number, edges = 1): void {
    if (this.#isSilent(atUs)) {
      this.#count = 0;
      this.#sum = 0;
    }
    if (this.#count === LENGTH) this.#sum -= this.#edges[this.#next] ?? 0;
    else this.#count += 1;
    this.#stampsUs[this.#next] = stampUs;
    this.#edges[this.#next] = edges;
    this.#sum += edges;
    this.#next = (this.#next + 1) % LENGTH;
    this.#lastUs = atUs;
  }

  /** Falls once the next edge is overdue, and is 0 after ten intervals and a second without one. */
  hz(nowUs: number): number {
    const intervalUs = this.#intervalUs();
    if (!(intervalUs > 0) || this.#isSilent(nowUs)) return 0;
    const elapsedUs = nowUs - this.#lastUs;
    const spanUs = elapsedUs > intervalUs + DELIVERY_US ? elapsedUs : intervalUs;
    return (this.#meanEdges() * 1e6) / spanUs;
  }

  #isSilent(nowUs: number): boolean {
    return this.#count > 1 && nowUs - this.#lastUs > SILENT_INTERVALS * this.#intervalUs() + SILENCE_US;
  }

  /** From one call to the next, on average; 0 while there have not been two. */
  #intervalUs(): number {
    if (this.#count < 2) return 0;
    const last = this.#stampsUs[(this.#next + LENGTH - 1) % LENGTH] ?? 0;
    return (last - this.#oldest(this.#stampsUs)) / (this.#count - 1);
  }

  /** Edges from one call to the next, on average. Those of the oldest came before its stamp. */
  #meanEdges(): number {
    return (this.#sum - this.#oldest(this.#edges)) / (this.#count - 1);
  }

  #oldest(ring: Float64Array): number {
    return ring[(this.#next + LENGTH - this.#count) % LENGTH] ?? 0;
  }
}
