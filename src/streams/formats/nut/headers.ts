import { nutInvalid } from '../errors.ts';
import type { Cursor } from './cursor.ts';
import { FRAME_FLAGS, START_CODE_BYTE } from './start-codes.ts';

/** Bounds of what is accepted; ffmpeg's own output stays far below each. */
const MAX_STREAMS = 16;
const MAX_TIME_BASES = 64;
const MAX_ELISION_HEADERS = 128;
const MAX_TIME_BASE_PART = 2 ** 31;
const MAX_EXTRADATA_BYTES = 1 << 16;
const MAX_SIDE_PIXELS = 1 << 16;

/** Seconds per tick as a fraction. */
export interface TimeBase {
  readonly numerator: number;
  readonly denominator: number;
}

/** What one byte at the start of a frame stands for. */
export interface FrameCode {
  readonly flags: number;
  readonly streamIndex: number;
  readonly ptsDelta: number;
  readonly sizeMultiplier: number;
  readonly sizeLsb: number;
  readonly reservedCount: number;
  readonly headerIndex: number;
}

/** NUT main header. */
export interface MainHeader {
  readonly streamCount: number;
  readonly timeBases: readonly TimeBase[];
  /** 256 entries, by frame code. */
  readonly frameCodes: readonly FrameCode[];
  /** Bytes that frames may leave out at their start; entry 0 is empty. */
  readonly elisionHeaders: readonly Uint8Array[];
}

/** NUT stream header. */
export interface StreamHeader {
  readonly streamIndex: number;
  /** Four (or two) characters: `H264`, `mp4v`, … */
  readonly fourcc: string;
  readonly timeBase: TimeBase;
  /** Codec specific data as the muxer had it; empty when there is none. */
  readonly extradata: Uint8Array;
  /** Pictures a decoder holds back for reordering: 0 when decoding order is presentation order. */
  readonly decodeDelay: number;
  /** Coded size; 0 × 0 for anything but video. */
  readonly width: number;
  readonly height: number;
  /** Bits of a timestamp that are coded relative to the last one. */
  readonly msbPtsShift: number;
}

const INVALID_CODE: FrameCode = {
  flags: FRAME_FLAGS.invalid,
  streamIndex: 0,
  ptsDelta: 0,
  sizeMultiplier: 1,
  sizeLsb: 0,
  reservedCount: 0,
  headerIndex: 0,
};

/**
 * The frame code table: runs of codes that differ only in their size's low part. Each run gives its flags, how
 * many of its fields follow, and those fields; pts delta, multiplier, stream and elision header carry over.
 */
function readFrameCodes(cursor: Cursor, streamCount: number): FrameCode[] {
  const codes: FrameCode[] = [];
  let ptsDelta = 0;
  let sizeMultiplier = 1;
  let streamIndex = 0;
  let headerIndex = 0;
  while (codes.length < 256) {
    const flags = cursor.varint('frame code flags', 0xffff);
    const fields = cursor.varint('frame code fields', 32);
    if (fields > 0) ptsDelta = cursor.signedVarint('pts delta');
    if (fields > 1) sizeMultiplier = cursor.varint('size multiplier', 0xffff);
    if (fields > 2) streamIndex = cursor.varint('frame code stream', streamCount - 1);
    const sizeLsb = fields > 3 ? cursor.varint('size', 0xffff) : 0;
    const reservedCount = fields > 4 ? cursor.varint('reserved count', 0xff) : 0;
    const count = fields > 5 ? cursor.varint('frame code count', 256) : sizeMultiplier - sizeLsb;
    if (fields > 6) cursor.signedVarint('match time delta');
    if (fields > 7) headerIndex = cursor.varint('elision header', MAX_ELISION_HEADERS - 1);
    for (let extra = 8; extra < fields; extra++) cursor.varint('reserved field');
    const free = 256 - codes.length - (codes.length <= START_CODE_BYTE ? 1 : 0);
    if (count <= 0 || count > free) {
      throw nutInvalid(`${count} frame codes from ${codes.length} on, 1 to ${free} are expected`);
    }
    for (let index = 0; index < count; index++) {
      if (codes.length === START_CODE_BYTE) codes.push(INVALID_CODE);
      codes.push({
        flags,
        streamIndex,
        ptsDelta,
        sizeMultiplier,
        sizeLsb: sizeLsb + index,
        reservedCount,
        headerIndex,
      });
    }
    if (codes.length === START_CODE_BYTE) codes.push(INVALID_CODE);
  }
  return codes;
}

/**
 * Reads a main header; what follows its known fields is reserved and left unread.
 * @throws AppError FORMAT_NUT_INVALID
 */
export function readMainHeader(cursor: Cursor): MainHeader {
  const version = cursor.varint('version');
  if (version < 2 || version > 4) throw nutInvalid(`version ${version}, 2 to 4 are expected`);
  if (version > 3) cursor.varint('minor version');
  const streamCount = cursor.varint('stream count', MAX_STREAMS);
  if (streamCount === 0) throw nutInvalid('no streams are announced');
  cursor.varint('max distance');
  const timeBases: TimeBase[] = [];
  for (let rest = cursor.varint('time base count', MAX_TIME_BASES); rest > 0; rest--) {
    const numerator = cursor.varint('time base numerator', MAX_TIME_BASE_PART);
    const denominator = cursor.varint('time base denominator', MAX_TIME_BASE_PART);
    if (numerator === 0 || denominator === 0) throw nutInvalid(`time base ${numerator}/${denominator}`);
    timeBases.push({ numerator, denominator });
  }
  if (timeBases.length === 0) throw nutInvalid('no time base is given');
  const frameCodes = readFrameCodes(cursor, streamCount);
  const elisionHeaders: Uint8Array[] = [new Uint8Array(0)];
  if (cursor.at < cursor.end) {
    for (let rest = cursor.varint('elision header count', MAX_ELISION_HEADERS - 1); rest > 0; rest--) {
      elisionHeaders.push(cursor.take(cursor.varint('elision header length', 255)));
    }
  }
  if (cursor.isShort) throw nutInvalid('the main header ends too early');
  return { streamCount, timeBases, frameCodes, elisionHeaders };
}

const CLASS_VIDEO = 0;

/**
 * Reads a stream header.
 * @throws AppError FORMAT_NUT_INVALID
 */
export function readStreamHeader(cursor: Cursor, main: MainHeader): StreamHeader {
  const streamIndex = cursor.varint('stream id', main.streamCount - 1);
  const streamClass = cursor.varint('stream class', 3);
  const fourcc = Buffer.from(cursor.take(cursor.varint('fourcc length', 4))).toString('latin1');
  const timeBase = main.timeBases[cursor.varint('time base id', main.timeBases.length - 1)];
  if (timeBase === undefined) throw nutInvalid('a stream names no time base');
  const msbPtsShift = cursor.varint('pts shift', 15);
  cursor.varint('max pts distance');
  const decodeDelay = cursor.varint('decode delay', 999);
  cursor.varint('stream flags');
  const extradata = cursor.take(cursor.varint('extradata length', MAX_EXTRADATA_BYTES));
  const isVideo = streamClass === CLASS_VIDEO;
  const width = isVideo ? cursor.varint('width', MAX_SIDE_PIXELS) : 0;
  const height = isVideo ? cursor.varint('height', MAX_SIDE_PIXELS) : 0;
  if (cursor.isShort) throw nutInvalid('a stream header ends too early');
  return { streamIndex, fourcc, timeBase, extradata, decodeDelay, width, height, msbPtsShift };
}
