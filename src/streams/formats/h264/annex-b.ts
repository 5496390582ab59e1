import { h264Invalid } from '../errors.ts';

const START_CODE_PREFIX = Uint8Array.of(0, 0, 1);

/** Bounds what hostile bytes can make us allocate; encoders cut a picture into tens of slices at most. */
const MAX_NAL_UNITS = 10_000;

/**
 * Cuts a byte stream into its NAL units, without start codes or the zeros around them.
 * @param data whole NAL units in byte stream format, starting with a start code; empty gives none.
 * @returns views into `data`.
 * @throws AppError FORMAT_H264_INVALID for bytes before the first start code, or too many NAL units.
 * @see ITU-T H.264 Annex B
 */
export function splitAnnexB(data: Uint8Array): Uint8Array[] {
  // Buffer's search runs in C++; Uint8Array has none for more than one byte.
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const nalUnits: Uint8Array[] = [];
  let startCode = bytes.indexOf(START_CODE_PREFIX);
  if (endOfNalUnit(bytes, 0, startCode < 0 ? bytes.length : startCode) > 0) {
    throw h264Invalid('bytes before the first start code of a byte stream');
  }
  while (startCode >= 0) {
    const start = startCode + START_CODE_PREFIX.length;
    startCode = bytes.indexOf(START_CODE_PREFIX, start);
    const end = endOfNalUnit(bytes, start, startCode < 0 ? bytes.length : startCode);
    if (end === start) continue;
    if (nalUnits.length === MAX_NAL_UNITS) throw h264Invalid(`more than ${MAX_NAL_UNITS} NAL units together`);
    nalUnits.push(data.subarray(start, end));
  }
  return nalUnits;
}

/** A NAL unit never ends in a zero byte: what follows it are trailing_zero_8bits, or the zero_byte of a start code. */
function endOfNalUnit(bytes: Uint8Array, start: number, end: number): number {
  let last = end;
  while (last > start && bytes[last - 1] === 0) last -= 1;
  return last;
}
