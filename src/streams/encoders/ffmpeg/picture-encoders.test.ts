import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { EncoderRecorder } from '../../../../test/support/encoder-recorder.ts';
import { PictureFeeder } from '../../../../test/support/picture-feeder.ts';
import { ChildProcesses } from '../../../core/child-process.ts';
import type { CodedUnit, H264Config } from '../../../media/coded.ts';
import { type PictureFormat, pictureSizeBytes } from '../../../media/picture.ts';
import { H264Encoders, jpegEncoders, pictureDecoders, probeFfmpeg } from './index.ts';

const processes = new ChildProcesses();
const encoders = jpegEncoders('ffmpeg', processes);
const decoders = pictureDecoders('ffmpeg', processes);
const open: AsyncDisposable[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((encoder) => encoder[Symbol.asyncDispose]()));
});
afterAll(() => processes[Symbol.asyncDispose]());

const UPTIME_US = 100 * 86_400 * 1_000_000;
const format = (pixelFormat: PictureFormat['pixelFormat']): PictureFormat => ({
  pixelFormat,
  width: 320,
  height: 240,
  frameInterval: { numerator: 1, denominator: 30 },
});

let config: H264Config;
let units: CodedUnit[];
beforeAll(async () => {
  const options = { processes, signal: new AbortController().signal };
  const h264 = new H264Encoders(await probeFfmpeg('ffmpeg', options), { ...options, devices: [] });
  const recorder = new EncoderRecorder();
  const settings = { codec: 'auto', bitrateKbps: 0, quality: 23, gopLength: 5, preset: 'ultrafast' } as const;
  const encoder = h264.start(format('NV12'), { ...settings, profile: 'baseline' }, recorder);
  const feeder = new PictureFeeder(encoder.takeInput(), format('NV12'));
  for (let index = 0; index < 15; index++) {
    await feeder.write(UPTIME_US + index * 33_333, Buffer.alloc(320 * 240 * 1.5, index * 10));
  }
  feeder.end();
  await recorder.untilExit();
  units = recorder.units;
  const [first] = recorder.configs;
  if (first?.codec !== 'h264') throw new Error('no H.264 came out');
  config = first;
});

const isJpeg = ({ data }: CodedUnit): boolean => data[0] === 0xff && data[1] === 0xd8 && data.at(-1) === 0xd9;

test.each(['YUYV', 'NV12', 'GREY', 'Z16'] as const)(
  '%s pictures come out as JPEG images at once, with their times',
  async (pixels) => {
    const recorder = new EncoderRecorder();
    const encoder = encoders.start(format(pixels), recorder);
    open.push(encoder);
    const feeder = new PictureFeeder(encoder.takeInput(), format(pixels));
    for (let index = 0; index < 4; index++) {
      await feeder.write(UPTIME_US + index * 33_333, Buffer.alloc(pictureSizeBytes(format(pixels)) ?? 0, 90));
      await recorder.untilUnits(index + 1);
    }
    expect(recorder.configs).toEqual([
      { kind: 'video', codec: 'jpeg', codecString: 'mjpeg', width: 320, height: 240 },
    ]);
    expect(recorder.calls[0]).toBe('config');
    expect(recorder.units.map(({ ptsUs }) => ptsUs - UPTIME_US)).toEqual([0, 33_333, 66_666, 99_999]);
    expect(recorder.units.every(isJpeg)).toBe(true);
  },
);

test('access units come out as JPEG images at once, from the first sync sample on', async () => {
  const recorder = new EncoderRecorder();
  const transcoder = encoders.transcode(config, recorder);
  open.push(transcoder);
  for (const unit of units.slice(2, 5)) transcoder.write(unit);
  for (const [index, unit] of units.slice(5, 11).entries()) {
    transcoder.write(unit);
    await recorder.untilUnits(index + 1);
  }
  expect(recorder.units.map(({ ptsUs }) => ptsUs)).toEqual(units.slice(5, 11).map(({ ptsUs }) => ptsUs));
  expect(recorder.units.every(isJpeg)).toBe(true);
  expect(transcoder.feedStats()).toEqual({ written: 6, skipped: 0 });
});

