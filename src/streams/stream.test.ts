import { expect, test } from 'vitest';
import { FakeClock, settle } from '../../test/support/fake-clock.ts';
import { FakeEncoders, FakeSource, STREAM_SETTINGS } from '../../test/support/fake-media.ts';
import { AppError } from '../core/app-error.ts';
import type { AccessUnit } from '../media/coded.ts';
import { h264Coding } from './coding/index.ts';
import type { Reader } from './reader.ts';
import { SharedSource } from './shared-source.ts';
import { Stream } from './stream.ts';

const gone = new AppError('SOURCE_GONE', 'unavailable', 'unplugged');
const crashed = new AppError('ENCODER_EXITED', 'unavailable', 'killed');
const noLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

function makeStream({ lingerMs = 0, maxReaders = 10 } = {}) {
  const errors: object[] = [];
  const clock = new FakeClock();
  const encoders = new FakeEncoders();
  const sources: FakeSource[] = [];
  let refusal: AppError | undefined;
  const openings = { delayMs: 0, aborted: 0 };
  const source = new SharedSource(async (listener, { signal }) => {
    signal.addEventListener('abort', () => (openings.aborted += 1));
    if (openings.delayMs > 0) await new Promise<void>((resolve) => clock.after(openings.delayMs, resolve));
    if (refusal !== undefined) throw refusal;
    const opened = new FakeSource(listener);
    sources.push(opened);
    return opened;
  });
  const stream = new Stream({
    name: 'TEST/CAM_A',
    source,
    coding: h264Coding(encoders, {
      codec: 'auto',
      bitrateKbps: 0,
      quality: 23,
      gopLength: 0,
      preset: 'ultrafast',
      profile: 'baseline',
    }),
    settings: { ...STREAM_SETTINGS, lingerMs, maxReaders },
    clock,
    log: { ...noLog, error: (fields) => errors.push(fields) },
    random: () => 0.5,
  });
  const join = () => {
    const units: AccessUnit[] = [];
    const closed: (AppError | undefined)[] = [];
    const take = (): void => {
      for (let unit = reader.take(); unit !== undefined; unit = reader.take()) units.push(unit);
    };
    const reader: Reader = stream.join('test', {
      onReadable: () => take(),
      onClosed: (reason) => closed.push(reason),
    });
    take();
    return { reader, units, closed, leave: () => stream.leave(reader) };
  };
  const goLive = async () => {
    await settle();
    encoders.newest.begin(clock.monotonicUs());
  };
  const refuse = (error?: AppError) => (refusal = error);
  return { stream, clock, encoders, sources, openings, errors, join, goLive, refuse };
}

test('nothing is open before the first reader and after the last', async () => {
  const { stream, sources, encoders, join, goLive, clock } = makeStream();
  expect(stream.stats().state).toBe('idle');
  expect(sources).toHaveLength(0);
  const first = join();
  await goLive();
  const second = join();
  expect(stream.stats().state).toBe('live');
  first.leave();
  expect(stream.stats().state).toBe('live');
  second.leave();
  await settle();
  expect(stream.stats().state).toBe('idle');
  expect(sources[0]?.isOpen).toBe(false);
  expect(encoders.newest.isRunning).toBe(false);
  expect(clock.pendingTimers).toBe(0);
});

test('a later reader gets the cached group of pictures and shares the timeline', async () => {
  const { encoders, clock, join, goLive } = makeStream();
  const first = join();
  await goLive();
  await clock.advance(100);
  encoders.newest.unit(clock.monotonicUs());
  const second = join();
  await clock.advance(100);
  encoders.newest.unit(clock.monotonicUs());
  expect(second.units).toEqual(first.units);
  expect(first.units.map((unit) => unit.ptsTicks)).toEqual([0, 9000, 18_000]);
});

test.each([
  ['is idle', 5000],
  ['still stops', 0],
])('who joins a stream that %s sees only its next life, from PTS 0', async (_when, afterMs) => {
  const { stream, clock, encoders, join, goLive } = makeStream();
  const first = join();
  await goLive();
  await clock.advance(100);
  encoders.newest.unit(clock.monotonicUs());
  expect(first.units.map((unit) => unit.ptsTicks)).toEqual([0, 9000]);
  first.leave();
  if (afterMs > 0) await clock.advance(afterMs);
  const second = join();
  expect(stream.tracks).toEqual([]);
  await goLive();
  expect(second.units.map((unit) => unit.ptsTicks)).toEqual([0]);
});

