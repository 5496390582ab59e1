import { expect, test } from 'vitest';
import { FakeClock, settle } from '../../test/support/fake-clock.ts';
import { FakeUnitSource, fakeCodedUnit, fakeConfig, STREAM_SETTINGS } from '../../test/support/fake-media.ts';
import { AppError } from '../core/app-error.ts';
import type { EncoderListener, Transcoder } from './encoders/encoder.ts';
import { LiveSensor } from './live-sensor.ts';

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const config = { kind: 'video', codec: 'jpeg', codecString: 'mjpeg', width: 64, height: 48 } as const;

/** A sensor that gives H.264, whose JPEG images a test makes. */
function makeSensor({ maxReaders = 10 } = {}) {
  const clock = new FakeClock();
  const transcoders: EncoderListener[] = [];
  const transcoder: Transcoder = {
    pid: 1,
    codec: 'fake',
    write: () => undefined,
    feedStats: () => ({ written: 0, skipped: 0 }),
    [Symbol.asyncDispose]: async () => undefined,
  };
  const sources: FakeUnitSource[] = [];
  let refusal: AppError | undefined;
  const unused = (): never => {
    throw new Error('not used here');
  };
  const sensor = new LiveSensor(
    'TEST/CAM_A',
    async (listener) => {
      const source = new FakeUnitSource(listener);
      sources.push(source);
      return source;
    },
    {
      stream: { ...STREAM_SETTINGS, maxReaders },
      encoder: { codec: 'auto', bitrateKbps: 0, quality: 23, gopLength: 0, preset: '', profile: 'main' },
    },
    {
      encoders: { start: unused },
      jpegEncoders: {
        start: unused,
        transcode: (_config, listener) => {
          if (refusal !== undefined) throw refusal;
          transcoders.push(listener);
          return transcoder;
        },
      },
      pictureDecoders: { start: unused, transcode: unused },
      convert: async ({ data }) => data,
      clock,
      log,
      random: () => 0.5,
    },
  );
  const watch = async () => {
    const reader = sensor.jpeg.join('test', { onReadable: () => reader.take(), onClosed: () => undefined });
    await settle();
    sources[0]?.listener.onConfig(fakeConfig());
    transcoders[0]?.onConfig(config);
    return reader;
  };
  const image = (): void => transcoders[0]?.onUnit(fakeCodedUnit(clock.monotonicUs(), true));
  return { sensor, clock, sources, watch, image, refuse: (error?: AppError) => (refusal = error) };
}

test('a still from a running JPEG stream is its next image, however much is cached', async () => {
  const { sensor, clock, watch, image } = makeSensor();
  await watch();
  image();
  await clock.advance(33);
  const still = sensor.still('jpeg', { signal: new AbortController().signal });
  await settle();
  await clock.advance(33);
  const takenUs = clock.wallUsAt(clock.monotonicUs());
  image();
  expect(await still).toMatchObject({ capturedWallUs: takenUs, width: 64 });
});

test('a still that finds no room is refused and leaves nothing behind', async () => {
  const { sensor, clock, watch } = makeSensor({ maxReaders: 1 });
  const reader = await watch();
  await expect(sensor.still('jpeg', { signal: new AbortController().signal })).rejects.toMatchObject({
    code: 'STREAM_TOO_MANY_READERS',
  });
  sensor.jpeg.leave(reader);
  await settle();
  expect(clock.pendingTimers).toBe(0);
});

test('a still whose caller has gone lets the camera go', async () => {
  const { sensor, clock } = makeSensor();
  const caller = new AbortController();
  const still = sensor.still('jpeg', { signal: caller.signal });
  await settle();
  caller.abort();
  await expect(still).rejects.toMatchObject({ code: 'STREAM_CLOSED' });
  await settle();
  expect(sensor.isRunning).toBe(false);
  expect(clock.pendingTimers).toBe(0);
});

test('images that cannot be made leave the H.264 stream of the same source alone', async () => {
  const { sensor, clock, sources, refuse, watch } = makeSensor();
  refuse(new AppError('ENCODER_SPAWN_FAILED', 'unavailable', 'out of processes'));
  await watch();
  const units: unknown[] = [];
  const reader = sensor.video.join('test', {
    onReadable: () => units.push(reader.take()),
    onClosed: () => undefined,
  });
  await settle();
  sources[0]?.listener.onConfig(fakeConfig());
  sources[0]?.listener.onUnit(fakeCodedUnit(clock.monotonicUs(), true));
  expect(units).toHaveLength(1);
  expect(sensor.jpeg.stats()).toMatchObject({ state: 'backoff', problem: { code: 'ENCODER_SPAWN_FAILED' } });
});
