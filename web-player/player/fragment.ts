import { type Box, findBox, int32, MalformedMedia, requireBox, uint8, uint32, uint64 } from './box.ts';
import type { InitSegment } from './init-segment.ts';

/** One `moof` + `mdat` with the picture's capture time where the server sends it. */
export interface Fragment {
  readonly kind: 'fragment';
  readonly bytes: Uint8Array;
  /** `baseMediaDecodeTime` of `tfdt`, in the track's ticks. */
  readonly decodeTicks: number;
  /** Presentation time of the first sample in the track's ticks: decode time plus composition offset. */
  readonly presentationTicks: number;
  /** Nominal duration of all samples. */
  readonly durationTicks: number;
  /** True when decoding can begin here. */
  readonly isSync: boolean;
  /** Unix time in milliseconds when the picture was taken, from `prft`. */
  readonly capturedWallMs: number | undefined;
  /** Where in `bytes` the duration of a lone sample stands (32 bits), when the fragment states it. */
  readonly durationAt: number | undefined;
}

/** sample_is_non_sync_sample, ISO/IEC 14496-12 §8.8.3.1. */
const NON_SYNC_FLAG = 0x10000;
/** Seconds from 1900-01-01 (NTP) to 1970-01-01 (Unix). */
const NTP_TO_UNIX_S = 2_208_988_800;

/**
 * Reads one fragment of the track that `init` describes.
 * @throws MalformedMedia when a needed box is missing, cut off, or belongs to another track.
 * @see ISO/IEC 14496-12 §8.8.7 tfhd, §8.8.8 trun, §8.8.12 tfdt, §8.16.5 prft
 */
export function readFragment(message: Box, init: InitSegment): Fragment {
  const traf = requireBox(message, 'moof', 'traf');
  requireBox(message, 'mdat');
  const header = readTfhd(requireBox(traf, 'tfhd'), init);
  const tfdt = requireBox(traf, 'tfdt');
  const decodeTicks = uint8(tfdt, 0) === 1 ? uint64(tfdt, 4) : uint32(tfdt, 4);
  const run = readTrun(requireBox(traf, 'trun'), header);
  const prft = findBox(message, 'prft');
  return {
    kind: 'fragment',
    bytes: new Uint8Array(message.view.buffer, message.view.byteOffset, message.view.byteLength),
    decodeTicks,
    presentationTicks: decodeTicks + run.compositionTicks,
    durationTicks: run.durationTicks,
    isSync: (run.flags & NON_SYNC_FLAG) === 0,
    capturedWallMs: prft && ntpToUnixMs(uint32(prft, 8), uint32(prft, 12)),
    durationAt: run.durationAt,
  };
}

interface SampleDefaults {
  readonly durationTicks: number;
  readonly flags: number;
  readonly durationAt: number | undefined;
}

function readTfhd(tfhd: Box, init: InitSegment): SampleDefaults {
  const present = uint32(tfhd, 0) & 0xffffff;
  const trackId = uint32(tfhd, 4);
  if (trackId !== init.trackId)
    throw new MalformedMedia(`fragment of track ${trackId}, expected ${init.trackId}`);
  let at = 8;
  if (present & 0x1) at += 8; // base_data_offset
  if (present & 0x2) at += 4; // sample_description_index
  const durationTicks = present & 0x8 ? uint32(tfhd, at) : init.defaultDurationTicks;
  const durationAt = present & 0x8 ? tfhd.body + at : undefined;
  if (present & 0x8) at += 4;
  if (present & 0x10) at += 4; // default_sample_size
  const flags = present & 0x20 ? uint32(tfhd, at) : init.defaultFlags;
  return { durationTicks, flags, durationAt };
}

function readTrun(
  trun: Box,
  defaults: SampleDefaults,
): SampleDefaults & { readonly compositionTicks: number } {
  const version = uint8(trun, 0);
  const present = uint32(trun, 0) & 0xffffff;
  const sampleCount = uint32(trun, 4);
  if (sampleCount === 0) throw new MalformedMedia('trun without a sample');
  let at = 8;
  if (present & 0x1) at += 4; // data_offset
  let flags = defaults.flags;
  if (present & 0x4) {
    flags = uint32(trun, at);
    at += 4;
  }
  const sampleBytes = [0x100, 0x200, 0x400, 0x800].filter((bit) => present & bit).length * 4;
  if (at + sampleBytes * sampleCount > trun.end - trun.body)
    throw new MalformedMedia('trun ends before its samples');
  let field = at;
  if (present & 0x100) field += 4;
  if (present & 0x200) field += 4;
  if (present & 0x400) {
    flags = uint32(trun, field);
    field += 4;
  }
  const compositionTicks =
    (present & 0x800) === 0 ? 0 : version === 0 ? uint32(trun, field) : int32(trun, field);
  let durationTicks = defaults.durationTicks * sampleCount;
  if (present & 0x100) {
    durationTicks = 0;
    for (let sample = 0; sample < sampleCount; sample++)
      durationTicks += uint32(trun, at + sample * sampleBytes);
  }
  const durationAt = present & 0x100 ? trun.body + at : defaults.durationAt;
  return { durationTicks, flags, compositionTicks, durationAt: sampleCount === 1 ? durationAt : undefined };
}

function ntpToUnixMs(seconds: number, fraction: number): number {
  return (seconds - NTP_TO_UNIX_S) * 1000 + (fraction / 2 ** 32) * 1000;
}