test('an encoder that dies is replaced while the source and the readers stay', async () => {
  const { stream, clock, encoders, sources, join, goLive } = makeStream();
  const reader = join();
  await goLive();
  encoders.newest.exit(crashed);
  expect(stream.stats()).toMatchObject({ state: 'backoff', problem: { code: 'ENCODER_EXITED' } });
  await clock.advance(100);
  expect(encoders.started).toHaveLength(2);
  encoders.newest.begin(clock.monotonicUs());
  expect(stream.stats()).toMatchObject({ state: 'live', restarts: 1, epoch: 1 });
  expect(stream.stats().problem).toBeUndefined();
  expect(sources).toHaveLength(1);
  expect(sources[0]?.openFeeds).toBe(1);
  expect(reader.units.map((unit) => [unit.isSync, unit.ptsTicks])).toEqual([
    [true, 0],
    [true, 9000],
  ]);
  expect(reader.closed).toEqual([]);
});

test('a lost source is opened again until it is back', async () => {
  const { stream, clock, encoders, sources, join, goLive, refuse } = makeStream();
  const reader = join();
  await goLive();
  refuse(gone);
  sources[0]?.listener.onLost(gone);
  await clock.advance(20_000);
  expect(stream.stats().state).toBe('backoff');
  refuse(undefined);
  stream.retryNow();
  await settle();
  encoders.newest.begin(clock.monotonicUs());
  expect(stream.stats().state).toBe('live');
  expect(reader.units.at(-1)?.ptsTicks).toBe(20 * 90_000);
  expect(reader.closed).toEqual([]);
});

test('a silent source counts as stalled, is opened anew, and recovers', async () => {
  const { stream, clock, encoders, sources, join, goLive } = makeStream();
  join();
  await goLive();
  await clock.advance(2999);
  expect(stream.stats().state).toBe('live');
  await clock.advance(1);
  expect(stream.stats()).toMatchObject({ state: 'stalled', problem: { code: 'STREAM_STALLED' } });
  await clock.advance(100);
  expect(sources).toHaveLength(2);
  expect(sources[0]?.isOpen).toBe(false);
  encoders.newest.begin(clock.monotonicUs());
  expect(stream.stats().state).toBe('live');
});

test('a stream that cannot start tells its readers why and lets go of them', async () => {
  const { stream, clock, join, refuse } = makeStream();
  refuse(gone);
  const reader = join();
  await clock.advance(1000);
  expect(reader.closed).toEqual([gone]);
  expect(stream.stats()).toMatchObject({ state: 'idle', problem: { code: 'SOURCE_GONE' } });
  refuse(undefined);
  join();
  await settle();
  expect(stream.stats().state).toBe('starting');
});

test('a change of resolution replaces the encoder and starts a new epoch on the same timeline', async () => {
  const { stream, clock, encoders, sources, join, goLive } = makeStream();
  const reader = join();
  await goLive();
  const old = encoders.newest;
  await clock.advance(50);
  sources[0]?.resize(320, 240);
  expect(encoders.newest.format).toMatchObject({ width: 320, height: 240 });
  old.unit(clock.monotonicUs());
  encoders.newest.begin(clock.monotonicUs(), 2);
  expect(reader.units.map((unit) => [unit.track.epoch, unit.isSync, unit.ptsTicks])).toEqual([
    [1, true, 0],
    [2, true, 4500],
  ]);
  expect(stream.stats().state).toBe('live');
  await settle();
  expect(old.isRunning).toBe(false);
});

test('a stream lingers for the configured time, and a new reader finds it running', async () => {
  const { stream, clock, sources, join, goLive } = makeStream({ lingerMs: 1000 });
  const first = join();
  await goLive();
  first.leave();
  await clock.advance(900);
  const second = join();
  await clock.advance(900);
  expect(sources).toHaveLength(1);
  second.leave();
  await clock.advance(1000);
  expect(stream.stats().state).toBe('idle');
});

test('one reader too many is refused', () => {
  const { join } = makeStream({ maxReaders: 1 });
  join();
  expect(() => join()).toThrowError(/already has 1 readers/);
});

test('leaving while the source still opens releases it', async () => {
  const { stream, sources, join } = makeStream();
  join().leave();
  await settle();
  expect(stream.stats().state).toBe('idle');
  expect(sources.every((source) => !source.isOpen)).toBe(true);
});

test('the last reader to leave ends the opening it waited for', async () => {
  const { openings, join } = makeStream();
  openings.delayMs = 10_000;
  const reader = join();
  await settle();
  reader.leave();
  await settle();
  expect(openings.aborted).toBe(1);
});

