import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { FakeClock, settle } from '../../../../test/support/fake-clock.ts';
import { FakeEncoders, FakeSource, STREAM_SETTINGS } from '../../../../test/support/fake-media.ts';
import { h264Coding } from '../../coding/index.ts';
import { SharedSource } from '../../shared-source.ts';
import { Stream } from '../../stream.ts';
import { sendMjpeg } from './index.ts';

async function makeLiveStream() {
  const clock = new FakeClock();
  const encoders = new FakeEncoders();
  const encoder = {
    codec: '',
    bitrateKbps: 0,
    quality: 1,
    gopLength: 1,
    preset: '',
    profile: 'main',
  } as const;
  const stream = new Stream({
    name: 'TEST/CAM_A JPEG',
    source: new SharedSource(async (listener) => new FakeSource(listener)),
    coding: h264Coding(encoders, encoder),
    settings: { ...STREAM_SETTINGS, maxReaders: 2 },
    clock,
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    random: () => 0.5,
  });
  const response = new PassThrough({ highWaterMark: 100 });
  const sending = sendMjpeg(stream, response, clock);
  sending.catch(() => undefined); // a test that cares looks at it
  await settle();
  encoders.newest.begin(clock.monotonicUs());
  const picture = (): void => encoders.newest.unit(clock.monotonicUs(), true);
  return { stream, response, picture, clock, sending };
}

test('each picture is one part with its length', async () => {
  const { response } = await makeLiveStream();
  const text = response.read().toString('latin1');
  expect(text).toMatch(
    /^--vidicon-picture\r\nContent-Type: image\/jpeg\r\nContent-Length: 5\r\nX-Timestamp: [\d.]+\r\n\r\n/,
  );
  expect(text.endsWith('e\r\n')).toBe(true);
});

test('a client that does not read gets the newest picture when it reads again', async () => {
  const { stream, response, picture } = await makeLiveStream();
  for (let count = 0; count < 10; count += 1) picture();
  expect(stream.stats().readers[0]).toMatchObject({ unitsSent: 1 });
  response.resume();
  await settle();
  expect(stream.stats().readers[0]).toMatchObject({ queuedUnits: 0, unitsSent: 11 });
});

test('a client that goes away stops the stream', async () => {
  const { stream, response } = await makeLiveStream();
  response.destroy();
  await settle();
  expect(stream.stats()).toMatchObject({ state: 'idle', readers: [] });
});

test('a client that takes nothing for half a minute is let go', async () => {
  const { stream, response, picture, clock } = await makeLiveStream();
  picture();
  for (let second = 0; second < 31; second += 1) {
    await clock.advance(1000);
    picture();
  }
  expect(response.destroyed).toBe(true);
  expect(stream.stats().readers).toEqual([]);
});