test('a transcoder that is too slow goes on at a later sync sample', async () => {
  const recorder = new EncoderRecorder();
  const transcoder = encoders.transcode(config, recorder);
  open.push(transcoder);
  const at = (round: number): CodedUnit[] =>
    units.map((unit) => ({ ...unit, ptsUs: unit.ptsUs + round * 1_000_000 }));
  for (const unit of at(0)) transcoder.write(unit);
  await recorder.untilUnits(15);
  process.kill(transcoder.pid, 'SIGSTOP');
  let round = 1;
  // NAL units of filler make the units large enough to fill pipe and queue soon.
  const filler = Buffer.alloc(50_000, 0xff);
  filler.writeUInt32BE(filler.length - 4);
  filler[4] = 12;
  while (transcoder.feedStats().skipped === 0) {
    for (const unit of at(round)) transcoder.write({ ...unit, data: Buffer.concat([unit.data, filler]) });
    round += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  process.kill(transcoder.pid, 'SIGCONT');
  const { written } = transcoder.feedStats();
  await recorder.untilUnits(written);
  const last = at(round);
  for (const unit of last.slice(1)) transcoder.write(unit);
  await recorder.untilUnits(written + 10);
  // The five units before the next sync sample were skipped, the ten from it on were not.
  expect(recorder.units.slice(written).map(({ ptsUs }) => ptsUs)).toEqual(
    last.slice(5).map(({ ptsUs }) => ptsUs),
  );
});

test('a disposed transcoder is gone, and silent', async () => {
  const recorder = new EncoderRecorder();
  const transcoder = encoders.transcode(config, recorder);
  for (const unit of units) transcoder.write(unit);
  await recorder.untilUnits(1);
  await transcoder[Symbol.asyncDispose]();
  expect(() => process.kill(transcoder.pid, 0)).toThrow();
  expect(recorder.exits).toEqual([]);
  expect(processes.count).toBe(0);
});

test('JPEG pictures come out as raw pictures at once, with their times', async () => {
  const images = new EncoderRecorder();
  const encoder = encoders.start(format('GREY'), images);
  open.push(encoder);
  const pictures = new PictureFeeder(encoder.takeInput(), format('GREY'));
  await pictures.write(UPTIME_US, Buffer.alloc(320 * 240, 200));
  await images.untilUnits(1);
  const image = images.units[0]?.data ?? new Uint8Array();

  const recorder = new EncoderRecorder();
  const decoder = decoders.start(format('MJPG'), recorder);
  open.push(decoder);
  const feeder = new PictureFeeder(decoder.takeInput(), format('MJPG'));
  for (let index = 0; index < 3; index++) {
    await feeder.write(UPTIME_US + index * 33_333, Buffer.from(image));
    await recorder.untilUnits(index + 1);
  }
  expect(recorder.configs).toEqual([
    { kind: 'video', codec: 'raw', codecString: 'raw', pixelFormat: 'NV12', width: 320, height: 240 },
  ]);
  expect(recorder.units.map(({ ptsUs }) => ptsUs - UPTIME_US)).toEqual([0, 33_333, 66_666]);
  const [first] = recorder.units;
  expect(first?.data.length).toBe(320 * 240 * 1.5);
  expect(Math.abs((first?.data[0] ?? 0) - (16 + (200 * 219) / 255))).toBeLessThanOrEqual(2); // 0..255 became 16..235
});

test('depth comes out as raw pictures in colours, at once', async () => {
  const recorder = new EncoderRecorder();
  const decoder = decoders.start(format('Z16'), recorder);
  open.push(decoder);
  const feeder = new PictureFeeder(decoder.takeInput(), format('Z16'));
  const far = Buffer.alloc(320 * 240 * 2);
  for (let at = 0; at < far.length; at += 2) far.writeUInt16LE(10_000, at);
  for (const [index, data] of [far, Buffer.alloc(far.length)].entries()) {
    await feeder.write(UPTIME_US + index * 33_333, data);
    await recorder.untilUnits(index + 1);
  }
  const lumaAndU = recorder.units.map(({ data }) => [data[0], data[320 * 240]]);
  expect(lumaAndU).toEqual([
    [41, 240], // blue, BT.601
    [16, 128], // black: nothing measured
  ]);
});

test('access units come out as raw pictures at once, from the first sync sample on', async () => {
  const recorder = new EncoderRecorder();
  const decoder = decoders.transcode(config, recorder);
  open.push(decoder);
  for (const [index, unit] of units.slice(0, 6).entries()) {
    decoder.write(unit);
    await recorder.untilUnits(index + 1);
  }
  expect(recorder.units.map(({ ptsUs }) => ptsUs)).toEqual(units.slice(0, 6).map(({ ptsUs }) => ptsUs));
  expect(recorder.units.every(({ data }) => data.length === 320 * 240 * 1.5)).toBe(true);
});
