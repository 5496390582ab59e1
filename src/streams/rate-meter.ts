const WINDOW_US = 2_000_000;

/** Units and bytes per second over the last two seconds. */
export class RateMeter {
  #samples: { readonly atUs: number; readonly bytes: number }[] = [];

  add(atUs: number, bytes: number): void {
    this.#samples.push({ atUs, bytes });
    this.#forget(atUs);
  }

  /** @returns rates rounded to one decimal (units) and to whole kbit/s. */
  rates(nowUs: number): { frameRate: number; bitrateKbps: number } {
    this.#forget(nowUs);
    const first = this.#samples[0];
    if (first === undefined || this.#samples.length < 2) return { frameRate: 0, bitrateKbps: 0 };
    const spanUs = Math.max(nowUs - first.atUs, 1);
    const bytes = this.#samples.reduce((sum, sample) => sum + sample.bytes, 0);
    return {
      frameRate: Math.round(((this.#samples.length - 1) / spanUs) * 1e7) / 10,
      bitrateKbps: Math.round((bytes * 8000) / spanUs),
    };
  }

  #forget(nowUs: number): void {
    const keep = this.#samples.findIndex(({ atUs }) => atUs > nowUs - WINDOW_US);
    if (keep !== 0) this.#samples = keep < 0 ? [] : this.#samples.slice(keep);
  }
}
