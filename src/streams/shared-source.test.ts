import { expect, test } from 'vitest';
import { settle } from '../../test/support/fake-clock.ts';
import { FakeSource } from '../../test/support/fake-media.ts';
import { AppError } from '../core/app-error.ts';
import type { SourceListener } from '../media/source.ts';
import { SharedSource } from './shared-source.ts';

const listener: SourceListener = {
  onFormat: () => undefined,
  onConfig: () => undefined,
  onUnit: () => undefined,
  onLost: () => undefined,
};
const { signal } = new AbortController();

test('a source that did not close cleanly can be opened again', async () => {
  const close = new Error('the device hangs');
  let opened = 0;
  const shared = new SharedSource(async (to) => {
    opened += 1;
    const source = new FakeSource(to);
    if (opened === 1) source[Symbol.asyncDispose] = () => Promise.reject(close);
    return source;
  });
  const lease = await shared.lease(listener, { signal });
  await expect(lease[Symbol.asyncDispose]()).rejects.toBe(close);
  await shared.lease(listener, { signal });
  expect(opened).toBe(2);
});

test('who stops waiting for the source does not end the opening that others wait for', async () => {
  const impatient = new AbortController();
  let resolve = (): void => undefined;
  let isAborted = false;
  const shared = new SharedSource(async (to, options) => {
    options.signal.addEventListener('abort', () => {
      isAborted = true;
    });
    await new Promise<void>((opened) => {
      resolve = opened;
    });
    return new FakeSource(to);
  });
  const refused = shared.lease(listener, { signal: impatient.signal });
  const lease = shared.lease({ ...listener }, { signal });
  await settle();
  impatient.abort(new Error('gone'));
  resolve();
  await expect(refused).rejects.toThrowError('gone');
  expect((await lease).source).toBeInstanceOf(FakeSource);
  expect(isAborted).toBe(false);
});

test('a source that is taken away is opened anew for whoever comes back', async () => {
  let opened = 0;
  const shared = new SharedSource(async (to) => {
    opened += 1;
    return new FakeSource(to);
  });
  const told: AppError[] = [];
  const { source } = await shared.lease({ ...listener, onLost: (error) => told.push(error) }, { signal });
  const reason = new AppError('SENSOR_RECONFIGURED', 'unavailable', 'new size');
  shared.interrupt(reason);
  expect(told).toEqual([reason]);
  const again = await shared.lease(listener, { signal });
  expect(opened).toBe(2);
  expect(again.source).not.toBe(source);
});

test('an opening that is interrupted begins again, for all who wait for it', async () => {
  let opened = 0;
  const shared = new SharedSource(async (to, options) => {
    opened += 1;
    if (opened <= 2) {
      await new Promise((aborted) => options.signal.addEventListener('abort', aborted));
      options.signal.throwIfAborted();
    }
    return new FakeSource(to);
  });
  const waiting = [shared.lease(listener, { signal }), shared.lease({ ...listener }, { signal })];
  for (const _twice of [1, 2]) {
    await settle();
    shared.interrupt(new AppError('SENSOR_RECONFIGURED', 'unavailable', 'new size'));
  }
  const [first, second] = await Promise.all(waiting);
  expect(first?.source).toBe(second?.source);
  expect(opened).toBe(3);
});

test('a source that opens in spite of an interruption is closed, and opened anew', async () => {
  const sources: FakeSource[] = [];
  let resolve = (): void => undefined;
  const shared = new SharedSource(async (to) => {
    const source = new FakeSource(to);
    sources.push(source);
    if (sources.length === 1) await new Promise<void>((opened) => (resolve = opened));
    return source;
  });
  const waiting = shared.lease(listener, { signal });
  await settle();
  shared.interrupt(new AppError('SENSOR_RECONFIGURED', 'unavailable', 'new size'));
  resolve();
  expect((await waiting).source).toBe(sources[1]);
  expect(sources.map(({ isOpen }) => isOpen)).toEqual([false, true]);
});

test('who stops waiting need not wait for the opening to end', async () => {
  const impatient = new AbortController();
  const shared = new SharedSource(() => new Promise(() => undefined));
  const waiting = shared.lease(listener, { signal: impatient.signal });
  shared.lease({ ...listener }, { signal }).catch(() => undefined);
  await settle();
  impatient.abort(new Error('gone'));
  await expect(waiting).rejects.toThrowError('gone');
});
