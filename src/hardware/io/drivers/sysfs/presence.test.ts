import { expect, test } from 'vitest';
import { FakeClock, settle } from '../../../../../test/support/fake-clock.ts';
import { ioFailed, ioGone } from '../../errors.ts';
import { Presence } from './presence.ts';

test('hardware whose release is still under way at the end is not taken hold of afterwards', async () => {
  const clock = new FakeClock();
  let finds = 0;
  let released = (): void => undefined;
  const presence = new Presence({
    where: 'a line',
    clock,
    find: async () => {
      finds += 1;
    },
    probe: async () => undefined,
    release: () =>
      new Promise<void>((resolve) => {
        released = resolve;
      }),
    onHealth: () => undefined,
  });
  await presence.look();
  presence.begin();
  presence.lost(ioGone('a line'));
  await clock.advance(10_000);
  presence[Symbol.dispose]();
  released();
  await settle();
  expect(finds).toBe(1);
});

test('hardware that fails is probed at growing intervals, however often calls fail meanwhile', async () => {
  const clock = new FakeClock();
  let probes = 0;
  const presence = new Presence({
    where: 'a line',
    clock,
    find: async () => undefined,
    probe: async () => {
      probes += 1;
      throw ioFailed('a line', 'EIO');
    },
    release: async () => undefined,
    onHealth: () => undefined,
  });
  await presence.look();
  presence.begin();
  for (let second = 0; second < 60; second += 1) {
    presence.failed(ioFailed('a line', 'EIO'));
    await clock.advance(1000);
  }
  expect(probes).toBeGreaterThan(9);
  expect(probes).toBeLessThan(25);
  presence[Symbol.dispose]();
  expect(clock.pendingTimers).toBe(0);
});
