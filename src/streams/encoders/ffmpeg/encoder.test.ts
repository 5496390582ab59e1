import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { EncoderRecorder } from '../../../../test/support/encoder-recorder.ts';
import { PictureFeeder } from '../../../../test/support/picture-feeder.ts';
import { ChildProcesses } from '../../../core/child-process.ts';
import type { PictureFormat } from '../../../media/picture.ts';
import type { EncoderSettings } from '../encoder.ts';
import { H264Encoders, probeFfmpeg } from './index.ts';

const NV12: PictureFormat = {
  pixelFormat: 'NV12',
  width: 64,
  height: 48,
  frameInterval: { numerator: 1, denominator: 30 },
};
const MJPG: PictureFormat = { ...NV12, pixelFormat: 'MJPG' };
const SETTINGS: EncoderSettings = {
  codec: 'auto',
  bitrateKbps: 0,
  quality: 23,
  gopLength: 0,
  preset: 'ultrafast',
  profile: 'baseline',
};
/** CLOCK_MONOTONIC of a machine that has been up for 100 days. */
const UPTIME_US = 100 * 86_400 * 1_000_000;

const picture = (index: number): Buffer => Buffer.alloc(64 * 48 * 1.5, 40 + (index % 100));
const jpeg = (colour: string): Buffer =>
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', `color=${colour}:size=64x48`, '-frames:v', '1'],
    ...['-f', 'mjpeg', 'pipe:1'],
  ]);

const processes = new ChildProcesses();
const abort = new AbortController();
let encoders: H264Encoders;
const open: AsyncDisposable[] = [];

beforeAll(async () => {
  const options = { processes, signal: abort.signal };
  encoders = new H264Encoders(await probeFfmpeg('ffmpeg', options), { ...options, devices: [] });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((encoder) => encoder[Symbol.asyncDispose]()));
});
afterAll(() => processes[Symbol.asyncDispose]());

function start(settings: Partial<EncoderSettings> = {}, format = NV12) {
  const recorder = new EncoderRecorder();
  const encoder = encoders.start(format, { ...SETTINGS, ...settings }, recorder);
  open.push(encoder);
  return { encoder, recorder };
}

/** Encodes a number of pictures and returns what came out. */
async function encode(count: number, settings: Partial<EncoderSettings> = {}) {
  const { encoder, recorder } = start(settings);
  const feeder = new PictureFeeder(encoder.takeInput(), NV12);
  for (let index = 0; index < count; index++) await feeder.write(index * 33_333, picture(index));
  feeder.end();
  await recorder.untilExit();
  return recorder;
}

test('each picture comes out as one access unit with its capture time, at once', async () => {
  const { encoder, recorder } = start();
  const feeder = new PictureFeeder(encoder.takeInput(), NV12);
  const times = [0, 33_333, 66_671, 100_000, 5_100_000].map((step) => UPTIME_US + step);
  for (const [index, time] of times.entries()) {
    await feeder.write(time, picture(index));
    await recorder.untilUnits(index + 1); // the next picture is not needed for it
  }
  expect(recorder.units.map(({ ptsUs }) => ptsUs)).toEqual(times);
  expect(recorder.units.map(({ dtsUs }) => dtsUs)).toEqual(times);
  expect(recorder.units.map(({ isSync }) => isSync)).toEqual([true, false, false, false, false]);
  expect(encoder.stats()).toEqual({
    unitsOut: 5,
    bytesOut: recorder.units.reduce((sum, { data }) => sum + data.length, 0),
  });
});

test('the configuration comes before the first unit, once, and tells of no reordering', async () => {
  const recorder = await encode(70, { gopLength: 10 });
  expect(recorder.calls.slice(0, 3)).toEqual(['config', 'unit', 'unit']);
  expect(recorder.configs).toMatchObject([
    { codec: 'h264', codecString: 'avc1.42C00A', width: 64, height: 48 },
  ]);
});

