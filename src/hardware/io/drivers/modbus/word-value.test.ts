import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeWords, encodeFloat32, UNIPI_FLOAT32, type WordFormat } from './word-value.ts';

const orders = fc.constantFrom<WordFormat['words']>('low-first', 'high-first');

test('a float comes back from its registers as it was', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true }), orders, (value, words) => {
      const registers = encodeFloat32(value, words);
      expect(decodeWords({ type: 'float32', words, isByteSwapped: false }, registers)).toBe(value);
    }),
  );
});

test('the two orders are each other reversed', () => {
  fc.assert(
    fc.property(fc.float(), (value) => {
      expect(encodeFloat32(value, 'low-first')).toEqual([...encodeFloat32(value, 'high-first')].reverse());
    }),
  );
});

test('Unipi has the low word first', () => {
  // 1.5 is 0x3fc00000.
  expect(encodeFloat32(1.5, 'low-first')).toEqual([0x0000, 0x3fc0]);
  expect(decodeWords(UNIPI_FLOAT32, [0x0000, 0x3fc0])).toBe(1.5);
});

test.each<[WordFormat['type'], WordFormat['words'], boolean, [number, number], number]>([
  ['uint32', 'low-first', false, [0x5678, 0x1234], 0x12345678],
  ['uint32', 'high-first', false, [0x1234, 0x5678], 0x12345678],
  ['uint32', 'high-first', true, [0x3412, 0x7856], 0x12345678],
  ['int32', 'high-first', false, [0xffff, 0xfffe], -2],
  ['float32', 'high-first', true, [0xc03f, 0x0000], 1.5],
])('%s, %s, bytes swapped: %s', (type, words, isByteSwapped, registers, value) => {
  expect(decodeWords({ type, words, isByteSwapped }, registers)).toBe(value);
});
