import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PictureFormat } from '../../../media/picture.ts';
import { PictureRenderer } from './picture-renderer.ts';
import { drawTimeCode, readTimeCode, resolveTimeCode } from './time-code.ts';

const WRAP = 2 ** 32;
/** Unix times in microseconds from 1970 to 2100. */
const wallTimes = fc.integer({ min: 0, max: 4_102_444_800_000_000 });

function codedLuma(width: number, height: number, wallUs: number, step = 1): Uint8Array {
  const luma = new Uint8Array(width * height * step).fill(90);
  drawTimeCode(luma, width, height, width * step, wallUs, step);
  return luma;
}

test('every time comes back from every width', () => {
  fc.assert(
    fc.property(wallTimes, fc.integer({ min: 64, max: 1920 }), (wallUs, width) => {
      const luma = codedLuma(width, 32, wallUs);
      expect(readTimeCode(luma, width, 32, width)).toBe(wallUs % WRAP);
    }),
  );
});

test('the code is read from interleaved samples too', () => {
  fc.assert(
    fc.property(wallTimes, fc.constantFrom(2, 4), (wallUs, step) => {
      const luma = codedLuma(640, 12, wallUs, step);
      expect(readTimeCode(luma, 640, 12, 640 * step, step)).toBe(wallUs % WRAP);
    }),
  );
});

test('a known time gives the documented blocks', () => {
  const luma = codedLuma(64, 1, 0x12345678);
  const bits = Array.from(luma.subarray(8, 56), (level) => (level === 235 ? '1' : '0')).join('');
  // magic, time, and the remainder of A5 12 34 56 78 by x^8+x^2+x+1, from long division by other means
  expect(bits).toBe('10100101' + '00010010001101000101011001111000' + '00000010');
});

test('a code with one wrong block is refused', () => {
  fc.assert(
    fc.property(wallTimes, fc.integer({ min: 0, max: 47 }), (wallUs, block) => {
      const luma = codedLuma(64, 1, wallUs);
      luma[8 + block] = luma[8 + block] === 235 ? 16 : 235;
      expect(readTimeCode(luma, 64, 1, 64)).toBeUndefined();
    }),
  );
});

test('other pictures, of any size and length, hold no code and do no harm', () => {
  const sizes = fc.integer({ min: 0, max: 300 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), sizes, sizes, sizes, (luma, width, height, stride) => {
      const code = readTimeCode(luma, width, height, stride);
      // One in 65536 random strips would carry magic and CRC: then it is at least a 32-bit number.
      if (code !== undefined) expect(code).toBeLessThan(WRAP);
    }),
  );
});

test('the full time is found from a time at most 35 minutes away', () => {
  const away = fc.integer({ min: -2_100_000_000, max: 2_100_000_000 });
  fc.assert(
    fc.property(fc.integer({ min: WRAP, max: 4_102_444_800_000_000 }), away, (wallUs, distance) => {
      expect(resolveTimeCode(wallUs % WRAP, wallUs + distance)).toBe(wallUs);
    }),
  );
});

describe('through an H.264 encoder at crf 30', () => {
  const frameInterval = { numerator: 1, denominator: 30 };
  const sensors: [string, PictureFormat, string][] = [
    ['colour', { pixelFormat: 'NV12', width: 1280, height: 720, frameInterval }, 'nv12'],
    ['mono', { pixelFormat: 'GREY', width: 640, height: 400, frameInterval }, 'gray'],
  ];
  const scales = { 'at its own size': 1, 'at half size': 0.5, 'at two thirds, between samples': 2 / 3 };
  for (const [name, format, pixFmt] of sensors) {
    for (const [title, scale] of Object.entries(scales)) {
      test(`the ${name} sensor's code survives ${title}`, () => {
        const times = Array.from({ length: 8 }, (_, index) => 1_764_000_000_123_456 + index * 33_333);
        const width = 2 * Math.round((format.width * scale) / 2);
        const height = 2 * Math.round((format.height * scale) / 2);
        const luma = throughX264(format, pixFmt, times, width, height);
        const codes = times.map((_, index) => {
          const plane = luma.subarray(index * width * height, (index + 1) * width * height);
          return readTimeCode(plane, width, height, width);
        });
        expect(codes).toEqual(times.map((wallUs) => wallUs % WRAP));
      });
    }
  }
});

/** Renders pictures, codes and decodes them, scales what came out, and gives the luma planes. */
function throughX264(
  format: PictureFormat,
  pixFmt: string,
  times: readonly number[],
  width: number,
  height: number,
): Buffer {
  const renderer = new PictureRenderer(format, 'SIMULATED1 CAM_A', 1);
  const sizeBytes = format.width * format.height * (format.pixelFormat === 'NV12' ? 1.5 : 1);
  const pictures = times.map((wallUs, index) => {
    const picture = new Uint8Array(sizeBytes);
    renderer.render(picture, wallUs, index);
    return picture;
  });
  const maxBuffer = 1 << 26;
  const size = `${format.width}x${format.height}`;
  const raw = ['-f', 'rawvideo', '-pix_fmt', pixFmt, '-s', size, '-r', '30', '-i', '-'];
  const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-crf', '30'];
  const coded = execFileSync(
    'ffmpeg',
    ['-v', 'error', ...raw, '-pix_fmt', 'yuv420p', ...x264, '-f', 'h264', '-'],
    { input: Buffer.concat(pictures), maxBuffer },
  );
  const scaled = ['-vf', `scale=${width}:${height}`, '-pix_fmt', 'gray'];
  return execFileSync('ffmpeg', ['-v', 'error', '-f', 'h264', '-i', '-', ...scaled, '-f', 'rawvideo', '-'], {
    input: coded,
    maxBuffer,
  });
}
