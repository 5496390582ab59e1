import { describe, expect, test } from 'vitest';
import { pictureSizeBytes } from '../../media/picture.ts';
import type { InferencePicture, ModelInput } from '../engine.ts';
import { parseModelConfig } from '../parse-model-config.ts';
import { fromHalf } from './half.ts';
import { PictureTensor } from './picture-tensor.ts';
import { place } from './placement.ts';

type Rgb = readonly [number, number, number];

function tensor(input: Partial<ModelInput>, config: Record<string, unknown> = {}): PictureTensor {
  const whole = {
    name: 'images',
    width: 4,
    height: 2,
    channels: 3,
    layout: 'NCHW',
    dataType: 'float32',
  } as const;
  return new PictureTensor({ ...whole, ...input }, parseModelConfig({ type: 'Generic', ...config }));
}

function grey(width: number, height: number, samples: readonly number[]): InferencePicture {
  return { pixelFormat: 'GREY', width, height, data: Uint8Array.from(samples) };
}

/** BT.601 limited range of a colour. */
function yuv([red, green, blue]: Rgb): Rgb {
  const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
  return [
    Math.round(16 + (luma * 219) / 255),
    Math.round(128 + ((blue - luma) / 1.772) * (224 / 255)),
    Math.round(128 + ((red - luma) / 1.402) * (224 / 255)),
  ];
}

/** A picture that is one colour, with a box of another; sides of the box are even. */
function boxed(
  pixelFormat: 'YUYV' | 'NV12',
  [width, height]: readonly [number, number],
  background: Rgb,
  box: { readonly left: number; readonly top: number; readonly size: number; readonly colour: Rgb },
): InferencePicture {
  const frameInterval = { numerator: 1, denominator: 30 };
  const data = new Uint8Array(pictureSizeBytes({ pixelFormat, width, height, frameInterval }) ?? 0);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const isIn = x >= box.left && x < box.left + box.size && y >= box.top && y < box.top + box.size;
      const [luma, u, v] = yuv(isIn ? box.colour : background);
      if (pixelFormat === 'YUYV') {
        data[(y * width + x) * 2] = luma;
        data[(y * width + x) * 2 + 1] = x % 2 === 0 ? u : v;
      } else {
        data[y * width + x] = luma;
        data[width * height + (y >> 1) * width + x] = x % 2 === 0 ? u : v;
      }
    }
  }
  return { pixelFormat, width, height, data };
}

describe('grey pictures', () => {
  const samples = [0, 51, 102, 153, 204, 255, 0, 51];

  test('at the size of the input come as they are, once per channel', () => {
    const input = tensor({});
    input.fill(grey(4, 2, samples));
    const shares = samples.map((sample) => Math.fround(sample / 255));
    expect([...input.data]).toEqual([...shares, ...shares, ...shares]);
    expect(input.shape).toEqual([1, 3, 2, 4]);
  });

  test('at half the width and height become the means of four pixels', () => {
    const input = tensor({ width: 2, height: 1, channels: 1, dataType: 'uint8' });
    input.fill(grey(4, 2, [0, 100, 10, 20, 100, 200, 30, 41]));
    expect([...input.data]).toEqual([100, 25]);
    expect(input.shape).toEqual([1, 1, 1, 2]);
  });

  test('at twice the width are interpolated between neighbours', () => {
    const input = tensor({ width: 4, height: 1, channels: 1, dataType: 'uint8' });
    input.fill(grey(2, 1, [0, 200]));
    expect([...input.data]).toEqual([0, 50, 150, 200]);
  });

  test('letterboxed have 114 around them, also after a picture of other proportions', () => {
    const input = tensor(
      { width: 4, height: 4, channels: 1, dataType: 'uint8' },
      { input: { fit: 'letterbox' } },
    );
    input.fill(grey(2, 4, new Array(8).fill(1)));
    expect(input.fill(grey(4, 2, samples))).toEqual({ left: 0, top: 1, width: 4, height: 2 });
    const padding = [114, 114, 114, 114];
    expect([...input.data]).toEqual([...padding, ...samples, ...padding]);
  });
});

