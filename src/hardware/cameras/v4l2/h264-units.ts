import { type CodecConfig, isSameConfig } from '../../../media/coded.ts';
import type { SourceListener } from '../../../media/source.ts';
import { accessUnitFromAnnexB, codecConfig } from '../../../streams/formats/h264/index.ts';

/** One coded picture as a camera delivers it. */
export interface CodedPicture {
  /** One access unit in Annex B form. */
  readonly data: Uint8Array;
  readonly capturedUs: number;
  /** A picture before this one is missing. */
  readonly hasGap: boolean;
}

/**
 * Turns a camera's H.264 into access units and their decoder configuration. Units that cannot be decoded, because
 * an earlier one is missing or no parameter sets have come yet, are left out.
 */
export class H264Units {
  readonly #listener: Pick<SourceListener, 'onConfig' | 'onUnit'>;
  #config: CodecConfig | undefined;
  #needsSync = true;
  #lastUs = Number.NEGATIVE_INFINITY;
  #dropped = 0;

  constructor(listener: Pick<SourceListener, 'onConfig' | 'onUnit'>) {
    this.#listener = listener;
  }

  /** Pictures left out so far. */
  get dropped(): number {
    return this.#dropped;
  }

  push({ data, capturedUs, hasGap }: CodedPicture): void {
    this.#needsSync ||= hasGap;
    const unit = this.#read(data);
    if (unit === undefined || (this.#needsSync && !unit.isSync)) {
      this.#needsSync = true;
      this.#dropped += 1;
      return;
    }
    if (unit.data.length === 0) return; // parameter sets in a buffer of their own
    this.#needsSync = false;
    // Capture times stand still for pictures taken faster than the clock can tell; decoding times may not.
    this.#lastUs = Math.max(capturedUs, this.#lastUs + 1);
    this.#listener.onUnit({
      data: unit.data,
      ptsUs: this.#lastUs,
      dtsUs: this.#lastUs,
      isSync: unit.isSync,
    });
  }

  /** @returns undefined for a unit that makes no sense, or comes before the first parameter sets. */
  #read(data: Uint8Array): { data: Uint8Array; isSync: boolean } | undefined {
    try {
      const { sps, pps, ...unit } = accessUnitFromAnnexB(data);
      if (sps.length > 0 && pps.length > 0) this.#announce(codecConfig(sps, pps));
      return this.#config === undefined ? undefined : unit;
    } catch {
      return undefined;
    }
  }

  #announce(config: CodecConfig): void {
    if (this.#config !== undefined && isSameConfig(this.#config, config)) return;
    this.#config = config;
    this.#listener.onConfig(config);
  }
}
