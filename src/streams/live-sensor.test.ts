import { expect, test } from 'vitest';
import { FakeClock, settle } from '../../test/support/fake-clock.ts';
import { FakeEncoders, FakeSource, STREAM_SETTINGS } from '../../test/support/fake-media.ts';
import { AppError } from '../core/app-error.ts';
import type { Picture } from '../media/picture.ts';
import { LiveSensor } from './live-sensor.ts';

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const refusal = new AppError('SOURCE_FAILED', 'unavailable', 'the camera refuses this size');
const { signal } = new AbortController();

/** A picture source whose pictures a test makes. */
class WatchedSource extends FakeSource {
  readonly watchers = new Set<(picture: Picture) => void>();

  override watch(onPicture?: (picture: Picture) => void): Disposable {
    if (onPicture !== undefined) this.watchers.add(onPicture);
    return { [Symbol.dispose]: () => undefined };
  }

  show(capturedUs: number): void {
    const picture = { format: this.format, data: Uint8Array.of(1), sequence: 1, capturedUs };
    for (const watcher of this.watchers) watcher(picture);
  }
}

function makeSensor() {
  const clock = new FakeClock();
  const encoders = new FakeEncoders();
  const sources: WatchedSource[] = [];
  let open = async (): Promise<void> => undefined;
  const unused = (): never => {
    throw new Error('not used here');
  };
  const sensor = new LiveSensor(
    'TEST/CAM_A',
    async (listener, { signal }) => {
      await open();
      signal.throwIfAborted();
      const source = new WatchedSource(listener);
      sources.push(source);
      return source;
    },
    {
      stream: STREAM_SETTINGS,
      encoder: { codec: 'auto', bitrateKbps: 0, quality: 23, gopLength: 0, preset: '', profile: 'main' },
    },
    {
      encoders,
      jpegEncoders: { start: unused, transcode: unused },
      pictureDecoders: { start: unused, transcode: unused },
      convert: async ({ data }) => data,
      clock,
      log,
      random: () => 0.5,
    },
  );
  const join = () => {
    const closed: unknown[] = [];
    const reader = sensor.video.join('test', {
      onReadable: () => reader.take(),
      onClosed: (reason) => closed.push(reason),
    });
    return { closed, leave: () => sensor.video.leave(reader) };
  };
  return { sensor, clock, encoders, sources, join, onOpen: (next: () => Promise<void>) => (open = next) };
}

test('a sensor that nobody uses is not opened for a new configuration', async () => {
  const { sensor, sources } = makeSensor();
  await sensor.reopen();
  expect(sources).toHaveLength(0);
});

test('a source is reopened when it is open again, and its readers are still there', async () => {
  const { sensor, sources, encoders, clock, join } = makeSensor();
  const { closed, leave } = join();
  await settle();
  encoders.newest.begin(clock.monotonicUs());
  await sensor.reopen();
  expect(sources.map(({ isOpen }) => isOpen)).toEqual([false, true]);
  await settle();
  encoders.newest.begin(clock.monotonicUs());
  expect(sensor.video.stats()).toMatchObject({ state: 'live', restarts: 1 });
  expect(closed).toEqual([]);
  leave();
  await settle();
  expect(sources.map(({ isOpen }) => isOpen)).toEqual([false, false]);
  expect(clock.pendingTimers).toBe(0);
});

test('who reopens is told what the camera says against it', async () => {
  const { sensor, encoders, clock, join, onOpen } = makeSensor();
  const { closed } = join();
  await settle();
  encoders.newest.begin(clock.monotonicUs());
  onOpen(() => Promise.reject(refusal));
  await expect(sensor.reopen()).rejects.toBe(refusal);
  onOpen(async () => undefined);
  await sensor.reopen();
  await settle();
  encoders.newest.begin(clock.monotonicUs());
  expect(sensor.video.stats().state).toBe('live');
  expect(closed).toEqual([]);
});

test('who reopens a camera that never answers is told so', async () => {
  const { sensor, encoders, clock, join, onOpen } = makeSensor();
  join();
  await settle();
  encoders.newest.begin(clock.monotonicUs());
  onOpen(() => new Promise(() => undefined));
  const reopening = expect(sensor.reopen()).rejects.toMatchObject({ code: 'STREAM_STALLED' });
  await clock.advance(20_000);
  await reopening;
});

test('readers stay however often a source is reopened before its first picture', async () => {
  const { sensor, sources, encoders, clock, join } = makeSensor();
  const { closed } = join();
  for (let count = 1; count <= 10; count += 1) {
    await settle();
    await sensor.reopen();
  }
  await settle();
  encoders.newest.begin(clock.monotonicUs());
  expect(closed).toEqual([]);
  expect(sensor.video.stats().state).toBe('live');
  expect(sources.filter(({ isOpen }) => isOpen)).toHaveLength(1);
});

test('a still is taken from the source that was opened anew meanwhile', async () => {
  const { sensor, sources, clock } = makeSensor();
  const still = sensor.still('jpeg', { signal });
  await settle();
  sensor.restart();
  await settle();
  expect(sources).toHaveLength(2);
  sources[1]?.resize(320, 240);
  sources[1]?.show(clock.monotonicUs());
  expect(await still).toMatchObject({ width: 320, height: 240 });
  await settle();
  expect(sources[1]?.isOpen).toBe(false);
  expect(clock.pendingTimers).toBe(0);
});
