import { expect, test } from 'vitest';
import { InputClock } from './input-clock.ts';

const ARRIVED_US = 5_000_000_000;

test('units keep the cadence of the input, whatever the jitter of their arrival', () => {
  const clock = new InputClock();
  const jitterUs = [0, 300_000, -20_000, 900_000, 0];
  const placed = jitterUs.map((lateUs, index) => {
    const mediaUs = index * 40_000;
    return mediaUs + clock.offsetUs(mediaUs, ARRIVED_US + mediaUs + lateUs);
  });
  expect(placed.map((us) => us - ARRIVED_US)).toEqual([0, 40_000, 80_000, 120_000, 160_000]);
});

test.each([
  ['forward', 3_600_000_000],
  ['back', 0],
])('media time that jumps %s is anchored anew', (_, jumpedUs) => {
  const clock = new InputClock();
  clock.anchor(60_000_000, ARRIVED_US);
  const nowUs = ARRIVED_US + 40_000;
  expect(jumpedUs + clock.offsetUs(jumpedUs, nowUs)).toBe(nowUs);
  expect(jumpedUs + 40_000 + clock.offsetUs(jumpedUs + 40_000, nowUs + 45_000)).toBe(nowUs + 40_000);
});
