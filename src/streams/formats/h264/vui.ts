import type { BitReader } from './bit-reader.ts';

/** Width to height of one sample, as in 4:3. */
export interface AspectRatio {
  readonly width: number;
  readonly height: number;
}

/** One tick lasts `numUnitsInTick / timeScale` seconds; a frame lasts two ticks. */
interface TimingInfo {
  readonly numUnitsInTick: number;
  readonly timeScale: number;
  readonly isFixedFrameRate: boolean;
}

/** How far pictures are reordered: what tells a decoder that it need not hold pictures back. */
export interface BitstreamRestriction {
  /** Pictures that may precede another in decoding order and follow it in output order; 0 to 16. */
  readonly maxNumReorderFrames: number;
  /** Frames of the decoded picture buffer, 0 to 16. */
  readonly maxDecFrameBuffering: number;
}

/** The parts of the video usability information that this service looks at. */
export interface Vui {
  /** Absent when unspecified or reserved. */
  readonly sampleAspectRatio?: AspectRatio;
  readonly timing?: TimingInfo;
  readonly bitstreamRestriction?: BitstreamRestriction;
}

/** Largest frame count of a decoded picture buffer, ITU-T H.264 §A.3.1. */
export const MAX_DPB_FRAMES = 16;

const EXTENDED_SAR = 255;

/** ITU-T H.264 table E-1, from aspect_ratio_idc 1. */
const SAMPLE_ASPECT_RATIOS: readonly (readonly [number, number])[] = [
  [1, 1],
  [12, 11],
  [10, 11],
  [16, 11],
  [40, 33],
  [24, 11],
  [20, 11],
  [32, 11],
  [80, 33],
  [18, 11],
  [15, 11],
  [64, 33],
  [160, 99],
  [4, 3],
  [3, 2],
  [2, 1],
];

/**
 * Reads vui_parameters().
 * @returns the values, and the bit at which bitstream_restriction_flag stands.
 * @throws AppError FORMAT_H264_INVALID
 * @see ITU-T H.264 §E.1.1
 */
export function readVui(reader: BitReader): { vui: Vui; restrictionFlagAt: number } {
  const sampleAspectRatio = reader.flag('aspect_ratio_info_present_flag')
    ? readAspectRatio(reader)
    : undefined;
  if (reader.flag('overscan_info_present_flag')) reader.flag('overscan_appropriate_flag');
  if (reader.flag('video_signal_type_present_flag')) {
    reader.bits(3, 'video_format');
    reader.flag('video_full_range_flag');
    if (reader.flag('colour_description_present_flag')) {
      reader.bits(8, 'colour_primaries');
      reader.bits(8, 'transfer_characteristics');
      reader.bits(8, 'matrix_coefficients');
    }
  }
  if (reader.flag('chroma_loc_info_present_flag')) {
    reader.unsigned('chroma_sample_loc_type_top_field', 5);
    reader.unsigned('chroma_sample_loc_type_bottom_field', 5);
  }
  const timing = reader.flag('timing_info_present_flag') ? readTiming(reader) : undefined;
  const hasNalHrd = reader.flag('nal_hrd_parameters_present_flag');
  if (hasNalHrd) skipHrd(reader);
  const hasVclHrd = reader.flag('vcl_hrd_parameters_present_flag');
  if (hasVclHrd) skipHrd(reader);
  if (hasNalHrd || hasVclHrd) reader.flag('low_delay_hrd_flag');
  reader.flag('pic_struct_present_flag');
  const restrictionFlagAt = reader.position;
  const bitstreamRestriction = reader.flag('bitstream_restriction_flag')
    ? readRestriction(reader)
    : undefined;
  const vui = {
    ...(sampleAspectRatio && { sampleAspectRatio }),
    ...(timing && { timing }),
    ...(bitstreamRestriction && { bitstreamRestriction }),
  };
  return { vui, restrictionFlagAt };
}

function readAspectRatio(reader: BitReader): AspectRatio | undefined {
  const idc = reader.bits(8, 'aspect_ratio_idc');
  const [width = 0, height = 0] =
    idc === EXTENDED_SAR
      ? [reader.bits(16, 'sar_width'), reader.bits(16, 'sar_height')]
      : (SAMPLE_ASPECT_RATIOS[idc - 1] ?? []);
  return width > 0 && height > 0 ? { width, height } : undefined;
}

function readTiming(reader: BitReader): TimingInfo {
  return {
    numUnitsInTick: reader.bits(32, 'num_units_in_tick'),
    timeScale: reader.bits(32, 'time_scale'),
    isFixedFrameRate: reader.flag('fixed_frame_rate_flag'),
  };
}

/** hrd_parameters(), ITU-T H.264 §E.1.2. */
function skipHrd(reader: BitReader): void {
  const cpbCount = reader.unsigned('cpb_cnt_minus1', 31) + 1;
  reader.bits(4, 'bit_rate_scale');
  reader.bits(4, 'cpb_size_scale');
  for (let cpb = 0; cpb < cpbCount; cpb += 1) {
    reader.unsigned('bit_rate_value_minus1', 2 ** 32 - 2);
    reader.unsigned('cpb_size_value_minus1', 2 ** 32 - 2);
    reader.flag('cbr_flag');
  }
  reader.bits(5, 'initial_cpb_removal_delay_length_minus1');
  reader.bits(5, 'cpb_removal_delay_length_minus1');
  reader.bits(5, 'dpb_output_delay_length_minus1');
  reader.bits(5, 'time_offset_length');
}

function readRestriction(reader: BitReader): BitstreamRestriction {
  reader.flag('motion_vectors_over_pic_boundaries_flag');
  reader.unsigned('max_bytes_per_pic_denom', 16);
  reader.unsigned('max_bits_per_mb_denom', 16);
  reader.unsigned('log2_max_mv_length_horizontal', 16);
  reader.unsigned('log2_max_mv_length_vertical', 16);
  return {
    maxNumReorderFrames: reader.unsigned('max_num_reorder_frames', MAX_DPB_FRAMES),
    maxDecFrameBuffering: reader.unsigned('max_dec_frame_buffering', MAX_DPB_FRAMES),
  };
}
