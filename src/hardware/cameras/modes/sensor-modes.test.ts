import { describe, expect, test } from 'vitest';
import type { SensorFormat } from '../camera.ts';
import { RESOLUTION_NAMES, resolutionOf, sizeOfResolution } from './resolutions.ts';
import { availableModes, type ModeSensor, modesText, nearestMode, ratesOf } from './sensor-modes.ts';

const discrete = (width: number, height: number, ...rates: number[]) =>
  ({
    kind: 'discrete',
    width,
    height,
    frameIntervals: rates.map((rate) => ({ numerator: 1, denominator: rate })),
  }) as const;
const format = (pixelFormat: string, ...frameSizes: SensorFormat['frameSizes'][number][]) => ({
  pixelFormat,
  description: pixelFormat,
  frameSizes,
});

const webcam: ModeSensor = {
  isColour: true,
  formats: [
    format('YUYV', discrete(640, 480, 30, 15), discrete(1280, 720, 10)),
    format('MJPG', discrete(1280, 720, 30, 5), discrete(1920, 1080, 30)),
    format('XYZ1', discrete(4000, 3000, 5)),
  ],
};
const anySize: ModeSensor = {
  isColour: false,
  formats: [
    format('GREY', {
      kind: 'stepwise',
      minWidth: 64,
      maxWidth: 1280,
      stepWidth: 8,
      minHeight: 48,
      maxHeight: 800,
      stepHeight: 8,
    }),
  ],
  defaultMode: { width: 640, height: 400, frameRate: 30 },
};
const network: ModeSensor = { isColour: true, formats: [] };

test('the names of resolutions stand for sizes, and sizes for names', () => {
  for (const name of RESOLUTION_NAMES) {
    const size = sizeOfResolution(name);
    expect(size && [resolutionOf(size, true), resolutionOf(size, false)], name).toContain(name);
  }
  expect(sizeOfResolution('THE_2_P')).toBeUndefined();
});

test.each([
  [[1920, 1080], true, 'THE_1080_P'],
  [[1440, 1080], true, 'THE_1440X1080'],
  [[960, 720], true, 'THE_720_P'],
  [[5312, 6000], true, 'THE_5312X6000'],
  [[640, 400], false, 'THE_400_P'],
  [[640, 480], true, undefined],
  [[1920, 1080], false, undefined],
] as const)('%j of a sensor with colour %j is %s', (size, isColour, name) => {
  expect(resolutionOf(size, isColour)).toBe(name);
});

describe('the mode of a sensor', () => {
  test('is the nearest it has to what is asked', () => {
    expect(nearestMode(webcam, {})).toEqual({ size: [1280, 720], frameRate: 30 });
    expect(nearestMode(webcam, { width: 640, height: 480, frameRate: 20 })).toEqual({
      size: [640, 480],
      frameRate: 30,
    });
  });

  test('is the choice of its driver where it has one', () => {
    expect(nearestMode(anySize, {})).toEqual({ size: [640, 400], frameRate: 30 });
    expect(nearestMode(anySize, { frameRate: 29.97 }).frameRate).toBe(29.97);
  });

  test('is not known of a sensor that tells no sizes', () => {
    const unknown = { size: [0, 0], frameRate: 0 };
    expect(nearestMode(network, { width: 640, height: 480 })).toEqual(unknown);
    expect(nearestMode({ isColour: true, formats: [format('YUYV')] }, {})).toEqual(unknown);
  });
});

test('the rates of a size are those of all usable pixel formats, or of the one that is configured', () => {
  expect(ratesOf(webcam, {}, [1280, 720])).toEqual({ min: 5, max: 30 });
  expect(ratesOf(webcam, { pixelFormat: 'YUYV' }, [1280, 720])).toEqual({ min: 10, max: 10 });
  expect(ratesOf(webcam, { pixelFormat: 'YUYV' }, [1920, 1080])).toBeUndefined();
  expect(ratesOf(webcam, {}, [4000, 3000])).toBeUndefined();
  expect(ratesOf(anySize, {}, [648, 400])).toEqual({ min: 1, max: 120 });
  expect(ratesOf(anySize, {}, [650, 400])).toBeUndefined();
});

test('lists every size once, smallest first', () => {
  expect(availableModes(webcam, {})).toEqual([
    { width: 640, height: 480, min_fps: 15, max_fps: 30 },
    { width: 1280, height: 720, min_fps: 5, max_fps: 30 },
    { width: 1920, height: 1080, min_fps: 30, max_fps: 30 },
  ]);
  expect(availableModes(network, {})).toEqual([]);
});

test('lists the ends of a range of sizes, the usual ones, and what the sensor does', () => {
  const sizes = availableModes(anySize, { width: 72, height: 56 }).map(({ width, height }) => [
    width,
    height,
  ]);
  expect(sizes[0]).toEqual([64, 48]);
  expect(sizes.at(-1)).toEqual([1280, 800]);
  for (const size of [
    [72, 56],
    [640, 400],
    [640, 480],
    [1280, 720],
  ])
    expect(sizes).toContainEqual(size);
  expect(sizes).not.toContainEqual([1920, 1080]);
});

test('says in words what is possible', () => {
  expect(modesText(webcam, {})).toBe('640×480 at 15 to 30, 1280×720 at 5 to 30, 1920×1080 at 30');
  expect(modesText(anySize, {})).toMatch(/^64×48 at 1 to 120, .*, and sizes between$/);
  expect(modesText(network, {})).toMatch(/^none/);
});
