import { expect, test } from 'vitest';
import { encodeX264 } from '../../../../test/support/x264.ts';
import { accessUnitFromAnnexB, accessUnitFromNalUnits } from './access-unit.ts';
import { lengthPrefixedNalUnits, toLengthPrefixed } from './length-prefixed.ts';
import { nalUnitType } from './nal-unit.ts';

const AUD = Uint8Array.of(0x09, 0x10);
const SPS = Uint8Array.of(0x67, 66, 0, 31);
const PPS = Uint8Array.of(0x68, 0xce);
const FILLER = Uint8Array.of(0x0c, 0xff, 0xff, 0x80);
const RECOVERY_POINT_SEI = Uint8Array.of(0x06, 6, 1, 0x84, 0x80);
const IDR = Uint8Array.of(0x65, 0x88, 0x84);
const SLICE = Uint8Array.of(0x41, 0x9a);
const OTHER_USER_DATA_SEI = Uint8Array.of(0x06, 5, 17, ...new Uint8Array(16).fill(0xab), 1, 0x80);

const typesOf = (data: Uint8Array): number[] => [...lengthPrefixedNalUnits(data)].map(nalUnitType);

test('slices and SEI are kept, parameter sets come out apart, delimiters and filler are dropped', () => {
  const unit = accessUnitFromNalUnits([
    AUD,
    SPS,
    PPS,
    RECOVERY_POINT_SEI,
    OTHER_USER_DATA_SEI,
    IDR,
    IDR,
    FILLER,
  ]);
  expect(unit.data).toEqual(toLengthPrefixed([RECOVERY_POINT_SEI, OTHER_USER_DATA_SEI, IDR, IDR]));
  expect(unit).toMatchObject({ sps: [SPS], pps: [PPS], isSync: true });
});

test('only an IDR slice makes a sync unit', () => {
  expect(accessUnitFromNalUnits([SPS, PPS, SLICE]).isSync).toBe(false);
  expect(accessUnitFromNalUnits([SLICE, IDR]).isSync).toBe(true);
});

test('parameter sets alone leave no data', () => {
  expect(accessUnitFromNalUnits([AUD, SPS, PPS])).toMatchObject({ data: { length: 0 }, isSync: false });
});

test('length-prefixed input gives the same unit', () => {
  const input = toLengthPrefixed([AUD, SPS, PPS, SLICE]);
  expect(accessUnitFromNalUnits(lengthPrefixedNalUnits(input)).data).toEqual(toLengthPrefixed([SLICE]));
});

test('units of x264 keep their slices only: its list of settings is dropped', () => {
  const units = encodeX264({ width: 320, height: 240, profile: 'main', bPictures: 0, pictures: 12 });
  const parts = units.map((unit) => accessUnitFromAnnexB(unit.annexB));
  const isIdrAt = (index: number) => index % 10 === 0;
  expect(parts.map((unit) => unit.isSync)).toEqual(units.map((_, index) => isIdrAt(index)));
  expect(parts.map((unit) => typesOf(unit.data))).toEqual(units.map((_, index) => [isIdrAt(index) ? 5 : 1]));
  expect(parts.map((unit) => unit.sps.length + unit.pps.length)).toEqual(
    units.map((_, index) => (isIdrAt(index) ? 2 : 0)),
  );
});
