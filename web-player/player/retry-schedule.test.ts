import { expect, test } from 'vitest';
import { RetrySchedule } from './retry-schedule.ts';

test('waits double up to ten seconds, and start over after a success', () => {
  const schedule = new RetrySchedule(() => 0);
  expect(Array.from({ length: 8 }, () => schedule.next())).toEqual([
    250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000,
  ]);
  schedule.reset();
  expect(schedule.next()).toBe(250);
});

test('chance shortens a wait by up to a half, so that clients do not come back together', () => {
  expect(new RetrySchedule(() => 0.999_999).next()).toBeCloseTo(125, 2);
});

test('thousands of failures still give a finite wait', () => {
  const schedule = new RetrySchedule(() => 0);
  for (let attempt = 0; attempt < 5_000; attempt++) schedule.next();
  expect(schedule.next()).toBe(10_000);
});
