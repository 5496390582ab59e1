import { h264Invalid } from '../errors.ts';

/** Bytes of the length in front of each NAL unit; `lengthSizeMinusOne` of an avcC is one less. */
export const NAL_LENGTH_BYTES = 4;

/**
 * Puts NAL units together as a sample of an `avc1` track: each behind its length, 4 bytes, big-endian.
 * @see ISO/IEC 14496-15 §5.3.2
 */
export function toLengthPrefixed(nalUnits: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const nalUnit of nalUnits) size += NAL_LENGTH_BYTES + nalUnit.length;
  const out = Buffer.allocUnsafe(size);
  let at = 0;
  for (const nalUnit of nalUnits) {
    at = out.writeUInt32BE(nalUnit.length, at);
    out.set(nalUnit, at);
    at += nalUnit.length;
  }
  return out;
}

/**
 * The NAL units of length-prefixed data, as views into it.
 * @throws AppError FORMAT_H264_INVALID while iterating, at a length of zero or one that passes the end.
 */
export function* lengthPrefixedNalUnits(data: Uint8Array): Generator<Uint8Array, void, undefined> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = 0;
  while (at < data.length) {
    if (data.length - at < NAL_LENGTH_BYTES) throw h264Invalid(`a NAL unit length cut off at byte ${at}`);
    const length = view.getUint32(at);
    const start = at + NAL_LENGTH_BYTES;
    if (length === 0 || length > data.length - start) {
      throw h264Invalid(`a NAL unit length of ${length} with ${data.length - start} bytes left`);
    }
    at = start + length;
    yield data.subarray(start, at);
  }
}
