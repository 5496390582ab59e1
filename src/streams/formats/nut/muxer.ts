import type { PictureFormat, PixelFormat } from '../../../media/picture.ts';
import { checksum } from './checksum.ts';
import { FILE_ID, FRAME_FLAGS, MAIN_FLAG_PIPE, START_CODES } from './start-codes.ts';

/*
 * NUT as ffmpeg reads it from a pipe, one video stream, time base 1/1000000:
 *
 *   file id | main header | stream header | info packet | syncpoint | frame | frame | …
 *
 * Version 4 with the pipe flag: without it a reader insists on a syncpoint every 64 KiB, hence before every raw
 * picture, and ffmpeg keeps each syncpoint it reads in memory for ever. Every frame states its whole timestamp
 * and a checksum, so that it depends on nothing before it.
 */
const VERSION = 4;
const MINOR_VERSION = 1;
const MAX_DISTANCE = 65_536;
const TIME_BASE = { numerator: 1, denominator: 1_000_000 };
/** Coded timestamps below 2^shift are relative to the last one; ours are whole and therefore shifted above it. */
const MSB_PTS_SHIFT = 7;
/** The one frame code in use. */
const FRAME_CODE = 1;
const FRAME_CODE_FLAGS = FRAME_FLAGS.key | FRAME_FLAGS.codedPts | FRAME_FLAGS.sizeMsb | FRAME_FLAGS.checksum;

/** NUT fourccs (NUT specification, "nut4cc"); raw ones are ffmpeg's for yuyv422, nv12, gray and gray16le. */
const FOURCCS: Readonly<Record<PixelFormat, string>> = {
  YUYV: 'YUY2',
  NV12: 'NV12',
  GREY: 'Y800',
  Z16: 'Y1\0\x10',
  MJPG: 'MJPG',
  H264: 'H264',
};

/** A non-negative integer in 7-bit groups, most significant first; the top bit says that another group follows. */
function varint(value: number): number[] {
  const groups = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    groups.unshift(128 + (rest % 128));
  }
  return groups;
}

function text(value: string): number[] {
  const bytes = Buffer.from(value);
  return [...varint(bytes.length), ...bytes];
}

function bigEndian32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

/** Start code, forward pointer, content, checksum. Every packet made here is far below the 4096 bytes beyond which the pointer has a checksum of its own. */
function packet(startCode: bigint, content: readonly number[]): Buffer {
  const code = Buffer.alloc(8);
  code.writeBigUInt64BE(startCode);
  const body = Buffer.from(content);
  return Buffer.concat([
    code,
    Buffer.from(varint(body.length + 4)),
    body,
    Buffer.from(bigEndian32(checksum(body))),
  ]);
}

function mainHeader(): Buffer {
  const { invalid } = FRAME_FLAGS;
  const unusedCodes = 253; // 256 without `N` and the two before them
  return packet(START_CODES.main, [
    ...varint(VERSION),
    ...varint(MINOR_VERSION),
    ...varint(1), // streams
    ...varint(MAX_DISTANCE),
    ...varint(1), // time bases
    ...varint(TIME_BASE.numerator),
    ...varint(TIME_BASE.denominator),
    // Frame codes: flags and the number of fields that follow; without fields an entry describes one code.
    ...[...varint(invalid), 0],
    ...[...varint(FRAME_CODE_FLAGS), 0],
    // pts delta, size multiplier, stream, size, reserved, count
    ...[...varint(invalid), 6, 0, 1, 0, 0, 0, ...varint(unusedCodes)],
    0, // elision headers
    ...varint(MAIN_FLAG_PIPE),
  ]);
}

function streamHeader(format: PictureFormat): Buffer {
  return packet(START_CODES.stream, [
    0, // stream id
    0, // class: video
    ...text(FOURCCS[format.pixelFormat]),
    0, // time base id
    MSB_PTS_SHIFT,
    ...varint(TIME_BASE.denominator), // largest timestamp distance without a checksum
    0, // decode delay
    0, // flags
    0, // codec specific data
    ...varint(format.width),
    ...varint(format.height),
    ...[0, 0], // sample aspect ratio unknown
    0, // colour space unknown
  ]);
}

/** The nominal frame rate, which spares ffmpeg guessing it from the first pictures. */
function frameRateInfo({ frameInterval }: PictureFormat): Buffer {
  const stringType = 2; // −1 as a signed value: UTF-8
  return packet(START_CODES.info, [
    1, // stream id plus 1
    ...[0, 0, 0], // chapter id, start, length
    1, // one field
    ...[...text('r_frame_rate'), stringType],
    ...text(`${frameInterval.denominator}/${frameInterval.numerator}`),
  ]);
}

/**
 * What a NUT stream of pictures starts with; frames follow (`nutFramePrefix`). `H264` stands for access units in
 * Annex B with parameter sets in band.
 */
export function nutHeader(format: PictureFormat): Uint8Array {
  const firstSyncpoint = packet(START_CODES.syncpoint, [0, 0]); // time 0, no earlier syncpoint
  return Buffer.concat([FILE_ID, mainHeader(), streamHeader(format), frameRateInfo(format), firstSyncpoint]);
}

/**
 * What stands before the bytes of one picture.
 * @param ptsUs timestamp in microseconds, a non-negative safe integer.
 * @param sizeBytes length of the picture that follows.
 */
export function nutFramePrefix(ptsUs: number, sizeBytes: number): Uint8Array {
  const header = [FRAME_CODE, ...varint(ptsUs + (1 << MSB_PTS_SHIFT)), ...varint(sizeBytes)];
  return Buffer.from([...header, ...bigEndian32(checksum(Buffer.from(header)))]);
}
