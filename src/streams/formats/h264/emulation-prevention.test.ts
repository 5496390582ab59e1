import fc from 'fast-check';
import { expect, test } from 'vitest';
import { insertEmulationPrevention, removeEmulationPrevention } from './emulation-prevention.ts';

const zeroRich = fc
  .array(fc.constantFrom(0, 0, 0, 1, 2, 3, 4))
  .map((data) => Uint8Array.from([...data, 0x80]));

test('bytes without a pattern to protect stay the same bytes', () => {
  const nalUnit = Uint8Array.of(0x67, 0, 0, 4, 0, 3);
  expect(removeEmulationPrevention(nalUnit)).toBe(nalUnit);
});

test('the example of the standard: two zeros and a byte up to 3 get a 3 between them', () => {
  const raw = Uint8Array.of(0, 0, 0, 0, 0, 1, 0, 0, 3);
  expect([...insertEmulationPrevention(raw)]).toEqual([0, 0, 3, 0, 0, 3, 0, 1, 0, 0, 3, 3]);
});

test('what is inserted is removed again, and no start code remains meanwhile', () => {
  fc.assert(
    fc.property(zeroRich, (raw) => {
      const nalUnit = Buffer.from(insertEmulationPrevention(raw));
      for (const pattern of ['000000', '000001', '000002']) {
        expect(nalUnit.indexOf(Buffer.from(pattern, 'hex'))).toBe(-1);
      }
      expect([...removeEmulationPrevention(nalUnit)]).toEqual([...raw]);
    }),
  );
});
