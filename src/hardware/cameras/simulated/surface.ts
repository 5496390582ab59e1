import { type PictureFormat, type PixelFormat, pictureSizeBytes } from '../../../media/picture.ts';
import type { Colour } from './colour.ts';

/**
 * A picture's bytes to draw on, in any of the raw formats; GREY ignores chroma. Drawing outside is cut off. Places
 * and sizes of what carries chroma must be even.
 */
export class Surface {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Bytes from one luma sample to the next. */
  readonly step: 1 | 2;
  /** Bytes from one row of luma to the next. */
  readonly stride: number;
  readonly #pixelFormat: PixelFormat;

  /** @param bytes drawn on in place; a new black picture when absent. */
  constructor(format: PictureFormat, bytes: Uint8Array = new Uint8Array(pictureSizeBytes(format) ?? 0)) {
    this.bytes = bytes;
    this.width = format.width;
    this.height = format.height;
    this.#pixelFormat = format.pixelFormat;
    this.step = format.pixelFormat === 'YUYV' ? 2 : 1;
    this.stride = this.width * this.step;
  }

  fillLuma(left: number, top: number, width: number, height: number, luma: number): void {
    const right = Math.min(this.width, left + width);
    const bottom = Math.min(this.height, top + height);
    const from = Math.max(0, left);
    for (let y = Math.max(0, top); y < bottom; y += 1) {
      const row = y * this.stride;
      if (this.step === 1) this.bytes.fill(luma, row + from, Math.max(row + from, row + right));
      else for (let x = from; x < right; x += 1) this.bytes[row + x * 2] = luma;
    }
  }

  fill(left: number, top: number, width: number, height: number, { y, u, v }: Colour): void {
    this.fillLuma(left, top, width, height, y);
    const from = Math.max(0, left);
    const right = Math.min(this.width, left + width);
    const bottom = Math.min(this.height, top + height);
    for (let row = Math.max(0, top); row < bottom; row += 2) {
      for (let x = from; x < right; x += 2) this.setChroma(x, row, u, v);
    }
  }

  setLuma(x: number, y: number, luma: number): void {
    this.bytes[y * this.stride + x * this.step] = luma;
  }

  /** Sets the chroma of the four samples from (x, y), both even. */
  setChroma(x: number, y: number, u: number, v: number): void {
    const { bytes, stride } = this;
    if (this.#pixelFormat === 'NV12') {
      const place = this.width * this.height + (y / 2) * this.width + x;
      bytes[place] = u;
      bytes[place + 1] = v;
    } else if (this.#pixelFormat === 'YUYV') {
      const place = y * stride + x * 2;
      bytes[place + 1] = u;
      bytes[place + 3] = v;
      bytes[place + stride + 1] = u;
      bytes[place + stride + 3] = v;
    }
  }
}
