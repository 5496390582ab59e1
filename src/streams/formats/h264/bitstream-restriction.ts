import { BitReader } from './bit-reader.ts';
import { BitWriter } from './bit-writer.ts';
import { insertEmulationPrevention } from './emulation-prevention.ts';
import { readSps } from './sps.ts';
import type { BitstreamRestriction } from './vui.ts';

/**
 * Adds bitstream_restriction to an SPS whose encoder left it out; the rest is kept bit for bit.
 *
 * Without it a decoder must assume the deepest reordering of the level, and browsers then hold back as many
 * pictures before they show the first.
 * @param restriction `maxDecFrameBuffering` is raised to the SPS's max_num_ref_frames where it is less.
 * @returns the same bytes when the restriction is there already.
 * @throws AppError FORMAT_H264_INVALID as `parseSps`
 * @see ITU-T H.264 §E.1.1
 */
export function withBitstreamRestriction(nalUnit: Uint8Array, restriction: BitstreamRestriction): Uint8Array {
  const { sps, raw, vuiFlagAt, restrictionFlagAt } = readSps(nalUnit);
  if (sps.vui?.bitstreamRestriction !== undefined) return nalUnit;
  const writer = new BitWriter();
  writer.copy(new BitReader(raw), restrictionFlagAt ?? vuiFlagAt);
  if (restrictionFlagAt === undefined) writeEmptyVui(writer);
  writer.flag(true); // bitstream_restriction_flag
  // What §E.2.1 has decoders infer when the restriction is absent.
  writer.flag(true); // motion_vectors_over_pic_boundaries_flag
  writer.unsigned(2); // max_bytes_per_pic_denom
  writer.unsigned(1); // max_bits_per_mb_denom
  writer.unsigned(15); // log2_max_mv_length_horizontal
  writer.unsigned(15); // log2_max_mv_length_vertical
  writer.unsigned(restriction.maxNumReorderFrames); // max_num_reorder_frames
  writer.unsigned(Math.max(restriction.maxDecFrameBuffering, sps.maxNumRefFrames)); // max_dec_frame_buffering
  return insertEmulationPrevention(writer.finish());
}

/** vui_parameters_present_flag, and a VUI that says nothing up to bitstream_restriction_flag. */
function writeEmptyVui(writer: BitWriter): void {
  writer.flag(true); // vui_parameters_present_flag
  writer.flag(false); // aspect_ratio_info_present_flag
  writer.flag(false); // overscan_info_present_flag
  writer.flag(false); // video_signal_type_present_flag
  writer.flag(false); // chroma_loc_info_present_flag
  writer.flag(false); // timing_info_present_flag
  writer.flag(false); // nal_hrd_parameters_present_flag
  writer.flag(false); // vcl_hrd_parameters_present_flag
  writer.flag(false); // pic_struct_present_flag
}
