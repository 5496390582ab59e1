import { expect, test } from 'vitest';
import { type PictureFormat, pictureSizeBytes } from '../../../media/picture.ts';
import { PictureRenderer } from './picture-renderer.ts';
import { ballAt, layoutOf } from './scene.ts';
import { readTimeCode } from './time-code.ts';

const frameInterval = { numerator: 1, denominator: 30 };
const COLOUR: PictureFormat = { pixelFormat: 'NV12', width: 1280, height: 720, frameInterval };
const PACKED: PictureFormat = { ...COLOUR, pixelFormat: 'YUYV', width: 640, height: 480 };
const MONO: PictureFormat = { ...COLOUR, pixelFormat: 'GREY', width: 640, height: 400 };
const NOON_US = Date.UTC(2026, 0, 2, 12, 34, 56, 789) * 1000;

interface Shot {
  readonly format?: PictureFormat;
  readonly seed?: number;
  readonly wallUs?: number;
  readonly sequence?: number;
}

function render({ format = COLOUR, seed = 1, wallUs = NOON_US, sequence = 0 }: Shot): Buffer {
  const picture = Buffer.alloc(pictureSizeBytes(format) ?? 0, 77);
  new PictureRenderer(format, 'SIMULATED1 CAM_A', seed).render(picture, wallUs, sequence);
  return picture;
}

test.each([COLOUR, PACKED, MONO])(
  'the same seed, time and number give the same $pixelFormat bytes',
  (format) => {
    expect(render({ format }).equals(render({ format }))).toBe(true);
  },
);

test('seed, time and number each change the picture', () => {
  const first = render({});
  for (const other of [{ seed: 2 }, { wallUs: NOON_US + 33_333 }, { sequence: 1 }]) {
    expect(render(other).equals(first)).toBe(false);
  }
});

test('a picture does not depend on the one drawn before it', () => {
  const renderer = new PictureRenderer(COLOUR, 'SIMULATED1 CAM_A', 1);
  const picture = Buffer.alloc(pictureSizeBytes(COLOUR) ?? 0);
  renderer.render(picture, NOON_US + 400_000, 12);
  renderer.render(picture, NOON_US, 0);
  expect(picture.equals(render({}))).toBe(true);
});

test.each([COLOUR, PACKED, MONO])('a $pixelFormat picture carries its capture time', (format) => {
  const step = format.pixelFormat === 'YUYV' ? 2 : 1;
  const { width, height } = format;
  expect(readTimeCode(render({ format }), width, height, width * step, step)).toBe(NOON_US % 2 ** 32);
});

test('the ball, and nothing else that red, is where its time says', () => {
  for (const wallUs of [NOON_US, NOON_US + 700_000, NOON_US + 2_345_678]) {
    const picture = render({ wallUs });
    const { left, top, width, height } = ballAt(COLOUR.width, COLOUR.height, wallUs);
    const { landscape } = layoutOf(COLOUR.width, COLOUR.height);
    const xs: number[] = [];
    const ys: number[] = [];
    for (let y = landscape.top; y < landscape.top + landscape.height; y += 2) {
      for (let x = 0; x < COLOUR.width; x += 2) {
        const v = picture[COLOUR.width * COLOUR.height + (y / 2) * COLOUR.width + x + 1] ?? 0;
        if (v > 170) {
          xs.push(x);
          ys.push(y);
        }
      }
    }
    // The reddest part is the ball's lit body: it fills most of the box and never leaves it.
    expect(Math.min(...xs)).toBeGreaterThanOrEqual(left);
    expect(Math.max(...xs)).toBeLessThan(left + width);
    expect(Math.min(...ys)).toBeGreaterThanOrEqual(top);
    expect(Math.max(...ys)).toBeLessThan(top + height);
    expect(Math.max(...xs) - Math.min(...xs)).toBeGreaterThan(width * 0.7);
  }
});

test('the ball stays inside the landscape at every size and time', () => {
  for (const [width, height] of [
    [64, 48],
    [640, 400],
    [1280, 720],
    [1920, 1080],
    [1920, 48],
    [64, 1080],
  ] as const) {
    const { landscape } = layoutOf(width, height);
    for (let wallUs = NOON_US; wallUs < NOON_US + 10_000_000; wallUs += 77_777) {
      const ball = ballAt(width, height, wallUs);
      expect(ball.left).toBeGreaterThanOrEqual(0);
      expect(ball.left + ball.width).toBeLessThanOrEqual(width);
      expect(ball.top).toBeGreaterThanOrEqual(landscape.top);
      expect(ball.top + ball.height).toBeLessThanOrEqual(landscape.top + landscape.height);
      expect([ball.left, ball.top, ball.width, ball.height].every((value) => value % 2 === 0)).toBe(true);
    }
  }
});

test('extreme sizes are drawn whole', () => {
  for (const [width, height] of [
    [64, 48],
    [1920, 48],
    [64, 1080],
    [1918, 1078],
  ] as const) {
    for (const { pixelFormat } of [COLOUR, PACKED, MONO]) {
      const format = { pixelFormat, width, height, frameInterval };
      const step = pixelFormat === 'YUYV' ? 2 : 1;
      const picture = render({ format });
      expect(picture).toHaveLength(pictureSizeBytes(format) ?? 0);
      expect(readTimeCode(picture, width, height, width * step, step)).toBe(NOON_US % 2 ** 32);
    }
  }
});

test.each([COLOUR, PACKED, MONO])(
  'brightness changes the mean luma of a $pixelFormat picture, and goes back',
  (format) => {
    const renderer = new PictureRenderer(format, 'SIMULATED1 CAM_A', 1);
    const step = format.pixelFormat === 'YUYV' ? 2 : 1;
    const meanLuma = (): number => {
      const picture = Buffer.alloc(pictureSizeBytes(format) ?? 0);
      renderer.render(picture, NOON_US, 0);
      let sum = 0;
      for (let place = 0; place < format.width * format.height * step; place += step)
        sum += picture[place] ?? 0;
      return sum / (format.width * format.height);
    };
    const usual = meanLuma();
    renderer.brighten(40);
    expect(meanLuma()).toBeGreaterThan(usual + 20);
    renderer.brighten(-40);
    expect(meanLuma()).toBeLessThan(usual - 20);
    renderer.brighten(0);
    expect(meanLuma()).toBe(usual);
  },
);
