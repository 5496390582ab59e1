/** How long something took, of the last measurements, in milliseconds. */
export interface DurationStats {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** Measurements that are remembered. */
const CAPACITY = 1000;

/** The distribution of the newest durations. */
export class Durations {
  readonly #us = new Float64Array(CAPACITY);
  #count = 0;

  add(us: number): void {
    this.#us[this.#count % CAPACITY] = us;
    this.#count += 1;
  }

  /** @returns undefined before the first measurement. */
  stats(): DurationStats | undefined {
    const sorted = this.#us.slice(0, Math.min(this.#count, CAPACITY)).sort();
    const at = (share: number): number =>
      Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0) / 1000;
    return sorted.length === 0 ? undefined : { p50: at(0.5), p95: at(0.95), max: at(1) };
  }
}
