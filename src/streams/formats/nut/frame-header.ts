import { nutInvalid } from '../errors.ts';
import { checksum } from './checksum.ts';
import type { Cursor } from './cursor.ts';
import type { MainHeader, StreamHeader, TimeBase } from './headers.ts';
import { FRAME_FLAGS } from './start-codes.ts';

const MAX_RESERVED_FIELDS = 255;

/** A stream while it is being read. */
export interface StreamState {
  readonly header: StreamHeader;
  /** Timestamp of the last frame, or of the last syncpoint in this stream's ticks. */
  lastPts: number;
}

/** One frame's header. */
export interface FrameHeader {
  readonly stream: StreamState;
  readonly pts: number;
  readonly isKey: boolean;
  /** Bytes that stand before the stored ones; empty for most frames. */
  readonly elided: Uint8Array;
  /** Bytes stored behind the header. */
  readonly storedBytes: number;
}

/** A timestamp from its low bits: the one nearest to the last timestamp. */
function fullPts(lsb: number, lastPts: number, shift: number): number {
  const span = 2 ** shift;
  const lowest = lastPts - Math.floor((span - 1) / 2);
  const offset = (lsb - lowest) % span;
  return lowest + (offset < 0 ? offset + span : offset);
}

function readPts(cursor: Cursor, { header, lastPts }: StreamState): number {
  const coded = cursor.varint('coded pts');
  const span = 2 ** header.msbPtsShift;
  return coded < span ? fullPts(coded, lastPts, header.msbPtsShift) : coded - span;
}

/** What holds of the stream the frame headers stand in. */
export interface FrameContext {
  readonly main: MainHeader;
  readonly streams: readonly (StreamState | undefined)[];
  /** Largest picture accepted, in bytes. */
  readonly maxPacketBytes: number;
}

/**
 * Reads a frame header, frame code first.
 * @returns undefined when the bytes end inside it.
 * @throws AppError FORMAT_NUT_INVALID
 */
export function readFrameHeader(cursor: Cursor, context: FrameContext): FrameHeader | undefined {
  const { main, maxPacketBytes } = context;
  const start = cursor.at;
  const code = main.frameCodes[cursor.byte()];
  if (cursor.isShort) return undefined;
  if (code === undefined || (code.flags & FRAME_FLAGS.invalid) !== 0) {
    throw nutInvalid(`frame code ${cursor.bytes[start]} is not in use`);
  }
  let { flags, streamIndex, headerIndex, reservedCount } = code;
  if ((flags & FRAME_FLAGS.coded) !== 0) flags ^= cursor.varint('coded flags', 0xffff);
  if ((flags & FRAME_FLAGS.streamId) !== 0) streamIndex = cursor.varint('frame stream');
  const stream = context.streams[streamIndex];
  if (stream === undefined) throw nutInvalid(`a frame belongs to stream ${streamIndex}, which has no header`);
  const pts = (flags & FRAME_FLAGS.codedPts) !== 0 ? readPts(cursor, stream) : stream.lastPts + code.ptsDelta;
  let size = code.sizeLsb;
  if ((flags & FRAME_FLAGS.sizeMsb) !== 0) size += code.sizeMultiplier * cursor.varint('frame size');
  if ((flags & FRAME_FLAGS.matchTime) !== 0) cursor.signedVarint('match time delta');
  if ((flags & FRAME_FLAGS.headerIndex) !== 0) headerIndex = cursor.varint('elision header');
  if ((flags & FRAME_FLAGS.reserved) !== 0) {
    reservedCount = cursor.varint('reserved count', MAX_RESERVED_FIELDS);
  }
  for (let rest = reservedCount; rest > 0 && !cursor.isShort; rest--) cursor.varint('reserved field');
  if ((flags & FRAME_FLAGS.checksum) !== 0) {
    for (let rest = 4; rest > 0; rest--) cursor.byte();
    if (!cursor.isShort && checksum(cursor.bytes, start, cursor.at) !== 0) {
      throw nutInvalid('the checksum of a frame header is wrong');
    }
  }
  if (cursor.isShort) return undefined;
  if ((flags & FRAME_FLAGS.sideData) !== 0) throw nutInvalid('a frame has side data, which is not expected');
  if (size > maxPacketBytes)
    throw nutInvalid(`a frame of ${size} bytes, at most ${maxPacketBytes} are expected`);
  const elided = main.elisionHeaders[size > 4096 ? 0 : headerIndex];
  if (elided === undefined) throw nutInvalid(`elision header ${headerIndex} does not exist`);
  const storedBytes = size - elided.length;
  if (storedBytes < 0) throw nutInvalid(`a frame of ${size} bytes is shorter than its elision header`);
  if (!Number.isSafeInteger(pts)) throw nutInvalid(`timestamp ${pts}`);
  return { stream, pts, isKey: (flags & FRAME_FLAGS.key) !== 0, elided, storedBytes };
}

/** Ticks of one time base in another, rounded down, without loss for any safe integer. */
function rescale(ticks: number, from: TimeBase, to: TimeBase): number {
  if (from === to) return ticks;
  const factor = BigInt(from.numerator) * BigInt(to.denominator);
  return Number((BigInt(ticks) * factor) / (BigInt(from.denominator) * BigInt(to.numerator)));
}

/**
 * Applies a syncpoint: its time becomes every stream's last timestamp. Its back pointer serves seeking only.
 * @throws AppError FORMAT_NUT_INVALID
 */
export function applySyncpoint(cursor: Cursor, { main, streams }: FrameContext): void {
  const coded = cursor.varint('syncpoint time');
  if (cursor.isShort) throw nutInvalid('a syncpoint ends too early');
  const count = main.timeBases.length;
  const timeBase = main.timeBases[coded % count];
  if (timeBase === undefined) throw nutInvalid('a syncpoint names no time base');
  for (const stream of streams) {
    if (stream !== undefined) {
      stream.lastPts = rescale(Math.floor(coded / count), timeBase, stream.header.timeBase);
    }
  }
}
