import { h264Invalid } from '../errors.ts';
import { BitReader } from './bit-reader.ts';
import { removeEmulationPrevention } from './emulation-prevention.ts';
import { NAL_UNIT_TYPE, nalUnitType } from './nal-unit.ts';
import { MAX_DPB_FRAMES, readVui, type Vui } from './vui.ts';

/** What a sequence parameter set says about the pictures that refer to it. Sizes in luma samples. */
export interface Sps {
  readonly profileIdc: number;
  /** The byte between profile_idc and level_idc: constraint_set0_flag is its highest bit. */
  readonly constraintFlags: number;
  /** Ten times the level, as 31 for level 3.1. */
  readonly levelIdc: number;
  readonly id: number;
  /** 0 is monochrome, 1 is 4:2:0, 2 is 4:2:2, 3 is 4:4:4. */
  readonly chromaFormatIdc: number;
  readonly bitDepthLuma: number;
  readonly bitDepthChroma: number;
  readonly maxNumRefFrames: number;
  /** False when pictures may be coded as fields. */
  readonly isFrameMbsOnly: boolean;
  /** Whole macroblocks. */
  readonly codedWidth: number;
  readonly codedHeight: number;
  /** What is shown, after cropping. */
  readonly width: number;
  readonly height: number;
  readonly vui?: Vui;
}

/** An SPS read, with the places in it that can be rewritten. */
export interface SpsSyntax {
  readonly sps: Sps;
  /** NAL unit header and RBSP. The positions below are bits in here. */
  readonly raw: Uint8Array;
  readonly vuiFlagAt: number;
  /** Where bitstream_restriction_flag stands; absent without VUI. */
  readonly restrictionFlagAt?: number;
}

/** An avcC counts the bytes of a parameter set with 16 bits. */
export const MAX_PARAMETER_SET_BYTES = 0xffff;

/** Level 6.2, ITU-T H.264 table A-1; a side is at most the root of eight times as many (§A.3.1). */
const MAX_FRAME_MBS = 139_264;
const MAX_SIDE_MBS = Math.floor(Math.sqrt(8 * MAX_FRAME_MBS));

const MACROBLOCK = 16;

/** Profiles whose SPS carries chroma_format_idc and what follows it, ITU-T H.264 §7.3.2.1.1. */
const HIGH_PROFILES: ReadonlySet<number> = new Set([
  100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135,
]);

/**
 * @param nalUnit a sequence parameter set, without start code or length.
 * @throws AppError FORMAT_H264_INVALID when it is cut off, or a value is outside of what the standard allows.
 * @see ITU-T H.264 §7.3.2.1.1
 */
export function parseSps(nalUnit: Uint8Array): Sps {
  return readSps(nalUnit).sps;
}

/** As `parseSps`, with the places that `withBitstreamRestriction` rewrites. */
export function readSps(nalUnit: Uint8Array): SpsSyntax {
  const type = nalUnitType(nalUnit);
  if (type !== NAL_UNIT_TYPE.sps) throw h264Invalid(`a NAL unit of type ${type} in place of an SPS`);
  if (nalUnit.length > MAX_PARAMETER_SET_BYTES) throw h264Invalid(`an SPS of ${nalUnit.length} bytes`);
  const raw = removeEmulationPrevention(nalUnit);
  const reader = new BitReader(raw);
  reader.bits(8, 'the NAL unit header');
  const profileIdc = reader.bits(8, 'profile_idc');
  const constraintFlags = reader.bits(8, 'constraint flags');
  const levelIdc = reader.bits(8, 'level_idc');
  const id = reader.unsigned('seq_parameter_set_id', 31);
  const samples = readSampleFormat(reader, HIGH_PROFILES.has(profileIdc));
  reader.unsigned('log2_max_frame_num_minus4', 12);
  skipPictureOrderCount(reader);
  const maxNumRefFrames = reader.unsigned('max_num_ref_frames', MAX_DPB_FRAMES);
  reader.flag('gaps_in_frame_num_value_allowed_flag');
  const size = readPictureSize(reader, samples.chromaArrayType);
  const vuiFlagAt = reader.position;
  const usability = reader.flag('vui_parameters_present_flag') ? readVui(reader) : undefined;
  const sps = {
    profileIdc,
    constraintFlags,
    levelIdc,
    id,
    chromaFormatIdc: samples.chromaFormatIdc,
    bitDepthLuma: samples.bitDepthLuma,
    bitDepthChroma: samples.bitDepthChroma,
    maxNumRefFrames,
    ...size,
    ...(usability && { vui: usability.vui }),
  };
  return { sps, raw, vuiFlagAt, ...(usability && { restrictionFlagAt: usability.restrictionFlagAt }) };
}

