import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { PictureFormat, PixelFormat } from '../../../media/picture.ts';
import { nutFramePrefix, nutHeader } from '../../formats/nut/index.ts';
import type { EncoderSettings } from '../encoder.ts';
import {
  copyInputArguments,
  decodeArguments,
  encodeArguments,
  encodeInputArguments,
  imageArguments,
  jpegArguments,
  transcodeArguments,
} from './arguments.ts';
import { DEPTH_COLOURS } from './depth-colours.ts';

const SETTINGS: EncoderSettings = {
  codec: 'auto',
  bitrateKbps: 0,
  quality: 25,
  gopLength: 0,
  preset: 'veryfast',
  profile: 'baseline',
};
const format = (pixelFormat: PixelFormat): PictureFormat => ({
  pixelFormat,
  width: 320,
  height: 240,
  frameInterval: { numerator: 1, denominator: 25 },
});

/** The part of an encoder's command line that depends on what is asked: device, filters, codec and its options. */
function choice(pixelFormat: PixelFormat, codec: string, settings: Partial<EncoderSettings> = {}): string {
  const line = encodeArguments(
    format(pixelFormat),
    codec,
    { ...SETTINGS, ...settings },
    '/dev/dri/renderD129',
  );
  return line
    .join(' ')
    .replace('-hide_banner -nostdin -nostats -loglevel error ', '')
    .replace('-threads 1 -fpsprobesize 0 -f nut -i pipe:0 ', '')
    .replace('-copyts -fps_mode passthrough -enc_time_base 1:1000000 ', '')
    .replace(' -flush_packets 1 -write_index 0 -f nut pipe:1', '');
}

test.each<[PixelFormat, string, Partial<EncoderSettings>, string]>([
  [
    'YUYV',
    'libx264',
    {},
    '-vf format=yuv420p -c:v libx264 -g 50 -bf 0 -preset veryfast -tune zerolatency -profile:v baseline -sc_threshold 0 -crf 25',
  ],
  [
    'NV12',
    'libx264',
    { gopLength: 1, profile: 'high' },
    '-vf format=nv12 -c:v libx264 -g 1 -bf 0 -preset veryfast -tune zerolatency -profile:v high -sc_threshold 0 -crf 25',
  ],
  [
    'MJPG',
    'libx264',
    { bitrateKbps: 2001 },
    '-vf scale=in_range=pc:out_range=tv,format=yuv420p -c:v libx264 -g 50 -bf 0 -preset veryfast -tune zerolatency -profile:v baseline -sc_threshold 0 -b:v 2001k -maxrate 2001k -bufsize 1001k',
  ],
  [
    'GREY',
    'h264_vaapi',
    {},
    '-vaapi_device /dev/dri/renderD129 -vf scale=in_range=pc:out_range=tv,format=nv12,hwupload -c:v h264_vaapi -g 50 -bf 0 -async_depth 1 -profile:v constrained_baseline -rc_mode CQP -qp 25',
  ],
  [
    'NV12',
    'h264_nvenc',
    { bitrateKbps: 1000, profile: 'main' },
    '-vf format=nv12 -c:v h264_nvenc -g 50 -bf 0 -preset p1 -tune ull -zerolatency 1 -delay 0 -profile:v main -rc cbr -b:v 1000k -maxrate 1000k -bufsize 500k',
  ],
  [
    'NV12',
    'h264_qsv',
    {},
    '-vf format=nv12 -c:v h264_qsv -g 50 -bf 0 -preset veryfast -async_depth 1 -profile:v baseline -global_quality 25',
  ],
  [
    'NV12',
    'h264_rkmpp',
    {},
    '-vf format=nv12 -c:v h264_rkmpp -g 50 -bf 0 -profile:v baseline -rc_mode CQP -qp_init 25',
  ],
  [
    'NV12',
    'h264_v4l2m2m',
    { quality: 23 },
    '-vf format=yuv420p -c:v h264_v4l2m2m -g 50 -bf 0 -b:v 192k -maxrate 192k -bufsize 96k',
  ],
])('%s pictures for %s with %j', (pixelFormat, codec, settings, expected) => {
  expect(choice(pixelFormat, codec, settings)).toBe(expected);
});

