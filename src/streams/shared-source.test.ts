import { expect, test } from 'vitest';
import { settle } from '../../test/support/fake-clock.ts';
import { FakeSource } from '../../test/support/fake-media.ts';
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
