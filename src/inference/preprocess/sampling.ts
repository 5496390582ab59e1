import type { InferencePicture } from '../engine.ts';
import type { Placement } from './placement.ts';

/** Bits of a weight: a sample times two weights stays below 2^31. */
export const WEIGHT_BITS = 11;
const ONE = 1 << WEIGHT_BITS;

/**
 * Where the samples for one line of pixels lie along one axis: between two neighbours, as byte offsets, and how much
 * of the second.
 */
export interface AxisTable {
  readonly first: Int32Array;
  readonly second: Int32Array;
  /** Of the second, in 1/2^WEIGHT_BITS. */
  readonly weight: Int32Array;
}

/** A plane of samples and how it is read. */
export interface PlaneTable {
  readonly columns: AxisTable;
  /** Offsets include the start of the plane. */
  readonly rows: AxisTable;
}

/** How to read a picture at the pixels of a placement. */
export interface Sampling {
  readonly luma: PlaneTable;
  /** Of U; V lies `vOffset` bytes behind. Absent in grey pictures. */
  readonly chroma?: PlaneTable & { readonly vOffset: number };
  /** Bytes that the picture must have. */
  readonly sizeBytes: number;
}

/** Chroma lies in the middle of the pixels that share it. */
export function samplingOf(picture: Omit<InferencePicture, 'data'>, placement: Placement): Sampling {
  const { width, height, pixelFormat } = picture;
  const pairs = Math.ceil(width / 2);
  const luma = (step: number): PlaneTable => ({
    columns: axis(placement.width, width, 1, width, step, 0),
    rows: axis(placement.height, height, 1, height, width * step, 0),
  });
  switch (pixelFormat) {
    case 'GREY':
      return { luma: luma(1), sizeBytes: width * height };
    case 'YUYV':
      return {
        luma: luma(2),
        chroma: {
          columns: axis(placement.width, width, 2, pairs, 4, 1),
          rows: axis(placement.height, height, 1, height, width * 2, 0),
          vOffset: 2,
        },
        sizeBytes: width * height * 2,
      };
    case 'NV12': {
      const pairsDown = Math.ceil(height / 2);
      return {
        luma: luma(1),
        chroma: {
          columns: axis(placement.width, width, 2, pairs, 2, 0),
          rows: axis(placement.height, height, 2, pairsDown, pairs * 2, width * height),
          vOffset: 1,
        },
        sizeBytes: width * height + 2 * pairs * pairsDown,
      };
    }
    default:
      return pixelFormat satisfies never;
  }
}

/**
 * @param pixels how many are wanted along the axis.
 * @param size the picture's, in pixels, of which `share` have one sample together.
 * @param samples how many there are, `step` bytes apart, the first at `start`.
 */
function axis(
  pixels: number,
  size: number,
  share: number,
  samples: number,
  step: number,
  start: number,
): AxisTable {
  const table = {
    first: new Int32Array(pixels),
    second: new Int32Array(pixels),
    weight: new Int32Array(pixels),
  };
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    const place = ((pixel + 0.5) * size) / pixels / share - 0.5;
    const clamped = Math.min(samples - 1, Math.max(0, place));
    const first = Math.floor(clamped);
    table.first[pixel] = start + first * step;
    table.second[pixel] = start + Math.min(samples - 1, first + 1) * step;
    table.weight[pixel] = Math.round((clamped - first) * ONE);
  }
  return table;
}