test('an input is copied, or encoded with even sides', () => {
  const input = { args: ['-re', '-i', 'film.mp4'], analyzeMs: 1500 };
  const quiet = '-hide_banner -nostdin -nostats -loglevel error';
  const output = '-flush_packets 1 -write_index 0 -f nut pipe:1';
  expect(copyInputArguments(input).join(' ')).toBe(
    `${quiet} -analyzeduration 1500000 -fpsprobesize 0 -re -i film.mp4 -map 0:v:0 -c copy ${output}`,
  );
  expect(encodeInputArguments(input, 'libx264', { ...SETTINGS, gopLength: 7 }, undefined).join(' ')).toBe(
    `${quiet} -thread_type slice -analyzeduration 1500000 -fpsprobesize 0 -re -i film.mp4 -map 0:v:0 ` +
      '-fps_mode passthrough -enc_time_base 1:1000000 ' +
      '-vf scale=trunc(iw/2)*2:trunc(ih/2)*2:out_range=tv,format=yuv420p -c:v libx264 -g 7 -bf 0 ' +
      `-preset veryfast -tune zerolatency -profile:v baseline -sc_threshold 0 -crf 25 ${output}`,
  );
});

test('depth becomes colours before everything else, except in PNG, which has its values', () => {
  const colours = DEPTH_COLOURS.join(',');
  const depth = format('Z16');
  const filtersOf = (args: readonly string[]): string | undefined => args[args.indexOf('-vf') + 1];
  expect(filtersOf(encodeArguments(depth, 'libx264', SETTINGS, undefined))).toBe(
    `${colours},scale=in_range=pc:out_range=tv,format=yuv420p`,
  );
  expect(filtersOf(jpegArguments(depth))).toBe(`${colours},scale=in_range=pc:out_range=pc,format=yuvj420p`);
  for (const args of [decodeArguments(depth), imageArguments(depth, 'jpeg'), imageArguments(depth, 'webp')]) {
    expect(filtersOf(args)?.startsWith(`${colours},scale=`)).toBe(true);
  }
  expect(filtersOf(imageArguments(depth, 'png'))).toBe('format=gray16be');
});

/** What ffmpeg says when it gets these arguments and one picture. */
function run(args: readonly string[], pixelFormat: PixelFormat = 'NV12'): string {
  const picture = Buffer.alloc(320 * 240 * 1.5, 100);
  const input = Buffer.concat([nutHeader(format(pixelFormat)), nutFramePrefix(0, picture.length), picture]);
  return spawnSync('ffmpeg', args, { input, maxBuffer: 1 << 26 }).stderr.toString();
}

test.each(['libx264', 'h264_nvenc', 'h264_qsv', 'h264_vaapi', 'h264_v4l2m2m'])(
  'ffmpeg knows every option given for %s, with quality and with bit rate',
  (codec) => {
    for (const bitrateKbps of [0, 500]) {
      const args = encodeArguments(format('NV12'), codec, { ...SETTINGS, bitrateKbps }, undefined);
      // Without the hardware ffmpeg fails to open the encoder, but not before it has read the options. A device
      // that it is told to open is opened first.
      if (codec === 'h264_vaapi') args.splice(args.indexOf('-vaapi_device'), 2);
      expect(run(args)).not.toMatch(/Unrecognized|not found for|Unable to parse|Undefined constant|Option/i);
    }
  },
);

test('ffmpeg accepts the arguments for JPEG images without a complaint', () => {
  expect(run(jpegArguments(format('NV12')))).toBe('');
  for (const image of ['jpeg', 'png', 'webp'] as const) {
    expect(run(imageArguments(format('NV12'), image))).toBe('');
  }
  expect(transcodeArguments().join(' ')).toContain('-probesize 32');
});
