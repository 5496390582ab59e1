import type { H264Config } from '../../../media/coded.ts';
import {
  accessUnitFromAnnexB,
  accessUnitFromNalUnits,
  codecConfig,
  lengthPrefixedNalUnits,
  parseAvcC,
  withBitstreamRestriction,
} from '../../formats/h264/index.ts';
import { NutDemuxer, type NutPacket, type NutStream } from '../../formats/nut/index.ts';
import { encoderOutputUnexpected } from '../errors.ts';
import { DecodeTimes } from './decode-times.ts';
import type { MediaOutput, OutputListener } from './media-output.ts';

/** Nominal time between pictures where nothing says it: only the first decoding times of reordered streams use it. */
const NOMINAL_DURATION_US = 33_333;

/** What ffmpeg calls H.264: encoders and most inputs, and inputs from MP4 that keep their own tag. */
const H264_FOURCCS: readonly string[] = ['H264', 'h264', 'avc1', 'AVC1', 'X264', 'x264'];
/** First byte of an avcC, which no Annex B stream begins with. */
const AVCC_VERSION = 1;
const AVCC_NAL_LENGTH_BYTES = 4;

/**
 * Reads H.264 that ffmpeg writes as NUT into access units: Annex B with parameter sets in the header or in band,
 * or length-prefixed with an avcC, as it comes from MP4 and FLV.
 */
export class H264Output implements MediaOutput {
  readonly #listener: OutputListener;
  readonly #demuxer: NutDemuxer;
  #stream: NutStream | undefined;
  #isLengthPrefixed = false;
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
    if (!H264_FOURCCS.includes(stream.fourcc)) throw encoderOutputUnexpected(stream.fourcc, 'H264');
    this.#stream = stream;
    this.#decodeTimes = new DecodeTimes(stream.decodeDelay, NOMINAL_DURATION_US);
    if (stream.extradata.length === 0) return;
    this.#isLengthPrefixed = stream.extradata[0] === AVCC_VERSION;
    const { sps, pps } = this.#isLengthPrefixed
      ? readAvcC(stream.extradata)
      : accessUnitFromAnnexB(stream.extradata);
    this.#takeParameterSets(sps, pps);
  }

  #onPacket({ pts, data: bytes }: NutPacket): void {
    const { data, sps, pps, isSync } = this.#isLengthPrefixed
      ? accessUnitFromNalUnits(lengthPrefixedNalUnits(bytes))
      : accessUnitFromAnnexB(bytes);
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

function readAvcC(extradata: Uint8Array) {
  const avcC = parseAvcC(extradata);
  if (avcC.nalLengthBytes === AVCC_NAL_LENGTH_BYTES) return avcC;
  throw encoderOutputUnexpected(`lengths of ${avcC.nalLengthBytes} bytes`, `${AVCC_NAL_LENGTH_BYTES}`);
}

function isEqual(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  return some.length === others.length && some.every((set, index) => isSame(set, others[index]));
}

function isSame(set: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && Buffer.compare(set, other) === 0;
}
