import { expect, test } from 'vitest';
import { DecodeTimes } from './decode-times.ts';

const decode = (delay: number, pts: readonly number[]): number[] => {
  const times = new DecodeTimes(delay, 10);
  return pts.map((ptsUs) => times.next(ptsUs));
};

test('without reordering pictures are decoded when they are shown', () => {
  expect(decode(0, [100, 110, 135, 140])).toEqual([100, 110, 135, 140]);
});

test.each([
  ['one B picture at a time', 1, [100, 120, 110, 140, 130, 160, 150], [90, 100, 110, 120, 130, 140, 150]],
  ['a pyramid of B pictures', 2, [100, 140, 120, 110, 130, 180, 160], [80, 90, 100, 110, 120, 130, 140]],
])('with %s decoding times are the sorted presentation times, late', (_, delay, pts, expected) => {
  expect(decode(delay, pts)).toEqual(expected);
});

test('decoding times rise and stay below presentation times after a pause', () => {
  const pts = [100, 120, 110, 5140, 5130, 5160, 5150];
  const dts = decode(1, pts);
  expect(dts).toEqual([90, 100, 110, 120, 5130, 5140, 5150]);
});