test.each([
  [1, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
  [5, [0, 5, 10]],
  [0, [0, 60]],
])('with a GOP length of %i the sync samples are those at %j', async (gopLength, expected) => {
  const last = expected.at(-1) ?? 0;
  const { units } = await encode(last + 1, { gopLength });
  const sync = units.flatMap(({ isSync }, index) => (isSync ? [index] : []));
  expect(sync).toEqual(expected);
});

test('a damaged JPEG loses its own unit and shifts no other time', async () => {
  const { encoder, recorder } = start({}, MJPG);
  const feeder = new PictureFeeder(encoder.takeInput(), MJPG);
  const images = ['red', 'blue', 'green'].map(jpeg);
  for (let index = 0; index < 12; index++) {
    const image = images[index % 3] ?? Buffer.alloc(0);
    await feeder.write(UPTIME_US + index * 40_000, index === 5 ? Buffer.alloc(300, 7) : image);
  }
  feeder.end();
  await recorder.untilExit();
  const expected = [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11].map((index) => UPTIME_US + index * 40_000);
  expect(recorder.units.map(({ ptsUs }) => ptsUs)).toEqual(expected);
});

test('JPEG, whose values span 0 to 255, becomes video of 16 to 235', async () => {
  const { encoder, recorder } = start({ quality: 1 }, MJPG);
  const feeder = new PictureFeeder(encoder.takeInput(), MJPG);
  await feeder.write(0, jpeg('white'));
  await recorder.untilUnits(1);
  const [config] = recorder.configs;
  const startCode = Buffer.from([0, 0, 0, 1]);
  const sets = config?.codec === 'h264' ? [...config.sps, ...config.pps] : [];
  const unit = Buffer.from(recorder.units[0]?.data ?? []);
  for (let at = 0; at < unit.length; ) {
    const length = unit.readUInt32BE(at);
    unit.set(startCode, at);
    at += 4 + length;
  }
  const decoded = execFileSync('ffmpeg', ['-v', 'error', '-f', 'h264', '-i', '-', '-f', 'rawvideo', '-'], {
    input: Buffer.concat([...sets.flatMap((set) => [startCode, set]), unit]),
  });
  expect(decoded[0]).toBe(235);
});

test('a bit rate is held', async () => {
  const { encoder, recorder } = start({ bitrateKbps: 300, gopLength: 30 });
  const feeder = new PictureFeeder(encoder.takeInput(), NV12);
  // Noise that no encoder can predict, always the same.
  let state = 1;
  const noise = () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return (state >> 16) & 255;
  };
  const seconds = 3;
  for (let index = 0; index < 30 * seconds; index++) {
    await feeder.write(index * 33_333, Buffer.from(Array.from({ length: 64 * 48 * 1.5 }, noise)));
  }
  feeder.end();
  await recorder.untilExit();
  const kbps = (encoder.stats().bytesOut * 8) / 1000 / seconds;
  expect(kbps).toBeGreaterThan(150);
  expect(kbps).toBeLessThan(450);
});

test('an encoder that is killed says so once', async () => {
  const { encoder, recorder } = start();
  const feeder = new PictureFeeder(encoder.takeInput(), NV12);
  await feeder.write(0, picture(0));
  await recorder.untilUnits(1);
  process.kill(encoder.pid, 'SIGKILL');
  const error = await recorder.untilExit();
  expect(error).toMatchObject({ code: 'ENCODER_EXITED', kind: 'unavailable' });
  expect(error.message).toContain('SIGKILL');
  await encoder[Symbol.asyncDispose]();
  expect(recorder.exits).toHaveLength(1);
});

test('an encoder that cannot work says why', async () => {
  const { encoder, recorder } = start({ preset: 'nonsense' });
  const feeder = new PictureFeeder(encoder.takeInput(), NV12);
  await feeder.write(0, picture(0));
  expect((await recorder.untilExit()).message).toMatch(/exit code 1.*nonsense/s);
});

test('an encoder that does not exist is refused before anything is started', () => {
  expect(() => start({ codec: 'h264_imaginary' })).toThrow(
    expect.objectContaining({
      code: 'ENCODER_UNAVAILABLE',
      message: expect.stringMatching(/h264_imaginary.*libx264/),
    }),
  );
  expect(processes.count).toBe(0);
});

test('a disposed encoder is gone, and silent', async () => {
  const { encoder, recorder } = start();
  const feeder = new PictureFeeder(encoder.takeInput(), NV12);
  await feeder.write(0, picture(0));
  await recorder.untilUnits(1);
  const startedMs = performance.now();
  await encoder[Symbol.asyncDispose]();
  expect(performance.now() - startedMs).toBeLessThan(1000);
  expect(() => process.kill(encoder.pid, 0)).toThrow();
  expect(recorder.exits).toEqual([]);
  feeder.end();
});

test('50 starts and stops leave no descriptor and no process behind', async () => {
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const round = async () => {
    const recorder = new EncoderRecorder();
    const encoder = encoders.start(NV12, SETTINGS, recorder);
    const feeder = new PictureFeeder(encoder.takeInput(), NV12);
    await feeder.write(0, picture(0));
    await recorder.untilUnits(1);
    feeder.end();
    await encoder[Symbol.asyncDispose]();
    expect(recorder.exits).toEqual([]);
  };
  await round();
  const before = descriptors();
  for (let count = 0; count < 25; count++) await Promise.all([round(), round()]);
  expect(descriptors()).toBeLessThanOrEqual(before + 2); // sockets of the feeders close a moment later
  expect(processes.count).toBe(0);
  expect(readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim()).toBe('');
}, 60_000);

test('an encoder nobody feeds is stopped as well, and its input is given back', async () => {
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const before = descriptors();
  const { encoder } = start();
  await encoder[Symbol.asyncDispose]();
  expect(descriptors()).toBe(before);
});
