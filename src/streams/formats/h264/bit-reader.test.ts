import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BitReader } from './bit-reader.ts';
import { BitWriter } from './bit-writer.ts';

const field = fc.oneof(
  fc.record({ kind: fc.constant('bits'), value: fc.nat(0xffffffff) }),
  fc.record({ kind: fc.constant('unsigned'), value: fc.nat(2 ** 32 - 2) }),
  fc.record({ kind: fc.constant('signed'), value: fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }) }),
  fc.record({ kind: fc.constant('flag'), value: fc.nat(1) }),
);

test('any fields are read as they were written', () => {
  fc.assert(
    fc.property(fc.array(field), (fields) => {
      const writer = new BitWriter();
      for (const { kind, value } of fields) {
        if (kind === 'bits') writer.bits(value, 32);
        if (kind === 'unsigned') writer.unsigned(value);
        if (kind === 'signed') writer.signed(value);
        if (kind === 'flag') writer.flag(value === 1);
      }
      const reader = new BitReader(writer.finish());
      for (const { kind, value } of fields) {
        if (kind === 'bits') expect(reader.bits(32, kind)).toBe(value);
        if (kind === 'unsigned') expect(reader.unsigned(kind, 2 ** 32)).toBe(value);
        if (kind === 'signed') expect(reader.signed(kind, 2 ** 31)).toBe(value);
        if (kind === 'flag') expect(reader.flag(kind)).toBe(value === 1);
      }
    }),
  );
});

test('the codes of table 9-2 have their numbers', () => {
  const codes = '1 010 011 00100 00101 00110 00111'.replaceAll(' ', '');
  const reader = new BitReader(
    Uint8Array.of(...(codes.padEnd(32, '1').match(/.{8}/g) ?? []).map((b) => Number.parseInt(b, 2))),
  );
  expect(Array.from({ length: 7 }, () => reader.unsigned('ue', 6))).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test('reading past the end names the field', () => {
  const reader = new BitReader(Uint8Array.of(0xff));
  expect(() => reader.bits(9, 'level_idc')).toThrow('ends within level_idc');
});

test('a value above its limit and a code of more than 32 bits are refused', () => {
  expect(() => new BitReader(Uint8Array.of(0b00100_000)).unsigned('id', 2)).toThrow('id is 3, at most 2');
  expect(() => new BitReader(Uint8Array.of(0b00100_000)).signed('delta', 1)).toThrow('delta is 2, within ±1');
  expect(() => new BitReader(new Uint8Array(1_000_000)).unsigned('id', 2)).toThrow(
    'id has more than 32 bits',
  );
});
