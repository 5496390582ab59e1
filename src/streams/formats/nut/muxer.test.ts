import { execFileSync, spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { type PictureFormat, pictureSizeBytes } from '../../../media/picture.ts';
import { nutFramePrefix, nutHeader } from './muxer.ts';

const JPEG = execFileSync('ffmpeg', [
  ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=64x48', '-frames:v', '1'],
  ...['-f', 'mjpeg', 'pipe:1'],
]);
const ACCESS_UNIT = execFileSync('ffmpeg', [
  ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=64x48', '-frames:v', '1'],
  ...['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-f', 'h264', 'pipe:1'],
]);

/** CLOCK_MONOTONIC of a machine that has been up for 400 days. */
const LONG_UPTIME_US = 400 * 86_400 * 1_000_000 + 123_457;

/** Runs ffprobe over a NUT stream from a pipe, as ffmpeg gets it, and returns packets and everything it complained of. */
function probe(stream: Uint8Array) {
  const { stdout, stderr } = spawnSync(
    'ffprobe',
    [
      ...['-v', 'warning', '-f', 'nut', '-i', 'pipe:0'],
      ...[
        '-show_entries',
        'packet=pts,size:stream=codec_name,pix_fmt,width,height,r_frame_rate',
        '-of',
        'json',
      ],
    ],
    { input: stream, maxBuffer: 1 << 26, encoding: 'utf8' },
  );
  return { ...JSON.parse(stdout), complaints: stderr };
}

test.each([
  ['YUYV', 64, 48, 'rawvideo', 'yuyv422'],
  ['YUYV', 1280, 720, 'rawvideo', 'yuyv422'],
  ['NV12', 64, 48, 'rawvideo', 'nv12'],
  ['GREY', 64, 48, 'rawvideo', 'gray'],
  ['Z16', 64, 48, 'rawvideo', 'gray16le'],
  ['MJPG', 64, 48, 'mjpeg', 'yuvj420p'],
  ['H264', 64, 48, 'h264', 'yuv420p'],
] as const)(
  'ffmpeg reads %s pictures of %i×%i with their exact times and without a complaint',
  (pixelFormat, width, height, codec, pixels) => {
    const format: PictureFormat = {
      pixelFormat,
      width,
      height,
      // Not what the times below come to: the stated rate is the one ffmpeg takes.
      frameInterval: { numerator: 1, denominator: 15 },
    };
    const size = pictureSizeBytes(format);
    const picture =
      size === undefined ? (pixelFormat === 'MJPG' ? JPEG : ACCESS_UNIT) : Buffer.alloc(size, 100);
    // Uneven steps and a pause of five seconds, as a real sensor makes them.
    const times = [0, 33_333, 66_671, 100_000, 5_100_000, 5_133_334].map((step) => LONG_UPTIME_US + step);
    const stream = Buffer.concat([
      nutHeader(format),
      ...times.flatMap((time) => [nutFramePrefix(time, picture.length), picture]),
    ]);
    const { packets, streams, complaints } = probe(stream);
    expect(packets).toEqual(times.map((pts) => ({ pts, size: String(picture.length) })));
    expect(streams).toEqual([{ codec_name: codec, pix_fmt: pixels, width, height, r_frame_rate: '15/1' }]);
    expect(complaints).toBe('');
  },
);
