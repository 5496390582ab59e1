import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fakeUnit } from '../../../../test/support/fake-media.ts';
import { parsesOrRefuses } from '../../../../test/support/format-error.ts';
import { box, fullBox, u32, zeros } from './box.ts';
import { readMfhd, readPrft, readTfdt, readTfhd, readTrun } from './box-fields.ts';
import { type Box, findBox, readBoxes } from './box-reader.ts';
import { fragment } from './fragment.ts';

const refused = expect.objectContaining({ code: 'FORMAT_ISOBMFF_INVALID', kind: 'invalid' });
const FIELD_READERS = [readMfhd, readTfhd, readTfdt, readTrun, readPrft];

function only(bytes: Uint8Array): Box {
  const [first] = readBoxes(bytes);
  if (first === undefined) throw new Error('no box');
  return first;
}

describe('the tree', () => {
  test('known containers are opened, others are left as bytes', () => {
    const bytes = Buffer.concat([
      box('free', zeros(3)),
      box('moof', box('traf', box('free'))),
      box('skip', box('free')),
    ]);
    const boxes = readBoxes(bytes);
    expect(boxes.map(({ type, offset, size }) => ({ type, offset, size }))).toEqual([
      { type: 'free', offset: 0, size: 11 },
      { type: 'moof', offset: 11, size: 24 },
      { type: 'skip', offset: 35, size: 16 },
    ]);
    expect(findBox(boxes, 'moof', 'traf', 'free')).toMatchObject({ offset: 27, size: 8 });
    expect(findBox(boxes, 'skip')?.children).toEqual([]);
    expect(findBox(boxes, 'moov', 'trak')).toBeUndefined();
  });

  test('a 64-bit size and a size up to the end are understood', () => {
    const large = Buffer.concat([u32(1), Buffer.from('mdat'), u32(0), u32(18), zeros(2)]);
    expect(only(large)).toMatchObject({ type: 'mdat', size: 18, body: { length: 2 } });
    const toEnd = Buffer.concat([u32(0), Buffer.from('mdat'), zeros(5)]);
    expect(only(toEnd)).toMatchObject({ type: 'mdat', size: 13, body: { length: 5 } });
  });

  test.each([
    ['a header cut off', zeros(7)],
    ['a size below the header', Buffer.concat([u32(7), zeros(4)])],
    ['a size above what is left', Buffer.concat([u32(9), zeros(4)])],
    ['a 64-bit size cut off', Buffer.concat([u32(1), zeros(4), u32(0)])],
    ['a 64-bit size below the header', Buffer.concat([u32(1), zeros(4), u32(0), u32(15)])],
    ['a 64-bit size beyond everything', Buffer.concat([u32(1), zeros(4), u32(0xffffffff), u32(0xffffffff)])],
    ['a child larger than its parent', box('moof', u32(9), zeros(4))],
    ['a container without room for its own fields', box('stsd', zeros(4))],
    ['containers nested without end', nested(100)],
    ['a hundred thousand boxes', Buffer.concat(Array(100_001).fill(box('free')))],
  ])('%s is refused', (_what, bytes) => {
    expect(() => readBoxes(bytes)).toThrow(refused);
  });

  test('any bytes are read or refused', () => {
    const small = fc.array(fc.oneof(fc.constant(0), fc.nat(24), fc.constantFrom(...Buffer.from('moftra'))));
    fc.assert(
      fc.property(small, (bytes) =>
        parsesOrRefuses('FORMAT_ISOBMFF_INVALID', () => readBoxes(Uint8Array.from(bytes))),
      ),
      { numRuns: 1000 },
    );
  });
});

function nested(depth: number): Uint8Array {
  return depth === 0 ? new Uint8Array() : box('moof', nested(depth - 1));
}

describe('the fields', () => {
  test('all optional fields of tfhd and trun are read in their order', () => {
    const tfhd = fullBox(
      'tfhd',
      0,
      0x3b,
      u32(7),
      u32(0),
      u32(100),
      u32(2),
      u32(3000),
      u32(500),
      u32(0x1010000),
    );
    expect(readTfhd(only(tfhd))).toEqual({
      trackId: 7,
      isDefaultBaseMoof: false,
      baseDataOffset: 100,
      sampleDescriptionIndex: 2,
      defaultSampleDuration: 3000,
      defaultSampleSize: 500,
      defaultSampleFlags: 0x1010000,
    });
    const trun = fullBox('trun', 0, 0x805, u32(2), u32(0xffffffff), u32(5), u32(1), u32(0xffffffff));
    expect(readTrun(only(trun))).toEqual({
      version: 0,
      dataOffset: -1,
      firstSampleFlags: 5,
      samples: [{ compositionTimeOffset: 1 }, { compositionTimeOffset: 0xffffffff }],
    });
  });

  test('version 0 of tfdt and prft have 32-bit times', () => {
    expect(readTfdt(only(fullBox('tfdt', 0, 0, u32(9))))).toEqual({ version: 0, baseMediaDecodeTime: 9 });
    const prft = fullBox('prft', 0, 0, u32(1), u32(2_208_988_801), u32(0), u32(90_000));
    expect(readPrft(only(prft))).toEqual({
      version: 0,
      flags: 0,
      referenceTrackId: 1,
      wallUs: 1_000_000,
      mediaTime: 90_000,
    });
  });

  test('a trun that claims samples without end is refused', () => {
    expect(() => readTrun(only(fullBox('trun', 0, 0, u32(0xffffffff))))).toThrow(refused);
    expect(() => readTrun(only(fullBox('trun', 0, 0x100, u32(2), u32(1))))).toThrow(refused);
  });

  test('a time beyond 2^53 is refused', () => {
    expect(() => readTfdt(only(fullBox('tfdt', 1, 0, u32(0x200000), u32(0))))).toThrow(refused);
  });

  test('any bytes in their place are read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (body) => {
        const anyBox = only(box('trun', body));
        return FIELD_READERS.every((read) => parsesOrRefuses('FORMAT_ISOBMFF_INVALID', () => read(anyBox)));
      }),
      { numRuns: 1000 },
    );
  });

  test('any fragment with a byte changed is read or refused', () => {
    fc.assert(
      fc.property(fc.nat(139), fc.nat(255), (at, value) => {
        const bytes = Uint8Array.from(fragment(fakeUnit(3)));
        bytes[at] = value;
        return parsesOrRefuses('FORMAT_ISOBMFF_INVALID', () => {
          const boxes = readBoxes(bytes);
          const fragmentBoxes = findBox(boxes, 'moof', 'traf')?.children ?? [];
          for (const read of FIELD_READERS) fragmentBoxes.forEach(read);
        });
      }),
      { numRuns: 2000 },
    );
  });
});
