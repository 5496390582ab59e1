import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsesOrRefuses } from '../../../../test/support/format-error.ts';
import {
  anySpsFields,
  isHighProfile,
  type SpsFields,
  writeSps,
} from '../../../../test/support/sps-writer.ts';
import { encodeX264, type X264Request } from '../../../../test/support/x264.ts';
import { accessUnitFromAnnexB } from './access-unit.ts';
import { parseSps } from './sps.ts';

const PLAIN: SpsFields = {
  profileIdc: 66,
  levelIdc: 31,
  id: 0,
  chromaFormatIdc: 1,
  bitDepthLuma: 8,
  bitDepthChroma: 8,
  pictureOrderCountType: 2,
  pictureOrderOffsets: [],
  maxNumRefFrames: 1,
  widthMbs: 80,
  heightMapUnits: 45,
  isFrameMbsOnly: true,
};

function x264Sps(request: Partial<X264Request>): Uint8Array {
  const defaults = { width: 640, height: 360, profile: 'high', bPictures: 0, pictures: 1 } as const;
  const [unit] = encodeX264({ ...defaults, ...request });
  return accessUnitFromAnnexB(unit?.annexB ?? new Uint8Array()).sps[0] ?? new Uint8Array();
}

describe('SPS of x264', () => {
  test.each([
    [640, 360, 640, 368],
    [854, 480, 864, 480],
    [1366, 768, 1376, 768],
    [1920, 1080, 1920, 1088],
    [3840, 2160, 3840, 2160],
  ])('%ix%i is coded in whole macroblocks and cropped', (width, height, codedWidth, codedHeight) => {
    expect(parseSps(x264Sps({ width, height }))).toMatchObject({ width, height, codedWidth, codedHeight });
  });

  test.each([
    ['baseline', 0, 66, 0],
    ['main', 2, 77, 2],
    ['high', 1, 100, 1],
  ] as const)('%s with %i B pictures', (profile, bPictures, profileIdc, maxNumReorderFrames) => {
    const sps = parseSps(x264Sps({ profile, bPictures, pictures: 10, parameters: 'b-pyramid=strict' }));
    expect(sps).toMatchObject({ profileIdc, chromaFormatIdc: 1, bitDepthLuma: 8, isFrameMbsOnly: true });
    expect(sps.vui?.bitstreamRestriction?.maxNumReorderFrames).toBe(maxNumReorderFrames);
    expect(sps.vui?.timing).toEqual({
      numUnitsInTick: 1,
      timeScale: 60,
      isFixedFrameRate: expect.any(Boolean),
    });
  });

  test('interlaced 1080 has fields of 544 lines and frames of 1088, cropped in pairs of lines', () => {
    const sps = parseSps(x264Sps({ width: 1920, height: 1080, parameters: 'tff=1:weightp=0' }));
    expect(sps).toMatchObject({ isFrameMbsOnly: false, codedHeight: 1088, height: 1080 });
  });

  test('hypothetical decoder parameters, scaling lists and an aspect ratio are read past or read', () => {
    const parameters = 'nal-hrd=vbr:vbv-maxrate=1000:vbv-bufsize=1000:cqm=jvt:pic-struct=1';
    const sps = parseSps(x264Sps({ parameters, filter: 'setsar=32/27' }));
    expect(sps.vui).toMatchObject({
      sampleAspectRatio: { width: 32, height: 27 },
      bitstreamRestriction: { maxNumReorderFrames: 0 },
    });
  });
});

