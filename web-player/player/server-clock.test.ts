import { expect, test } from 'vitest';
import { ServerClock } from './server-clock.ts';

test('nothing is known before the first exchange', () => {
  expect(new ServerClock().offsetMs).toBeUndefined();
});

test('the exchange with the shortest round trip counts', () => {
  const clock = new ServerClock();
  clock.exchange(1_000, 1_080, 6_075); // the answer came slowly
  clock.exchange(2_000, 2_002, 7_001);
  clock.exchange(3_000, 3_040, 8_001);
  expect(clock.offsetMs).toBe(5_000);
  expect(clock.roundTripMs).toBe(2);
});

test('old exchanges are forgotten', () => {
  const clock = new ServerClock();
  clock.exchange(0, 1, 100.5);
  for (let ms = 1_000; ms < 9_000; ms += 1_000) clock.exchange(ms, ms + 10, ms + 205);
  expect(clock.offsetMs).toBe(200);
});

test('a clock that was set back in between, and senseless answers, are left out', () => {
  const clock = new ServerClock();
  clock.exchange(5_000, 4_000, 9_000);
  clock.exchange(5_000, 5_001, Number.NaN);
  expect(clock.offsetMs).toBeUndefined();
});
