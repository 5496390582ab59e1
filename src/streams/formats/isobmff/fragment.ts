import type { AccessUnit } from '../../../media/coded.ts';
import { ntpFromUnixUs } from './ntp.ts';

const UINT32_RANGE = 2 ** 32;

/** Sizes of the boxes below, as their fields add up. */
const PRFT_BYTES = 32;
const MFHD_BYTES = 16;
const TFHD_BYTES = 16;
const TFDT_BYTES = 20;
const TRUN_BYTES = 32;
const COMPOSITION_TIME_OFFSET_BYTES = 4;
const BOX_HEADER_BYTES = 8;

/** §8.16.5: the time is that of the scene itself (16), and keeps its relation to media time (8). */
const PRFT_CAPTURE_TIME = 0x000018;
/** §8.8.7: offsets count from the first byte of the moof. */
const TFHD_DEFAULT_BASE_IS_MOOF = 0x020000;
/** §8.8.8: data_offset; sample_duration, sample_size, sample_flags. */
const TRUN_FIELDS = 0x000701;
const TRUN_COMPOSITION_TIME_OFFSETS = 0x000800;
/** §8.8.3.1: depends on no other sample. */
const SAMPLE_FLAGS_SYNC = 0x02000000;
/** §8.8.3.1: depends on others, sample_is_non_sync_sample. */
const SAMPLE_FLAGS_NON_SYNC = 0x01010000;

/** Version in the high byte, flags in the other three. */
const VERSION_1 = 0x01000000;

const TYPE = {
  prft: fourcc('prft'),
  moof: fourcc('moof'),
  mfhd: fourcc('mfhd'),
  traf: fourcc('traf'),
  tfhd: fourcc('tfhd'),
  tfdt: fourcc('tfdt'),
  trun: fourcc('trun'),
  mdat: fourcc('mdat'),
};

/**
 * One access unit as `prft` + `moof` + `mdat`, complete in itself.
 *
 * Runs for every picture: one allocation, every byte written once, from the first to the last.
 * @param unit with times of 0 or more.
 * @see ISO/IEC 14496-12 §8.8.4 to §8.8.8, §8.8.12, §8.16.5
 */
export function fragment(unit: AccessUnit): Uint8Array {
  const compositionTimeOffset = unit.ptsTicks - unit.dtsTicks;
  const hasOffset = compositionTimeOffset !== 0;
  const trunBytes = TRUN_BYTES + (hasOffset ? COMPOSITION_TIME_OFFSET_BYTES : 0);
  const trafBytes = BOX_HEADER_BYTES + TFHD_BYTES + TFDT_BYTES + trunBytes;
  const moofBytes = BOX_HEADER_BYTES + MFHD_BYTES + trafBytes;
  const mdatBytes = BOX_HEADER_BYTES + unit.data.length;
  const captured = ntpFromUnixUs(unit.capturedWallUs);

  const out = Buffer.allocUnsafe(PRFT_BYTES + moofBytes + mdatBytes);
  let at = 0;
  at = out.writeUInt32BE(PRFT_BYTES, at);
  at = out.writeUInt32BE(TYPE.prft, at);
  at = out.writeUInt32BE(VERSION_1 | PRFT_CAPTURE_TIME, at);
  at = out.writeUInt32BE(unit.track.id, at); // reference_track_ID
  at = out.writeUInt32BE(captured.seconds, at); // ntp_timestamp
  at = out.writeUInt32BE(captured.fraction, at);
  at = writeUint64(out, unit.ptsTicks, at); // media_time

  at = out.writeUInt32BE(moofBytes, at);
  at = out.writeUInt32BE(TYPE.moof, at);

  at = out.writeUInt32BE(MFHD_BYTES, at);
  at = out.writeUInt32BE(TYPE.mfhd, at);
  at = out.writeUInt32BE(0, at);
  at = out.writeUInt32BE(unit.sequence % UINT32_RANGE, at); // sequence_number

  at = out.writeUInt32BE(trafBytes, at);
  at = out.writeUInt32BE(TYPE.traf, at);

  at = out.writeUInt32BE(TFHD_BYTES, at);
  at = out.writeUInt32BE(TYPE.tfhd, at);
  at = out.writeUInt32BE(TFHD_DEFAULT_BASE_IS_MOOF, at);
  at = out.writeUInt32BE(unit.track.id, at); // track_ID

  at = out.writeUInt32BE(TFDT_BYTES, at);
  at = out.writeUInt32BE(TYPE.tfdt, at);
  at = out.writeUInt32BE(VERSION_1, at);
  at = writeUint64(out, unit.dtsTicks, at); // baseMediaDecodeTime

  at = out.writeUInt32BE(trunBytes, at);
  at = out.writeUInt32BE(TYPE.trun, at);
  at = out.writeUInt32BE(VERSION_1 | TRUN_FIELDS | (hasOffset ? TRUN_COMPOSITION_TIME_OFFSETS : 0), at);
  at = out.writeUInt32BE(1, at); // sample_count
  at = out.writeInt32BE(moofBytes + BOX_HEADER_BYTES, at); // data_offset
  at = out.writeUInt32BE(unit.durationTicks, at); // sample_duration
  at = out.writeUInt32BE(unit.data.length, at); // sample_size
  at = out.writeUInt32BE(unit.isSync ? SAMPLE_FLAGS_SYNC : SAMPLE_FLAGS_NON_SYNC, at); // sample_flags
  if (hasOffset) at = out.writeInt32BE(compositionTimeOffset, at); // sample_composition_time_offset

  at = out.writeUInt32BE(mdatBytes, at);
  at = out.writeUInt32BE(TYPE.mdat, at);
  out.set(unit.data, at);
  return out;
}

function writeUint64(out: Buffer, value: number, at: number): number {
  out.writeUInt32BE(Math.floor(value / UINT32_RANGE), at);
  return out.writeUInt32BE(value % UINT32_RANGE, at + 4);
}

function fourcc(type: string): number {
  return Buffer.from(type, 'latin1').readUInt32BE();
}