describe('what a sample becomes', () => {
  const white = grey(1, 1, [255]);
  const size = { width: 1, height: 1 };

  test.each([
    ['float32', {}, [1, 1, 1]],
    ['float32', { scale: 1, mean: [5, 15, 25], std: [2, 4, 10] }, [125, 60, 23]],
    ['float32', { scale: 1, mean: [5, 15, 25], channel_order: 'BGR' }, [250, 240, 230]],
    ['uint8', {}, [255, 255, 255]],
    ['uint8', { scale: 0.5, mean: [200, 0, 0] }, [0, 128, 128]],
    ['int8', {}, [127, 127, 127]],
    ['int8', { mean: [-300, 300, 0.6] }, [127, -128, 0]],
  ] as const)('in %s with %j', (dataType, input, expected) => {
    const one = tensor({ ...size, dataType }, { input });
    one.fill(white);
    expect([...one.data]).toEqual(expected);
  });

  test('in float16', () => {
    const one = tensor({ ...size, dataType: 'float16' }, { input: { mean: [0.5, 1, 2] } });
    one.fill(white);
    expect([...one.data].map(fromHalf)).toEqual([0.5, 0, -1]);
  });
});

describe.each(['YUYV', 'NV12'] as const)('%s pictures', (pixelFormat) => {
  const red: Rgb = [220, 30, 20];
  const blue: Rgb = [20, 40, 200];
  const box = { left: 16, top: 8, size: 16, colour: red };

  test.each([
    ['NCHW', 'letterbox', 'RGB'],
    ['NHWC', 'letterbox', 'BGR'],
    ['NCHW', 'stretch', 'BGR'],
    ['NHWC', 'stretch', 'RGB'],
  ] as const)('%s by %s in %s: a coloured square is where it was, in its colour', (layout, fit, order) => {
    const model = { width: 32, height: 32, layout, dataType: 'uint8' } as const;
    const input = tensor(model, { input: { fit, channel_order: order } });
    input.fill(boxed(pixelFormat, [64, 32], blue, box));
    const { left, top, width, height } = place(fit, { width: 64, height: 32 }, model);
    const step = layout === 'NCHW' ? 1 : 3;
    const plane = layout === 'NCHW' ? 32 * 32 : 1;
    const pixelAt = (x: number, y: number): number[] => {
      const at = (y * 32 + x) * step;
      const colour = [input.data[at] ?? -1, input.data[at + plane] ?? -1, input.data[at + 2 * plane] ?? -1];
      return order === 'RGB' ? colour : colour.reverse();
    };
    const isNear = (seen: readonly number[], wanted: Rgb) =>
      seen.every((value, channel) => Math.abs(value - (wanted[channel] ?? 0)) <= 3);
    for (let y = top; y < top + height; y += 1) {
      for (let x = left; x < left + width; x += 1) {
        const inPicture = [((x - left + 0.5) * 64) / width, ((y - top + 0.5) * 32) / height] as const;
        const inside = Math.min(inPicture[0] - 16, 32 - inPicture[0], inPicture[1] - 8, 24 - inPicture[1]);
        // At the border of the box, chroma of both sides mixes.
        if (Math.abs(inside) < 3) continue;
        const wanted = inside > 0 ? red : blue;
        expect([x, y, pixelAt(x, y), isNear(pixelAt(x, y), wanted)]).toEqual([x, y, expect.anything(), true]);
      }
    }
  });

  test('of one colour are that colour, and with too few bytes are refused', () => {
    const input = tensor({ dataType: 'uint8' });
    const picture = boxed(pixelFormat, [2, 2], [255, 255, 255], { ...box, size: 0 });
    input.fill(picture);
    expect(new Set(input.data)).toEqual(new Set([255]));
    expect(() => input.fill({ ...picture, data: picture.data.subarray(1) })).toThrow(/2×2 .* bytes, not/);
  });
});

test('a model of one channel gets the luma of colour pictures over the whole range', () => {
  const input = tensor({ width: 2, height: 2, channels: 1, dataType: 'uint8' });
  const data = Uint8Array.from([16, 235, 16, 235, 90, 240]);
  input.fill({ pixelFormat: 'NV12', width: 2, height: 2, data });
  expect([...input.data]).toEqual([0, 255, 0, 255]);
});
