import { expect, test } from 'vitest';
import { fromHalf, toHalf } from './half.ts';

test.each([
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [0.333251953125, 0x3555],
  [65504, 0x7bff],
  [2 ** -14, 0x0400],
  [2 ** -24, 0x0001],
  [Number.POSITIVE_INFINITY, 0x7c00],
])('%d is %i in bits, and back', (value, bits) => {
  expect(toHalf(value)).toBe(bits);
  expect(fromHalf(bits)).toBe(value);
});

test('what lies between two halves becomes the nearer one, in the middle the even one', () => {
  expect(fromHalf(toHalf(1 + 1 / 2048))).toBe(1);
  expect(fromHalf(toHalf(1 + 3 / 2048))).toBe(1 + 2 / 1024);
  expect(fromHalf(toHalf(1.99999))).toBe(2);
  expect(toHalf(1e6)).toBe(0x7c00);
  expect(fromHalf(toHalf(Number.NaN))).toBeNaN();
});

test('every finite half goes there and back', () => {
  for (let bits = 0; bits < 0x10000; bits += 1) {
    if ((bits & 0x7c00) !== 0x7c00) expect(toHalf(fromHalf(bits))).toBe(bits);
  }
});
