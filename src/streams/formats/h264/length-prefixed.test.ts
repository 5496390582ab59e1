import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsesOrRefuses } from '../../../../test/support/format-error.ts';
import { lengthPrefixedNalUnits, toLengthPrefixed } from './length-prefixed.ts';

test('each NAL unit stands behind its length in 4 bytes', () => {
  const data = toLengthPrefixed([Uint8Array.of(0x65, 1, 2), Uint8Array.of(0x06)]);
  expect(Buffer.from(data).toString('hex')).toBe('00000003650102' + '0000000106');
});

test('any NAL units come back from length-prefixed data', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1 })), (nalUnits) => {
      const back = [...lengthPrefixedNalUnits(toLengthPrefixed(nalUnits))];
      expect(back.map((nal) => [...nal])).toEqual(nalUnits.map((nal) => [...nal]));
    }),
  );
});

test.each([
  ['cut off', [0, 0, 0]],
  ['length of 0', [0, 0, 0, 0]],
  ['length of 2 with 1 bytes', [0, 0, 0, 2, 0x65]],
  ['length of 4294967295', [255, 255, 255, 255, 0x65]],
])('a malformed length is refused: %s', (message, data) => {
  const read = () => [...lengthPrefixedNalUnits(Uint8Array.from(data))];
  expect(read).toThrow(expect.objectContaining({ code: 'FORMAT_H264_INVALID' }));
  expect(read).toThrow(message);
});

test('any bytes are read or refused', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(4)), (data) =>
      parsesOrRefuses('FORMAT_H264_INVALID', () => [...lengthPrefixedNalUnits(Uint8Array.from(data))]),
    ),
  );
});
