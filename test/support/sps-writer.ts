import fc from 'fast-check';
import { BitWriter } from '../../src/streams/formats/h264/bit-writer.ts';
import { insertEmulationPrevention } from '../../src/streams/formats/h264/emulation-prevention.ts';

/** The fields of an SPS that its tests vary; the others follow from them. */
export interface SpsFields {
  readonly profileIdc: number;
  readonly levelIdc: number;
  readonly id: number;
  readonly chromaFormatIdc: number;
  readonly bitDepthLuma: number;
  readonly bitDepthChroma: number;
  /** delta_scale values of the first scaling list. */
  readonly scalingDeltas?: readonly number[] | undefined;
  readonly pictureOrderCountType: number;
  readonly pictureOrderOffsets: readonly number[];
  readonly maxNumRefFrames: number;
  readonly widthMbs: number;
  readonly heightMapUnits: number;
  readonly isFrameMbsOnly: boolean;
  /** In crop units: left, right, top, bottom. */
  readonly crop?: readonly [number, number, number, number] | undefined;
  readonly vui?: VuiFields | undefined;
}

interface VuiFields {
  readonly sampleAspectRatio?: readonly [number, number] | undefined;
  readonly timing?: readonly [number, number] | undefined;
  readonly hasNalHrd: boolean;
  readonly hasVclHrd: boolean;
  readonly restriction?: readonly [number, number] | undefined;
}

/** Any SPS the standard allows, as far as its tests vary it. */
export const anySpsFields: fc.Arbitrary<SpsFields> = fc.record({
  profileIdc: fc.constantFrom(66, 77, 88, 100, 110, 122, 244, 44),
  levelIdc: fc.constantFrom(10, 30, 31, 40, 51, 62),
  id: fc.nat(31),
  chromaFormatIdc: fc.nat(3),
  bitDepthLuma: fc.integer({ min: 8, max: 14 }),
  bitDepthChroma: fc.integer({ min: 8, max: 14 }),
  // Steps of at most 1 keep the scale from reaching 0, which would end the list.
  scalingDeltas: optional(fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 16, maxLength: 16 })),
  pictureOrderCountType: fc.nat(2),
  pictureOrderOffsets: fc.array(fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }), { maxLength: 255 }),
  maxNumRefFrames: fc.nat(16),
  widthMbs: fc.integer({ min: 2, max: 300 }),
  heightMapUnits: fc.integer({ min: 2, max: 200 }),
  isFrameMbsOnly: fc.boolean(),
  crop: optional(fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3))),
  vui: optional(
    fc.record({
      sampleAspectRatio: optional(
        fc.tuple(fc.integer({ min: 1, max: 0xffff }), fc.integer({ min: 1, max: 0xffff })),
      ),
      timing: optional(fc.tuple(fc.nat(0xffffffff), fc.nat(0xffffffff))),
      hasNalHrd: fc.boolean(),
      hasVclHrd: fc.boolean(),
      restriction: optional(fc.tuple(fc.nat(16), fc.nat(16))),
    }),
  ),
});

function optional<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined });
}

export function isHighProfile(fields: SpsFields): boolean {
  return ![66, 77, 88].includes(fields.profileIdc);
}

/** Writes the NAL unit of an SPS, ITU-T H.264 §7.3.2.1.1. */
export function writeSps(fields: SpsFields): Uint8Array {
  const out = new BitWriter();
  out.bits(0x67, 8);
  out.bits(fields.profileIdc, 8);
  out.bits(0, 8);
  out.bits(fields.levelIdc, 8);
  out.unsigned(fields.id);
  if (isHighProfile(fields)) writeSampleFormat(out, fields);
  out.unsigned(4); // log2_max_frame_num_minus4
  out.unsigned(fields.pictureOrderCountType);
  if (fields.pictureOrderCountType === 0) out.unsigned(4);
  if (fields.pictureOrderCountType === 1) {
    out.flag(true);
    out.signed(-1);
    out.signed(1);
    out.unsigned(fields.pictureOrderOffsets.length);
    for (const offset of fields.pictureOrderOffsets) out.signed(offset);
  }
  out.unsigned(fields.maxNumRefFrames);
  out.flag(false); // gaps_in_frame_num_value_allowed_flag
  out.unsigned(fields.widthMbs - 1);
  out.unsigned(fields.heightMapUnits - 1);
  out.flag(fields.isFrameMbsOnly);
  if (!fields.isFrameMbsOnly) out.flag(true);
  out.flag(true); // direct_8x8_inference_flag
  out.flag(fields.crop !== undefined);
  for (const offset of fields.crop ?? []) out.unsigned(offset);
  out.flag(fields.vui !== undefined);
  if (fields.vui !== undefined) writeVui(out, fields.vui);
  return insertEmulationPrevention(out.finish());
}

function writeSampleFormat(out: BitWriter, fields: SpsFields): void {
  out.unsigned(fields.chromaFormatIdc);
  if (fields.chromaFormatIdc === 3) out.flag(false); // separate_colour_plane_flag
  out.unsigned(fields.bitDepthLuma - 8);
  out.unsigned(fields.bitDepthChroma - 8);
  out.flag(false); // qpprime_y_zero_transform_bypass_flag
  out.flag(fields.scalingDeltas !== undefined);
  if (fields.scalingDeltas === undefined) return;
  out.flag(true);
  for (const delta of fields.scalingDeltas) out.signed(delta);
  out.flag(true);
  out.signed(-8); // a scale of 0: the rest is the default list
  const left = (fields.chromaFormatIdc === 3 ? 12 : 8) - 2;
  out.bits(0, left);
}

function writeVui(out: BitWriter, vui: VuiFields): void {
  out.flag(vui.sampleAspectRatio !== undefined);
  if (vui.sampleAspectRatio !== undefined) {
    out.bits(255, 8);
    for (const side of vui.sampleAspectRatio) out.bits(side, 16);
  }
  out.bits(0, 3); // overscan, video signal type, chroma location
  out.flag(vui.timing !== undefined);
  if (vui.timing !== undefined) {
    for (const part of vui.timing) out.bits(part, 32);
    out.flag(true);
  }
  for (const isPresent of [vui.hasNalHrd, vui.hasVclHrd]) {
    out.flag(isPresent);
    if (!isPresent) continue;
    out.unsigned(1); // two coded picture buffers
    out.bits(0, 8);
    for (const value of [2 ** 32 - 2, 0]) {
      out.unsigned(value);
      out.unsigned(value);
      out.flag(true);
    }
    out.bits(0, 20);
  }
  if (vui.hasNalHrd || vui.hasVclHrd) out.flag(false);
  out.flag(true); // pic_struct_present_flag
  out.flag(vui.restriction !== undefined);
  if (vui.restriction === undefined) return;
  out.flag(true);
  for (const value of [0, 0, 10, 10, ...vui.restriction]) out.unsigned(value);
}
