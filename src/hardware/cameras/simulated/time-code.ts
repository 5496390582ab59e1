/*
 * The capture time as a row of 48 square blocks in the top left of a picture, black for 0 and white for 1, to be
 * read back by a machine after coding, scaling, and display. This file imports nothing, so that it also runs in
 * a browser.
 *
 *   | magic 0xA5, 8 bits | capture time, 32 bits | CRC-8, 8 bits |      left to right, most significant bit first
 *
 * Capture time: the low 32 bits of Unix time in microseconds. CRC: polynomial 0x07, initial value 0, over the 40 bits
 * before it. A block's edge is width/64: block n spans x from (8 + n)·width/64 to (9 + n)·width/64 and y from 0 to
 * width/64. Left and right of the row are margins of 8 blocks. Everything hangs on the width, so that a reader of
 * a scaled picture finds the blocks without knowing its first size. The edge is whole for multiples of 64; for
 * other widths block borders are rounded to samples, and readers look at the middle of a block only.
 */
const COLUMNS = 64;
const MARGIN_BLOCKS = 8;
const MAGIC = 0xa5;
const BYTES = 6;
const BLACK = 16;
const WHITE = 235;
/** Least difference between black and white that counts as a code: a quarter of what is drawn. */
const MIN_CONTRAST = 55;
const WRAP = 2 ** 32;

/** Height in samples of the row of blocks. */
export function timeCodeHeight(width: number): number {
  return Math.max(1, Math.floor(width / COLUMNS));
}

/**
 * Draws the code into a luma plane; luma of other samples is left alone.
 * @param stride bytes from one row to the next.
 * @param wallUs Unix time in microseconds.
 * @param step bytes from one sample to the next: 1 in planar formats, 2 in YUYV.
 */
export function drawTimeCode(
  luma: Uint8Array,
  width: number,
  height: number,
  stride: number,
  wallUs: number,
  step = 1,
): void {
  const bytes = encode(wallUs);
  const rows = Math.min(height, timeCodeHeight(width));
  for (let block = 0; block < BYTES * 8; block += 1) {
    const level = bitOf(bytes, block) ? WHITE : BLACK;
    const from = Math.round(((MARGIN_BLOCKS + block) * width) / COLUMNS);
    const to = Math.round(((MARGIN_BLOCKS + block + 1) * width) / COLUMNS);
    for (let y = 0; y < rows; y += 1) {
      const row = y * stride;
      if (step === 1) luma.fill(level, row + from, row + to);
      else for (let x = from; x < to; x += 1) luma[row + x * step] = level;
    }
  }
}

/**
 * Reads the code from a luma plane of any size that shows the whole width of the picture.
 * @param step bytes from one sample to the next: 4 reads the red of a canvas's RGBA, which is as good.
 * @returns the low 32 bits of the capture time in microseconds, or undefined when there is no intact code.
 */
export function readTimeCode(
  luma: Uint8Array | Uint8ClampedArray,
  width: number,
  height: number,
  stride: number,
  step = 1,
): number | undefined {
  const edge = width / COLUMNS;
  if (edge < 1 || height < edge || luma.length < (Math.ceil(edge) - 1) * stride + (width - 1) * step + 1) {
    return undefined;
  }
  const levels = Array.from({ length: BYTES * 8 }, (_, block) =>
    meanOfMiddle(luma, (MARGIN_BLOCKS + block) * edge, edge, stride, step),
  );
  // The magic is known: it says how bright black and white have become.
  const magic = [MAGIC];
  const meanWhere = (bit: boolean) => {
    const known = levels.slice(0, 8).filter((_, block) => bitOf(magic, block) === bit);
    return known.reduce((sum, level) => sum + level, 0) / known.length;
  };
  const white = meanWhere(true);
  const black = meanWhere(false);
  if (white - black < MIN_CONTRAST) return undefined;
  const bytes = new Array<number>(BYTES).fill(0);
  for (const [block, level] of levels.entries()) {
    const place = block >> 3;
    bytes[place] = ((bytes[place] ?? 0) << 1) | (level > (white + black) / 2 ? 1 : 0);
  }
  const [first, a = 0, b = 0, c = 0, d = 0, check] = bytes;
  if (first !== MAGIC || check !== crc8(bytes.slice(0, 5))) return undefined;
  return a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
}

/**
 * The full time that a code stands for: the one nearest to a known time.
 * @param nearWallUs any Unix time in microseconds less than 35 minutes from it.
 */
export function resolveTimeCode(low32: number, nearWallUs: number): number {
  const near = Math.floor(nearWallUs);
  const ahead = (((low32 - near) % WRAP) + WRAP) % WRAP;
  return near + (ahead < WRAP / 2 ? ahead : ahead - WRAP);
}

function encode(wallUs: number): number[] {
  const low32 = Math.floor(wallUs) % WRAP;
  const bytes = [MAGIC, ...[24, 16, 8, 0].map((shift) => Math.floor(low32 / 2 ** shift) & 255)];
  return [...bytes, crc8(bytes)];
}

function bitOf(bytes: readonly number[], bit: number): boolean {
  return (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1;
}

function crc8(bytes: readonly number[]): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x80 ? (crc << 1) ^ 0x07 : crc << 1) & 0xff;
  }
  return crc;
}

/** Mean over the middle half of a block: its borders are blurred by coding and scaling. */
function meanOfMiddle(
  luma: Uint8Array | Uint8ClampedArray,
  left: number,
  edge: number,
  stride: number,
  step: number,
): number {
  // Within a quarter of an edge around the centre, less what rounding of the borders may take.
  const reach = (edge - 1) / 4;
  const top = Math.floor(edge / 2 - reach);
  const bottom = Math.floor(edge / 2 + reach);
  const from = Math.floor(left + edge / 2 - reach);
  const to = Math.floor(left + edge / 2 + reach);
  let sum = 0;
  for (let y = top; y <= bottom; y += 1) {
    for (let x = from; x <= to; x += 1) sum += luma[y * stride + x * step] ?? 0;
  }
  return sum / ((bottom - top + 1) * (to - from + 1));
}