function readSampleFormat(reader: BitReader, isHighProfile: boolean) {
  if (!isHighProfile) return { chromaFormatIdc: 1, chromaArrayType: 1, bitDepthLuma: 8, bitDepthChroma: 8 };
  const chromaFormatIdc = reader.unsigned('chroma_format_idc', 3);
  const hasSeparatePlanes = chromaFormatIdc === 3 && reader.flag('separate_colour_plane_flag');
  const bitDepthLuma = 8 + reader.unsigned('bit_depth_luma_minus8', 6);
  const bitDepthChroma = 8 + reader.unsigned('bit_depth_chroma_minus8', 6);
  reader.flag('qpprime_y_zero_transform_bypass_flag');
  if (reader.flag('seq_scaling_matrix_present_flag')) {
    const lists = chromaFormatIdc === 3 ? 12 : 8;
    for (let list = 0; list < lists; list += 1) {
      if (reader.flag('seq_scaling_list_present_flag')) skipScalingList(reader, list < 6 ? 16 : 64);
    }
  }
  return {
    chromaFormatIdc,
    chromaArrayType: hasSeparatePlanes ? 0 : chromaFormatIdc,
    bitDepthLuma,
    bitDepthChroma,
  };
}

/** scaling_list(), ITU-T H.264 §7.3.2.1.1.1: a next scale of 0 ends the list early. */
function skipScalingList(reader: BitReader, size: number): void {
  let scale = 8;
  for (let index = 0; index < size; index += 1) {
    scale = (scale + reader.signed('delta_scale', 128) + 256) % 256;
    if (scale === 0) return;
  }
}

function skipPictureOrderCount(reader: BitReader): void {
  const type = reader.unsigned('pic_order_cnt_type', 2);
  if (type === 0) reader.unsigned('log2_max_pic_order_cnt_lsb_minus4', 12);
  if (type !== 1) return;
  reader.flag('delta_pic_order_always_zero_flag');
  reader.signed('offset_for_non_ref_pic', 2 ** 31 - 1);
  reader.signed('offset_for_top_to_bottom_field', 2 ** 31 - 1);
  const count = reader.unsigned('num_ref_frames_in_pic_order_cnt_cycle', 255);
  for (let frame = 0; frame < count; frame += 1) reader.signed('offset_for_ref_frame', 2 ** 31 - 1);
}

function readPictureSize(reader: BitReader, chromaArrayType: number) {
  const widthMbs = reader.unsigned('pic_width_in_mbs_minus1', MAX_SIDE_MBS - 1) + 1;
  const heightMapUnits = reader.unsigned('pic_height_in_map_units_minus1', MAX_SIDE_MBS - 1) + 1;
  const isFrameMbsOnly = reader.flag('frame_mbs_only_flag');
  if (!isFrameMbsOnly) reader.flag('mb_adaptive_frame_field_flag');
  reader.flag('direct_8x8_inference_flag');
  const fieldsPerMapUnit = isFrameMbsOnly ? 1 : 2;
  const heightMbs = heightMapUnits * fieldsPerMapUnit;
  if (heightMbs > MAX_SIDE_MBS || widthMbs * heightMbs > MAX_FRAME_MBS) {
    throw h264Invalid(`a picture of ${widthMbs}x${heightMbs} macroblocks, level 6.2 has ${MAX_FRAME_MBS}`);
  }
  const codedWidth = widthMbs * MACROBLOCK;
  const codedHeight = heightMbs * MACROBLOCK;
  // CropUnitX and CropUnitY, ITU-T H.264 §7.4.2.1.1.
  const cropUnitX = chromaArrayType === 1 || chromaArrayType === 2 ? 2 : 1;
  const cropUnitY = (chromaArrayType === 1 ? 2 : 1) * fieldsPerMapUnit;
  const isCropped = reader.flag('frame_cropping_flag');
  const crop = (name: string, side: number) => (isCropped ? reader.unsigned(name, side) : 0);
  const left = crop('frame_crop_left_offset', codedWidth);
  const right = crop('frame_crop_right_offset', codedWidth);
  const top = crop('frame_crop_top_offset', codedHeight);
  const bottom = crop('frame_crop_bottom_offset', codedHeight);
  const width = codedWidth - (left + right) * cropUnitX;
  const height = codedHeight - (top + bottom) * cropUnitY;
  if (width <= 0 || height <= 0) throw h264Invalid('cropping leaves nothing of the picture');
  return { isFrameMbsOnly, codedWidth, codedHeight, width, height };
}
