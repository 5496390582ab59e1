import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsesOrRefuses } from '../../../../test/support/format-error.ts';
import { splitAnnexB } from './annex-b.ts';
import { insertEmulationPrevention } from './emulation-prevention.ts';

const bytes = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const split = (hex: string): string[] =>
  splitAnnexB(bytes(hex)).map((nal) => Buffer.from(nal).toString('hex'));

test('start codes of 3 and 4 bytes and zeros around NAL units are left out', () => {
  expect(split('00000001 6742 000001 68ee 0000 00000001 65aa 00')).toEqual(['6742', '68ee', '65aa']);
  expect(split('000001 000001 41')).toEqual(['41']);
  expect(split('')).toEqual([]);
});

test('NAL units are views into the data', () => {
  const data = bytes('ffff 00000001 6742 000001 68').subarray(2);
  const nalUnits = splitAnnexB(data);
  expect(nalUnits.every((nalUnit) => nalUnit.buffer === data.buffer)).toBe(true);
  expect(nalUnits.map((nalUnit) => nalUnit.length)).toEqual([2, 1]);
});

test('bytes before the first start code are refused', () => {
  expect(() => split('65 000001 65')).toThrow(expect.objectContaining({ code: 'FORMAT_H264_INVALID' }));
  expect(() => split('0000 65')).toThrow('before the first start code');
});

test('more NAL units than any picture has are refused', () => {
  expect(() => split('00000165'.repeat(10_001))).toThrow('more than 10000 NAL units');
});

test('any NAL units come back from a byte stream of them', () => {
  const nalUnit = fc
    .array(fc.constantFrom(0, 0, 1, 3, 0x65), { minLength: 1 })
    .map((raw) => insertEmulationPrevention(Uint8Array.of(0x41, ...raw, 0x80)));
  const startCode = fc.constantFrom('000001', '00000001', '0000000001');
  fc.assert(
    fc.property(fc.array(fc.tuple(startCode, nalUnit)), (parts) => {
      const stream = Buffer.concat(parts.flatMap(([code, nal]) => [bytes(code), nal]));
      expect(splitAnnexB(stream).map((nal) => Buffer.from(nal))).toEqual(
        parts.map(([, nal]) => Buffer.from(nal)),
      );
    }),
  );
});

test('any bytes are split or refused', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 0, 0, 1, 2, 0xff)), (data) =>
      parsesOrRefuses('FORMAT_H264_INVALID', () => splitAnnexB(Uint8Array.from(data))),
    ),
  );
});