test('any SPS is read as it was written', () => {
  fc.assert(
    fc.property(anySpsFields, (fields) => {
      const { vui, crop = [0, 0, 0, 0] } = fields;
      const sps = parseSps(writeSps(fields));
      const chroma = isHighProfile(fields) ? fields.chromaFormatIdc : 1;
      const fieldsPerMapUnit = fields.isFrameMbsOnly ? 1 : 2;
      const codedWidth = fields.widthMbs * 16;
      const codedHeight = fields.heightMapUnits * 16 * fieldsPerMapUnit;
      const cropUnitX = chroma === 1 || chroma === 2 ? 2 : 1;
      const cropUnitY = (chroma === 1 ? 2 : 1) * fieldsPerMapUnit;
      expect(sps).toMatchObject({
        profileIdc: fields.profileIdc,
        levelIdc: fields.levelIdc,
        id: fields.id,
        chromaFormatIdc: chroma,
        bitDepthLuma: isHighProfile(fields) ? fields.bitDepthLuma : 8,
        bitDepthChroma: isHighProfile(fields) ? fields.bitDepthChroma : 8,
        maxNumRefFrames: fields.maxNumRefFrames,
        isFrameMbsOnly: fields.isFrameMbsOnly,
        codedWidth,
        codedHeight,
        width: codedWidth - (crop[0] + crop[1]) * cropUnitX,
        height: codedHeight - (crop[2] + crop[3]) * cropUnitY,
      });
      expect(sps.vui === undefined).toBe(vui === undefined);
      expect(sps.vui?.sampleAspectRatio).toEqual(
        vui?.sampleAspectRatio && { width: vui.sampleAspectRatio[0], height: vui.sampleAspectRatio[1] },
      );
      expect(sps.vui?.timing).toEqual(
        vui?.timing && { numUnitsInTick: vui.timing[0], timeScale: vui.timing[1], isFixedFrameRate: true },
      );
      expect(sps.vui?.bitstreamRestriction).toEqual(
        vui?.restriction && {
          maxNumReorderFrames: vui.restriction[0],
          maxDecFrameBuffering: vui.restriction[1],
        },
      );
    }),
  );
});

test.each([
  ['a picture above level 6.2', { widthMbs: 1000, heightMapUnits: 1000 }, 'macroblocks'],
  ['a side of a million macroblocks', { widthMbs: 1_000_000 }, 'pic_width_in_mbs_minus1'],
  ['17 reference frames', { maxNumRefFrames: 17 }, 'max_num_ref_frames'],
  ['an id above 31', { id: 32 }, 'seq_parameter_set_id'],
  ['more cropped than there is', { crop: [600, 100, 0, 0] as const }, 'cropping leaves nothing'],
])('%s is refused', (_what, change, message) => {
  const parse = () => parseSps(writeSps({ ...PLAIN, ...change }));
  expect(parse).toThrow(expect.objectContaining({ code: 'FORMAT_H264_INVALID', kind: 'invalid' }));
  expect(parse).toThrow(message);
});

test('another NAL unit in place of an SPS is refused', () => {
  expect(() => parseSps(Uint8Array.of(0x68, 0xee))).toThrow('type 8 in place of an SPS');
  expect(() => parseSps(new Uint8Array())).toThrow('type 0 in place of an SPS');
  expect(() => parseSps(Buffer.alloc(70_000, 0x67))).toThrow('an SPS of 70000 bytes');
});

test('an SPS cut off at any byte is refused', () => {
  const sps = writeSps(PLAIN);
  for (let length = 0; length < sps.length - 1; length += 1) {
    expect(() => parseSps(sps.subarray(0, length))).toThrow(
      expect.objectContaining({ code: 'FORMAT_H264_INVALID' }),
    );
  }
});

test('any bytes are read or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (data) =>
      parsesOrRefuses('FORMAT_H264_INVALID', () => parseSps(Uint8Array.of(0x67, 100, 0, 31, ...data))),
    ),
    { numRuns: 2000 },
  );
});

test('any SPS with a byte changed is read or refused', () => {
  fc.assert(
    fc.property(anySpsFields, fc.nat(), fc.nat(255), (fields, at, value) => {
      const sps = Uint8Array.from(writeSps(fields));
      sps[1 + (at % (sps.length - 1))] = value;
      return parsesOrRefuses('FORMAT_H264_INVALID', () => parseSps(sps));
    }),
    { numRuns: 2000 },
  );
});
