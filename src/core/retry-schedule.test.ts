import { expect, test } from 'vitest';
import { retryDelayMs } from './retry-schedule.ts';

const schedule = { firstMs: 100, maxMs: 2000, jitter: 0.2 };

test('delays double up to the cap', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7, 5000].map((attempt) => retryDelayMs(schedule, attempt, 0.5));
  expect(delays).toEqual([100, 200, 400, 800, 1600, 2000, 2000, 2000]);
});

test('jitter spreads a delay to both sides and never makes it negative', () => {
  expect(retryDelayMs(schedule, 1, 0)).toBe(80);
  expect(retryDelayMs(schedule, 1, 0.999999)).toBe(120);
  expect(retryDelayMs({ ...schedule, jitter: 1 }, 1, 0)).toBe(0);
});
