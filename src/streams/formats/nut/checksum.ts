/** CRC-32 of polynomial 0x04C11DB7, most significant bit first, start value 0, as NUT headers carry it. */
const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  return crc;
});

/**
 * The checksum over `bytes[start, end)`, as an unsigned number that stands big-endian in the stream.
 * Over bytes followed by their own checksum it is 0.
 */
export function checksum(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = 0;
  for (let at = start; at < end; at++) {
    // Both indexes are in range by construction: `at < end`, and a byte is below 256.
    crc = (crc << 8) ^ (TABLE[(crc >>> 24) ^ (bytes[at] as number)] as number);
  }
  return crc >>> 0;
}
