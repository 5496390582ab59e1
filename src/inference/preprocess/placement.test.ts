import { expect, test } from 'vitest';
import { place, toPicture } from './placement.ts';

const INPUT = { width: 320, height: 320 };

test.each([
  ['wide', { width: 1280, height: 720 }, { left: 0, top: 70, width: 320, height: 180 }],
  ['high', { width: 720, height: 1280 }, { left: 70, top: 0, width: 180, height: 320 }],
  ['of the same proportions', { width: 64, height: 64 }, { left: 0, top: 0, width: 320, height: 320 }],
  ['a line', { width: 4096, height: 2 }, { left: 0, top: 159, width: 320, height: 1 }],
])('letterboxing centres a picture that is %s', (_which, picture, expected) => {
  expect(place('letterbox', picture, INPUT)).toEqual(expected);
});

test('stretching fills the input', () => {
  expect(place('stretch', { width: 1280, height: 720 }, INPUT)).toEqual({ left: 0, top: 0, ...INPUT });
});

test('a box of the input becomes one of the picture, cut off where the padding begins', () => {
  const placement = place('letterbox', { width: 1280, height: 720 }, INPUT);
  expect(toPicture(placement, [80, 115, 240, 160])).toEqual([0.25, 0.25, 0.75, 0.5]);
  expect(toPicture(placement, [-10, 0, 330, 320])).toEqual([0, 0, 1, 1]);
});
