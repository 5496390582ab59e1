import { isobmffInvalid } from '../errors.ts';
import type { Box } from './box-reader.ts';
import { unixUsFromNtp } from './ntp.ts';

/*
 * The values of the boxes that a fragment consists of. Every function throws AppError FORMAT_ISOBMFF_INVALID when
 * the box ends too early or a 64-bit field is beyond 2^53.
 */

/** `mfhd`, ISO/IEC 14496-12 §8.8.5. */
interface MovieFragmentHeader {
  readonly sequenceNumber: number;
}

/** `tfhd`, ISO/IEC 14496-12 §8.8.7. */
interface TrackFragmentHeader {
  readonly trackId: number;
  readonly isDefaultBaseMoof: boolean;
  readonly baseDataOffset?: number;
  readonly sampleDescriptionIndex?: number;
  readonly defaultSampleDuration?: number;
  readonly defaultSampleSize?: number;
  readonly defaultSampleFlags?: number;
}

/** `tfdt`, ISO/IEC 14496-12 §8.8.12, in the track's ticks. */
interface TrackFragmentDecodeTime {
  readonly version: number;
  readonly baseMediaDecodeTime: number;
}

/** One sample of a `trun`; what is absent is the default of `tfhd` or `trex`. */
interface TrackRunSample {
  readonly duration?: number;
  readonly size?: number;
  readonly flags?: number;
  readonly compositionTimeOffset?: number;
}

/** `trun`, ISO/IEC 14496-12 §8.8.8. */
interface TrackRun {
  readonly version: number;
  /** From the first byte of the `moof`. */
  readonly dataOffset?: number;
  readonly firstSampleFlags?: number;
  readonly samples: readonly TrackRunSample[];
}

/** `prft`, ISO/IEC 14496-12 §8.16.5. */
interface ProducerReferenceTime {
  readonly version: number;
  /** Which moment of production it is; 24 is that of capture. */
  readonly flags: number;
  readonly referenceTrackId: number;
  /** Unix time in microseconds. */
  readonly wallUs: number;
  /** The same moment in the track's ticks. */
  readonly mediaTime: number;
}

/** A `trun` without fields per sample could claim any number of them. */
const MAX_SAMPLES = 100_000;

export function readMfhd(box: Box): MovieFragmentHeader {
  const fields = new Fields(box);
  return { sequenceNumber: fields.u32() };
}

export function readTfhd(box: Box): TrackFragmentHeader {
  const fields = new Fields(box);
  return {
    trackId: fields.u32(),
    isDefaultBaseMoof: fields.has(0x020000),
    ...(fields.has(0x01) && { baseDataOffset: fields.u64() }),
    ...(fields.has(0x02) && { sampleDescriptionIndex: fields.u32() }),
    ...(fields.has(0x08) && { defaultSampleDuration: fields.u32() }),
    ...(fields.has(0x10) && { defaultSampleSize: fields.u32() }),
    ...(fields.has(0x20) && { defaultSampleFlags: fields.u32() }),
  };
}

export function readTfdt(box: Box): TrackFragmentDecodeTime {
  const fields = new Fields(box);
  return {
    version: fields.version,
    baseMediaDecodeTime: fields.version === 0 ? fields.u32() : fields.u64(),
  };
}

export function readTrun(box: Box): TrackRun {
  const fields = new Fields(box);
  const sampleCount = fields.u32();
  if (sampleCount > MAX_SAMPLES) throw isobmffInvalid(`a trun of ${sampleCount} samples`);
  return {
    version: fields.version,
    ...(fields.has(0x001) && { dataOffset: fields.i32() }),
    ...(fields.has(0x004) && { firstSampleFlags: fields.u32() }),
    samples: Array.from({ length: sampleCount }, () => ({
      ...(fields.has(0x100) && { duration: fields.u32() }),
      ...(fields.has(0x200) && { size: fields.u32() }),
      ...(fields.has(0x400) && { flags: fields.u32() }),
      ...(fields.has(0x800) && { compositionTimeOffset: fields.version === 0 ? fields.u32() : fields.i32() }),
    })),
  };
}

export function readPrft(box: Box): ProducerReferenceTime {
  const fields = new Fields(box);
  return {
    version: fields.version,
    flags: fields.flags,
    referenceTrackId: fields.u32(),
    wallUs: unixUsFromNtp({ seconds: fields.u32(), fraction: fields.u32() }),
    mediaTime: fields.version === 0 ? fields.u32() : fields.u64(),
  };
}

/** Reads the fields of a full box one after another. */
class Fields {
  readonly version: number;
  readonly flags: number;
  readonly #type: string;
  readonly #view: DataView;
  #at = 0;

  constructor(box: Box) {
    this.#type = box.type;
    this.#view = new DataView(box.body.buffer, box.body.byteOffset, box.body.byteLength);
    const versionAndFlags = this.u32();
    this.version = versionAndFlags >>> 24;
    this.flags = versionAndFlags & 0xffffff;
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  u64(): number {
    const value = this.#view.getBigUint64(this.#take(8));
    if (value > Number.MAX_SAFE_INTEGER) throw isobmffInvalid(`${value} in ${this.#type}, beyond 2^53`);
    return Number(value);
  }

  #take(length: number): number {
    const at = this.#at;
    if (length > this.#view.byteLength - at)
      throw isobmffInvalid(`a ${this.#type} that ends within its fields`);
    this.#at = at + length;
    return at;
  }
}
