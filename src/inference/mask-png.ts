import { crc32, deflateSync } from 'node:zlib';
import type { Detection, Mask } from './result.ts';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const BIT_DEPTH = 8;
const GREYSCALE = 0;
/** Of deflate: masks are large areas of one value, which any level makes small. */
const LEVEL = 1;

/**
 * A segmentation as an image, as Robopipe sends it: 8-bit grey, 0 where nothing was found, N for the pixels of the
 * N-th detection.
 * @returns a PNG file (ISO/IEC 15948).
 */
export function maskPng({ width, height, classes }: Mask, detections: readonly Detection[]): Buffer {
  const numbers = new Uint8Array(256);
  for (const [index, { label }] of detections.entries()) {
    if (index < 255) numbers[label] = index + 1;
  }
  // §7.3: each row behind the number of its filter, 0 for none.
  const rows = new Uint8Array((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      rows[y * (width + 1) + 1 + x] = numbers[classes[y * width + x] ?? 0] ?? 0;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([BIT_DEPTH, GREYSCALE, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: LEVEL })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** §5.3: length, type, data, CRC of type and data. */
function chunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, crc]);
}
