import type { AccessUnit } from '../media/coded.ts';

export interface GopCacheLimits {
  readonly maxBytes: number;
  /** Longest span from the first to the newest unit, in milliseconds. */
  readonly maxMs: number;
}

/**
 * The newest group of pictures, so that a later reader can show a picture at once.
 *
 * Holds everything since the newest sync sample, or nothing: a group that outgrows a cap is dropped whole, because
 * part of one cannot be decoded, and the cache fills again at the next sync sample.
 */
export class GopCache {
  readonly #limits: GopCacheLimits;
  #units: AccessUnit[] = [];
  #bytes = 0;

  constructor(limits: GopCacheLimits) {
    this.#limits = limits;
  }

  /** From the newest sync sample to the newest unit; empty when there is none to start from. */
  get units(): readonly AccessUnit[] {
    return this.#units;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(unit: AccessUnit): void {
    if (unit.isSync) this.clear();
    else if (this.#units.length === 0) return;
    this.#units.push(unit);
    this.#bytes += unit.data.byteLength;
    const first = this.#units[0] ?? unit;
    const spanMs = ((unit.dtsTicks - first.dtsTicks) / unit.track.timescale) * 1000;
    if (this.#bytes > this.#limits.maxBytes || spanMs > this.#limits.maxMs) this.clear();
  }

  clear(): void {
    this.#units = [];
    this.#bytes = 0;
  }
}
