import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fakeTrack, fakeUnit } from '../../../../test/support/fake-media.ts';
import type { AccessUnit } from '../../../media/coded.ts';
import { readMfhd, readPrft, readTfdt, readTfhd, readTrun } from './box-fields.ts';
import { type Box, findBox, readBoxes } from './box-reader.ts';
import { fragment } from './fragment.ts';

/** Ticks of a tfdt: 64 bits, as far as numbers are exact. */
const ticks = fc.oneof(fc.nat(2 ** 32 + 10), fc.maxSafeNat());

const anyUnit: fc.Arbitrary<AccessUnit> = fc
  .record({
    id: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    data: fc.uint8Array({ maxLength: 5000 }),
    dtsTicks: ticks,
    offset: fc.oneof(fc.constant(0), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
    durationTicks: fc.nat(2 ** 32 - 1),
    isSync: fc.boolean(),
    sequence: fc.oneof(fc.nat(), fc.maxSafeNat()),
    capturedUs: fc.nat(),
    capturedWallUs: fc.nat(Date.UTC(2104, 0) * 1000),
  })
  .filter(({ dtsTicks, offset }) => dtsTicks + offset >= 0 && Number.isSafeInteger(dtsTicks + offset))
  .map(({ id, offset, ...unit }) => ({
    ...unit,
    track: { ...fakeTrack, id },
    ptsTicks: unit.dtsTicks + offset,
  }));

function requireBox(boxes: readonly Box[], ...path: string[]): Box {
  const found = findBox(boxes, ...path);
  if (found === undefined) throw new Error(`no ${path.join('/')}`);
  return found;
}

test('any access unit comes back from its fragment', () => {
  fc.assert(
    fc.property(anyUnit, (unit) => {
      const bytes = fragment(unit);
      const boxes = readBoxes(bytes);
      expect(boxes.map((box) => box.type)).toEqual(['prft', 'moof', 'mdat']);
      expect(readPrft(requireBox(boxes, 'prft'))).toEqual({
        version: 1,
        flags: 24,
        referenceTrackId: unit.track.id,
        wallUs: unit.capturedWallUs,
        mediaTime: unit.ptsTicks,
      });
      expect(readMfhd(requireBox(boxes, 'moof', 'mfhd'))).toEqual({
        sequenceNumber: unit.sequence % 2 ** 32,
      });
      expect(readTfhd(requireBox(boxes, 'moof', 'traf', 'tfhd'))).toEqual({
        trackId: unit.track.id,
        isDefaultBaseMoof: true,
      });
      expect(readTfdt(requireBox(boxes, 'moof', 'traf', 'tfdt'))).toEqual({
        version: 1,
        baseMediaDecodeTime: unit.dtsTicks,
      });
      const moof = requireBox(boxes, 'moof');
      const run = readTrun(requireBox(boxes, 'moof', 'traf', 'trun'));
      expect(run).toEqual({
        version: 1,
        dataOffset: moof.size + 8,
        samples: [
          {
            duration: unit.durationTicks,
            size: unit.data.length,
            flags: unit.isSync ? 0x02000000 : 0x01010000,
            ...(unit.ptsTicks !== unit.dtsTicks && { compositionTimeOffset: unit.ptsTicks - unit.dtsTicks }),
          },
        ],
      });
      const sampleAt = moof.offset + (run.dataOffset ?? 0);
      expect(Buffer.compare(bytes.subarray(sampleAt, sampleAt + unit.data.length), unit.data)).toBe(0);
      expect(sampleAt + unit.data.length).toBe(bytes.length);
    }),
  );
});

test('a picture taken at a known moment has its NTP time in the prft', () => {
  const capturedWallUs = Date.UTC(2026, 0, 1, 0, 0, 0) * 1000 + 250_000;
  const bytes = Buffer.from(fragment({ ...fakeUnit(7), capturedWallUs }));
  expect(bytes.toString('latin1', 4, 8)).toBe('prft');
  // 126 years since 1900, 31 of them leap before 2026.
  expect(bytes.readUInt32BE(16)).toBe((126 * 365 + 31) * 86_400);
  expect(bytes.readUInt32BE(20)).toBe(2 ** 30);
});

test('a fragment adds 140 bytes to a picture that is not reordered', () => {
  const unit = fakeUnit(1);
  expect(fragment(unit).length).toBe(unit.data.length + 140);
  expect(fragment({ ...unit, ptsTicks: unit.dtsTicks + 1 }).length).toBe(unit.data.length + 144);
});
