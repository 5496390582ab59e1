import { execFileSync } from 'node:child_process';
import { afterAll, expect, test } from 'vitest';
import { ChildProcesses } from '../../../core/child-process.ts';
import { type Picture, type PixelFormat, pictureSizeBytes } from '../../../media/picture.ts';
import { IMAGE_FORMATS } from '../encoder.ts';
import { pictureConverter } from './image.ts';

const processes = new ChildProcesses();
const convert = pictureConverter('ffmpeg', processes);
const { signal } = new AbortController();
afterAll(() => processes[Symbol.asyncDispose]());

function picture(pixelFormat: PixelFormat, data?: Uint8Array): Picture {
  const format = { pixelFormat, width: 64, height: 48, frameInterval: { numerator: 1, denominator: 30 } };
  const size = pictureSizeBytes(format) ?? 0;
  // 235 is white in raw video; grey sensors use all values.
  return {
    format,
    data: data ?? Buffer.alloc(size, pixelFormat === 'GREY' ? 255 : 128),
    sequence: 1,
    capturedUs: 5,
  };
}

const JPEG = execFileSync('ffmpeg', [
  ...['-v', 'error', '-f', 'lavfi', '-i', 'color=white:size=64x48', '-frames:v', '1', '-f', 'mjpeg', '-'],
]);

function inspect(image: Uint8Array): string {
  const fields = 'stream=codec_name,width,height';
  return execFileSync('ffprobe', ['-v', 'error', '-show_entries', fields, '-of', 'csv=p=0', '-i', '-'], {
    input: image,
    encoding: 'utf8',
  }).trim();
}

/** Brightness of the first pixel as a screen shows it, 0 to 255. */
function brightness(image: Uint8Array): number | undefined {
  const raw = ['-vf', 'scale=out_range=pc,format=gray', '-f', 'rawvideo', '-'];
  return execFileSync('ffmpeg', ['-v', 'error', '-i', '-', ...raw], { input: image })[0];
}

test.each(['YUYV', 'NV12', 'GREY', 'Z16', 'MJPG'] as const)(
  'a %s picture becomes an image of each kind',
  async (pixels) => {
    for (const [image, codec] of [
      ['jpeg', 'mjpeg'],
      ['png', 'png'],
      ['webp', 'webp'],
    ] as const) {
      const bytes = await convert(picture(pixels, pixels === 'MJPG' ? JPEG : undefined), image, { signal });
      expect(inspect(bytes)).toBe(`${codec},64,48`);
    }
  },
);

test("a camera's own JPEG is returned as it is", async () => {
  const own = picture('MJPG', JPEG);
  expect(await convert(own, 'jpeg', { signal })).toBe(own.data);
});

test.each(IMAGE_FORMATS)('white stays white as %s', async (image) => {
  const white = Buffer.concat([Buffer.alloc(64 * 48, 235), Buffer.alloc((64 * 48) / 2, 128)]);
  expect(brightness(await convert(picture('NV12', white), image, { signal }))).toBeGreaterThanOrEqual(253);
  expect(brightness(await convert(picture('GREY'), image, { signal }))).toBeGreaterThanOrEqual(253);
  expect(brightness(await convert(picture('MJPG', JPEG), image, { signal }))).toBeGreaterThanOrEqual(253);
});

test.each(['CROP', 'STRETCH', 'LETTERBOX'] as const)(
  'an image has the size asked for, odd ones too, fitted by %s',
  async (resize) => {
    for (const [width, height] of [
      [33, 33],
      [101, 20],
    ] as const) {
      for (const [pixels, data] of [
        ['NV12', undefined],
        ['GREY', undefined],
        ['MJPG', JPEG],
      ] as const) {
        const scale = { width, height, resize };
        const bytes = await convert(picture(pixels, data), 'jpeg', { signal, scale });
        expect(inspect(bytes)).toBe(`mjpeg,${width},${height}`);
      }
    }
    const dark = await convert(picture('GREY'), 'png', { signal, scale: { width: 200, height: 20, resize } });
    const isBar = (brightness(dark) ?? 255) < 5;
    expect(isBar).toBe(resize === 'LETTERBOX');
  },
);

