import type { H264Config } from '../../../media/coded.ts';
import { accessUnitFromAnnexB, codecConfig, withBitstreamRestriction } from '../../formats/h264/index.ts';
import { NutDemuxer, type NutPacket, type NutStream } from '../../formats/nut/index.ts';
import { encoderOutputUnexpected } from '../errors.ts';
import { DecodeTimes } from './decode-times.ts';
import type { MediaOutput, OutputListener } from './media-output.ts';

/** Nominal time between pictures where nothing says it: only the first decoding times of reordered streams use it. */
const NOMINAL_DURATION_US = 33_333;

/** Reads H.264 that ffmpeg writes as NUT (Annex B, parameter sets in the header or in band) into access units. */
export class H264Output implements MediaOutput {
  readonly #listener: OutputListener;
  readonly #demuxer: NutDemuxer;
  #stream: NutStream | undefined;
  #decodeTimes = new DecodeTimes(0, NOMINAL_DURATION_US);
  #sps: readonly Uint8Array[] = [];
  #pps: readonly Uint8Array[] = [];
  #config: H264Config | undefined;

  constructor(listener: OutputListener) {
    this.#listener = listener;
    this.#demuxer = new NutDemuxer({
      onStream: (stream) => this.#onStream(stream),
      onPacket: (packet) => this.#onPacket(packet),
    });
  }

  push(chunk: Uint8Array): void {
    this.#demuxer.push(chunk);
  }

  #onStream(stream: NutStream): void {
    if (stream.fourcc !== 'H264') throw encoderOutputUnexpected(stream.fourcc, 'H264');
    this.#stream = stream;
    this.#decodeTimes = new DecodeTimes(stream.decodeDelay, NOMINAL_DURATION_US);
    if (stream.extradata.length > 0) {
      const { sps, pps } = accessUnitFromAnnexB(stream.extradata);
      this.#takeParameterSets(sps, pps);
    }
  }

  #onPacket({ pts, data: bytes }: NutPacket): void {
    const { data, sps, pps, isSync } = accessUnitFromAnnexB(bytes);
    this.#takeParameterSets(sps, pps);
    // Nothing can be decoded before the parameter sets, and a unit without slices is no picture.
    if (this.#stream === undefined || this.#config === undefined || data.length === 0) return;
    const { numerator, denominator } = this.#stream.timeBase;
    const ptsUs = Math.round(((pts * numerator) / denominator) * 1_000_000);
    this.#listener.onUnit({ data, ptsUs, dtsUs: this.#decodeTimes.next(ptsUs), isSync });
  }

  /** Encoders repeat their parameter sets before each sync sample; only a change is told. */
  #takeParameterSets(sps: readonly Uint8Array[], pps: readonly Uint8Array[]): void {
    const isNew =
      (sps.length > 0 && !isEqual(sps, this.#sps)) || (pps.length > 0 && !isEqual(pps, this.#pps));
    if (!isNew) return;
    if (sps.length > 0) this.#sps = sps.map((set) => Uint8Array.from(set));
    if (pps.length > 0) this.#pps = pps.map((set) => Uint8Array.from(set));
    if (this.#sps.length === 0 || this.#pps.length === 0) return;
    const told =
      this.#stream?.decodeDelay === 0
        ? this.#sps.map((set) =>
            withBitstreamRestriction(set, { maxNumReorderFrames: 0, maxDecFrameBuffering: 1 }),
          )
        : this.#sps;
    this.#config = codecConfig(told, this.#pps);
    this.#listener.onConfig(this.#config);
  }
}

function isEqual(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  return some.length === others.length && some.every((set, index) => isSame(set, others[index]));
}

function isSame(set: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && Buffer.compare(set, other) === 0;
}
