import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsesOrRefuses } from '../../../../test/support/format-error.ts';
import { encodeX264 } from '../../../../test/support/x264.ts';
import { accessUnitFromAnnexB } from './access-unit.ts';
import { codecConfig, parseAvcC } from './codec-config.ts';

function firstUnit(profile: 'baseline' | 'main' | 'high') {
  const [unit] = encodeX264({ width: 854, height: 480, profile, bPictures: 0, pictures: 1 });
  return accessUnitFromAnnexB(unit?.annexB ?? new Uint8Array());
}

test.each([
  ['baseline', 'avc1.42C01F', ''],
  ['main', 'avc1.4D401F', ''],
  ['high', 'avc1.64001F', 'fdf8f800'],
] as const)(
  '%s makes the codec string and the avcC of its parameter sets',
  (profile, codecString, extension) => {
    const { sps, pps } = firstUnit(profile);
    const config = codecConfig(sps, pps);
    expect(config).toMatchObject({ kind: 'video', codec: 'h264', codecString, width: 854, height: 480 });
    const hex = Buffer.from(config.avcC).toString('hex');
    const set = (nalUnit: Uint8Array | undefined) => Buffer.from(nalUnit ?? []).toString('hex');
    const length = (nalUnit: Uint8Array | undefined) => (nalUnit?.length ?? 0).toString(16).padStart(4, '0');
    expect(hex).toBe(
      `01${codecString.slice(5).toLowerCase()}ffe1${length(sps[0])}${set(sps[0])}01${length(pps[0])}${set(pps[0])}${extension}`,
    );
  },
);

test('an avcC gives back what it was made from', () => {
  const { sps, pps } = firstUnit('high');
  const config = codecConfig([...sps, ...sps], [...pps, ...pps, ...pps]);
  expect(parseAvcC(config.avcC)).toMatchObject({ profileIdc: 100, levelIdc: 31, nalLengthBytes: 4 });
  expect(parseAvcC(config.avcC).sps).toEqual(config.sps);
  expect(config.sps.map((set) => [...set])).toEqual([...sps, ...sps].map((set) => [...set]));
  expect(config.pps.map((set) => [...set])).toEqual([...pps, ...pps, ...pps].map((set) => [...set]));
});

test('a configuration owns its bytes', () => {
  const { sps, pps } = firstUnit('main');
  const config = codecConfig(sps, pps);
  const before = config.sps.map((set) => [...set]);
  for (const set of sps) set.fill(0);
  expect(config.sps.map((set) => [...set])).toEqual(before);
});

test('missing, too many and too long parameter sets are refused', () => {
  const { sps, pps } = firstUnit('main');
  const [oneSps = new Uint8Array()] = sps;
  expect(() => codecConfig([], pps)).toThrow('0 SPS and 1 PPS');
  expect(() => codecConfig(sps, [])).toThrow(expect.objectContaining({ code: 'FORMAT_H264_INVALID' }));
  expect(() => codecConfig(Array(32).fill(oneSps), pps)).toThrow('32 SPS and 1 PPS');
  expect(() => codecConfig(sps, [new Uint8Array(65_536)])).toThrow('parameter set of 65536 bytes');
  expect(() => codecConfig(sps, [new Uint8Array()])).toThrow('parameter set of 0 bytes');
});

test('an avcC of another version, or cut off, is refused', () => {
  const { sps, pps } = firstUnit('main');
  const { avcC } = codecConfig(sps, pps);
  expect(() => parseAvcC(Uint8Array.of(2, ...avcC.subarray(1)))).toThrow('an avcC of version 2');
  for (let length = 0; length < avcC.length; length += 1) {
    expect(() => parseAvcC(avcC.subarray(0, length))).toThrow(
      expect.objectContaining({ code: 'FORMAT_H264_INVALID' }),
    );
  }
});

test('any bytes are read or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (data) =>
      parsesOrRefuses('FORMAT_H264_INVALID', () => parseAvcC(Uint8Array.of(1, ...data))),
    ),
    { numRuns: 1000 },
  );
});