test("a camera's own JPEG of the right size is returned as it is", async () => {
  const own = picture('MJPG', JPEG);
  const scale = { width: 64, height: 48, resize: 'CROP' } as const;
  expect(await convert(own, 'jpeg', { signal, scale })).toBe(own.data);
});

/** Depth of 64×48 with these values from the left, one after the other, over and over. */
function depth(values: readonly number[]): Picture {
  const data = Buffer.alloc(64 * 48 * 2);
  for (let pixel = 0; pixel < 64 * 48; pixel++)
    data.writeUInt16LE(values[pixel % values.length] ?? 0, pixel * 2);
  return picture('Z16', data);
}

function decoded(image: Uint8Array, pixels: string): Buffer {
  const raw = ['-f', 'rawvideo', '-pix_fmt', pixels, '-'];
  return execFileSync('ffmpeg', ['-v', 'error', '-i', '-', ...raw], { input: image });
}

const EVERY_BIT = Array.from({ length: 64 * 48 }, (_, index) => (index * 40_503) & 0xffff);

test('PNG of depth has every value as it was, in 16 bits', async () => {
  const own = depth(EVERY_BIT);
  const png = await convert(own, 'png', { signal });
  const [bitDepth, colourType] = png.subarray(24, 26); // of IHDR
  expect([bitDepth, colourType]).toEqual([16, 0]);
  expect(decoded(png, 'gray16le').equals(own.data)).toBe(true);
});

test.each(['CROP', 'STRETCH', 'LETTERBOX'] as const)(
  'PNG of depth in another size, fitted by %s, has values that were there, and 0 in bars',
  async (resize) => {
    const values = EVERY_BIT.map((value) => value | 1);
    const scale = { width: 200, height: 33, resize };
    const png = await convert(depth(values), 'png', { signal, scale });
    const bytes = decoded(png, 'gray16le');
    const seen = new Set(Array.from({ length: 200 * 33 }, (_, pixel) => bytes.readUInt16LE(pixel * 2)));
    expect(bytes.length).toBe(200 * 33 * 2);
    expect(seen.delete(0)).toBe(resize === 'LETTERBOX');
    expect(seen.size).toBeGreaterThan(500);
    expect([...seen].filter((value) => !values.includes(value))).toEqual([]);
  },
);

test.each([
  [0, [0, 0, 0]],
  [1, [255, 0, 0]],
  [200, [255, 0, 0]],
  [1414, [0, 255, 0]],
  [10_000, [0, 0, 255]],
  [65_535, [0, 0, 255]],
] as const)('depth of %i is shown in the colour %j', async (value, colour) => {
  for (const image of ['jpeg', 'webp'] as const) {
    const shown = decoded(await convert(depth([value]), image, { signal }), 'rgb24');
    const far = colour.filter((level, channel) => Math.abs(level - (shown[channel] ?? NaN)) > 6);
    expect(far, `${image}: ${[...shown.subarray(0, 3)]}`).toEqual([]);
  }
});

test('a damaged picture is an error that says so', async () => {
  await expect(convert(picture('MJPG', Buffer.alloc(500, 3)), 'png', { signal })).rejects.toMatchObject({
    code: 'IMAGE_CONVERSION_FAILED',
    message: expect.stringMatching(/MJPG.*png/),
  });
});

test('an abort ends the conversion and its process', async () => {
  const abort = new AbortController();
  const conversion = convert(picture('NV12'), 'png', { signal: abort.signal });
  abort.abort(new Error('client left'));
  await expect(conversion).rejects.toThrow('client left');
  expect(processes.count).toBe(0);
});