test('a source that is slow to open is waited for, and its silence counted from then on', async () => {
  const { stream, clock, sources, openings, join } = makeStream();
  openings.delayMs = 10_000;
  const reader = join();
  await clock.advance(10_000);
  expect(sources).toHaveLength(1);
  await clock.advance(2999);
  expect(stream.stats().state).toBe('starting');
  await clock.advance(1);
  expect(stream.stats().state).toBe('stalled');
  expect(reader.closed).toEqual([]);
});

test('an opening that never ends is given up, and so is the stream in the end', async () => {
  const { stream, clock, openings, join } = makeStream();
  openings.delayMs = 1e9;
  const reader = join();
  await clock.advance(20_000);
  expect(stream.stats()).toMatchObject({ state: 'stalled', problem: { code: 'STREAM_STALLED' } });
  expect(openings.aborted).toBe(1);
  await clock.advance(45_000);
  expect(reader.closed).toMatchObject([{ code: 'STREAM_STALLED' }]);
});

test('a stream is idle only when all that it had open is closed', async () => {
  const { stream, clock, encoders, sources, join, goLive } = makeStream();
  const reader = join();
  await goLive();
  const failed = encoders.newest.endSlowly();
  sources[0]?.listener.onLost(gone);
  await clock.advance(100);
  const last = encoders.newest.endSlowly();
  reader.leave();
  failed();
  await settle();
  expect(stream.stats().state).toBe('stopping');
  last();
  await settle();
  expect(stream.stats().state).toBe('idle');
});

test('a transport that throws loses its reader, and nobody else anything', async () => {
  const { stream, clock, encoders, errors, join, goLive } = makeStream();
  const closed: unknown[] = [];
  stream.join('broken', {
    onReadable: () => {
      throw new Error('broken');
    },
    onClosed: (reason) => closed.push(reason),
  });
  const reader = join();
  await goLive();
  encoders.newest.unit(clock.monotonicUs());
  expect(reader.units).toHaveLength(2);
  expect(closed).toEqual([undefined]);
  expect(errors).toMatchObject([{ err: new Error('broken') }]);
  expect(stream.stats().readers).toHaveLength(1);
});

test('a thousand readers that come and go leave nothing behind', async () => {
  const { stream, clock, encoders, sources, join } = makeStream();
  for (let round = 0; round < 1000; round += 1) {
    const reader = join();
    await settle();
    encoders.newest.begin(clock.monotonicUs());
    reader.leave();
    await settle();
  }
  expect(stream.stats()).toMatchObject({
    state: 'idle',
    readers: [],
    gopCache: { units: expect.any(Number) },
  });
  expect(sources.filter((source) => source.isOpen)).toEqual([]);
  expect(encoders.started.filter((encoder) => encoder.isRunning)).toEqual([]);
  expect(clock.pendingTimers).toBe(0);
});

test('disposing closes the readers and everything below', async () => {
  const { stream, sources, encoders, join, goLive, clock } = makeStream();
  const reader = join();
  await goLive();
  await stream[Symbol.asyncDispose]();
  expect(reader.closed).toEqual([undefined]);
  expect(sources[0]?.isOpen).toBe(false);
  expect(encoders.newest.isRunning).toBe(false);
  expect(clock.pendingTimers).toBe(0);
});

test('what slow readers lost is counted after they have gone', async () => {
  const { stream, clock, encoders, join, goLive } = makeStream();
  const slow = stream.join('test', { onReadable: () => undefined, onClosed: () => undefined });
  const other = join();
  await goLive();
  for (let second = 0; second < 5; second += 1) {
    await clock.advance(1000);
    encoders.newest.unit(clock.monotonicUs());
  }
  const { readerLosses } = stream.stats();
  expect(readerLosses.lags).toBe(1);
  expect(readerLosses.unitsDropped).toBeGreaterThan(0);
  stream.leave(slow);
  stream.leave(slow);
  expect(stream.stats().readerLosses).toEqual(readerLosses);
  other.leave();
});

test('a stream whose encoder cannot be started tells its readers so', async () => {
  const { stream, clock, encoders, join } = makeStream();
  encoders.start = () => {
    throw new AppError('ENCODER_UNAVAILABLE', 'unavailable', 'no such encoder');
  };
  const reader = join();
  await clock.advance(2000);
  expect(reader.closed).toMatchObject([{ code: 'ENCODER_UNAVAILABLE' }]);
  expect(stream.stats().state).toBe('idle');
});
