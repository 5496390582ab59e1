import { expect, test } from 'vitest';
import { type Candidate, suppress } from './nms.ts';

const candidate = (confidence: number, left: number, label = 0): Candidate => ({
  label,
  confidence,
  box: [left, 0, left + 10, 10],
});

test('of boxes that overlap by more than the threshold the most confident stays', () => {
  // 9 of 11 pixels in common, and 5 of 15.
  const found = suppress([candidate(0.6, 1), candidate(0.9, 0), candidate(0.7, 5)], 0.45);
  expect(found.map(({ confidence }) => confidence)).toEqual([0.9, 0.7]);
  expect(suppress([candidate(0.9, 0), candidate(0.7, 5)], 0.3)).toHaveLength(1);
});

test('boxes of different classes do not suppress each other', () => {
  expect(suppress([candidate(0.9, 0, 1), candidate(0.8, 0, 2)], 0.1)).toHaveLength(2);
});

test('boxes that touch, and boxes without area, do not overlap', () => {
  expect(suppress([candidate(0.9, 0), candidate(0.8, 10)], 0)).toHaveLength(2);
  const point: Candidate = { label: 0, confidence: 0.7, box: [1, 1, 1, 1] };
  expect(suppress([point, point], 0)).toHaveLength(2);
});

test('noise is bounded: 300 boxes at most, of the 1000 most confident', () => {
  const apart = Array.from({ length: 5000 }, (_, place) => candidate(place / 5000, place * 20));
  const found = suppress(apart, 0.5);
  expect(found).toHaveLength(300);
  expect(found[0]?.confidence).toBe(4999 / 5000);
  const stacked = Array.from({ length: 5000 }, (_, place) =>
    candidate(1 - place / 5000, place < 1000 ? 0 : 50),
  );
  expect(suppress(stacked, 0.5)).toHaveLength(1);
});
