import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeSample, layOut, parseScanType, rawRange, type ScanType } from './scan-type.ts';

const parsed = (text: string): ScanType => {
  const type = parseScanType(text);
  if (type === undefined) throw new Error(`${text} is not understood.`);
  return type;
};
const decoded = (text: string, ...bytes: number[]) =>
  decodeSample(new DataView(Uint8Array.from(bytes).buffer), 0, parsed(text));

test('types are parsed as the kernel writes them', () => {
  expect(parseScanType('le:s12/16>>4')).toEqual({
    isBigEndian: false,
    isSigned: true,
    bits: 12,
    storageBytes: 2,
    shift: 4,
  });
  expect(parseScanType('be:u24/32')).toMatchObject({
    isBigEndian: true,
    isSigned: false,
    bits: 24,
    shift: 0,
  });
});

test.each([
  '',
  'le:s12/16X4>>0',
  'le:s0/16',
  'le:s17/16',
  'le:s12/16>>5',
  'le:s12/24',
  'me:s8/8',
  'le:s8/8 ',
])('the type "%s" is refused', (text) => expect(parseScanType(text)).toBeUndefined());

test('samples are decoded by endianness, shift, width and sign', () => {
  expect(decoded('le:s12/16>>4', 0xf0, 0xff)).toBe(-1n);
  expect(decoded('le:u12/16>>4', 0xff, 0xff)).toBe(4095n);
  expect(decoded('be:s12/16>>4', 0x7f, 0xff)).toBe(2047n);
  expect(decoded('be:u10/16', 0xfc, 0x01)).toBe(1n); // bits beyond its width are not its own
  expect(decoded('le:s8/8', 0x80)).toBe(-128n);
  expect(decoded('be:s24/32>>8', 0xff, 0xff, 0xfe, 0x55)).toBe(-2n);
  expect(decoded('le:s64/64', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)).toBe(-1n);
});

test('each sample lies at a multiple of its size, and so does the next record', () => {
  const types = ['le:s16/16', 'le:u8/8', 'be:u24/32', 'le:s64/64'].map(parsed);
  expect(layOut(types)).toEqual({ offsets: [0, 2, 4, 8], bytes: 16 });
  expect(layOut(['le:s16/16', 'le:s64/64'].map(parsed))).toEqual({ offsets: [0, 8], bytes: 16 });
  expect(layOut(['le:s64/64', 'le:s16/16'].map(parsed))).toEqual({ offsets: [0, 8], bytes: 16 });
  expect(layOut([])).toEqual({ offsets: [], bytes: 0 });
});

test('whatever bytes come, a raw value lies in its range', () => {
  const type = fc
    .tuple(
      fc.constantFrom('le', 'be'),
      fc.constantFrom('s', 'u'),
      fc.nat(64),
      fc.constantFrom(8, 16, 32, 64),
      fc.nat(63),
    )
    .map(([endian, sign, bits, storage, shift]) =>
      parseScanType(`${endian}:${sign}${bits}/${storage}>>${shift}`),
    )
    .filter((each) => each !== undefined);
  fc.assert(
    fc.property(type, fc.uint8Array({ minLength: 8, maxLength: 8 }), (each, bytes) => {
      const raw = Number(decodeSample(new DataView(Uint8Array.from(bytes).buffer), 0, each));
      const [least, greatest] = rawRange(each);
      expect(raw).toBeGreaterThanOrEqual(least);
      expect(raw).toBeLessThanOrEqual(greatest);
    }),
  );
});

test('whatever a type says, it is understood or refused', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseScanType(text)));
});
