import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countAttributes, encodeLineConfig, type LineSettings } from './line-config.ts';

/** A gpio_v2_line_config as the kernel understands it: what each line gets. */
function understood(bytes: Buffer, lines: number): LineSettings[] {
  const common = Number(bytes.readBigUInt64LE(0));
  const attributes = Array.from({ length: bytes.readUInt32LE(8) }, (_, index) => {
    const at = 32 + index * 24;
    const mask = bytes.readBigUInt64LE(at + 16);
    return { id: bytes.readUInt32LE(at), value: bytes.readBigUInt64LE(at + 8), mask };
  });
  return Array.from({ length: lines }, (_, index) => {
    const bit = 1n << BigInt(index);
    const find = (id: number) => attributes.find((each) => each.id === id && (each.mask & bit) !== 0n)?.value;
    const values = find(2);
    return {
      flags: Number(find(1) ?? common),
      debounceUs: Number(find(3) ?? 0),
      ...(values !== undefined && { value: (values & bit) === 0n ? (0 as const) : (1 as const) }),
    };
  });
}

const line: fc.Arbitrary<LineSettings> = fc.record(
  {
    flags: fc.constantFrom(4, 6, 8, 0x104),
    debounceUs: fc.constantFrom(0, 1000, 0xffff_ffff),
    value: fc.constantFrom(0 as const, 1 as const),
  },
  { requiredKeys: ['flags', 'debounceUs'] },
);

test('every line gets what was asked for it, up to 64 of them', () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 64 }), (lines) => {
      const bytes = encodeLineConfig(lines);
      expect(bytes).toHaveLength(272);
      expect(understood(bytes, lines.length)).toEqual(lines);
    }),
  );
});

test('what is reserved stays zero', () => {
  const bytes = encodeLineConfig([
    { flags: 4, debounceUs: 5 },
    { flags: 8, value: 1 },
  ]);
  expect(bytes.subarray(12, 32)).toEqual(Buffer.alloc(20));
  expect(bytes.subarray(32 + 3 * 24)).toEqual(Buffer.alloc(7 * 24));
  for (const at of [36, 60, 84]) expect(bytes.readUInt32LE(at)).toBe(0);
});

test('the flags of most lines need no attribute', () => {
  expect(countAttributes([{ flags: 4 }, { flags: 8 }, { flags: 8 }])).toBe(1);
  expect(encodeLineConfig([{ flags: 4 }, { flags: 8 }, { flags: 8 }]).readBigUInt64LE(0)).toBe(8n);
});

test('more attributes than the kernel takes are refused', () => {
  const lines = Array.from({ length: 11 }, (_, index) => ({ flags: 4, debounceUs: index + 1 }));
  expect(countAttributes(lines)).toBe(11);
  expect(() => encodeLineConfig(lines)).toThrow(RangeError);
});
