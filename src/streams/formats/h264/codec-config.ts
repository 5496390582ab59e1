import type { H264Config } from '../../../media/coded.ts';
import { h264Invalid } from '../errors.ts';
import { NAL_LENGTH_BYTES } from './length-prefixed.ts';
import { MAX_PARAMETER_SET_BYTES, parseSps } from './sps.ts';

/** Numbers of parameter sets that an avcC can count: 5 and 8 bits. */
const MAX_SPS = 31;
const MAX_PPS = 255;

/** Profiles whose avcC ends after the picture parameter sets: Baseline, Main, Extended. */
const PROFILES_WITHOUT_EXTENSION: ReadonlySet<number> = new Set([66, 77, 88]);

/**
 * The decoder configuration that parameter sets make.
 *
 * AVCDecoderConfigurationRecord, ISO/IEC 14496-15 §5.3.3.1:
 * ```
 * u8 configurationVersion = 1
 * u8 AVCProfileIndication · u8 profile_compatibility · u8 AVCLevelIndication
 * 6 bits of 1 · u2 lengthSizeMinusOne
 * 3 bits of 1 · u5 numOfSequenceParameterSets · { u16 length · NAL unit } each
 * u8 numOfPictureParameterSets · { u16 length · NAL unit } each
 * high profiles: 6 bits of 1 · u2 chroma_format · 5 bits of 1 · u3 bit_depth_luma_minus8
 *                5 bits of 1 · u3 bit_depth_chroma_minus8 · u8 numOfSequenceParameterSetExt = 0
 * ```
 * @param sps sequence parameter sets as NAL units, at least one; the first gives size and codec string.
 * @param pps picture parameter sets as NAL units, at least one.
 * @returns a configuration that owns its bytes.
 * @throws AppError FORMAT_H264_INVALID when sets are missing, too many, too long, or the first SPS cannot be read.
 */
export function codecConfig(sps: readonly Uint8Array[], pps: readonly Uint8Array[]): H264Config {
  const [first] = sps;
  if (first === undefined || pps.length === 0) {
    throw h264Invalid(`${sps.length} SPS and ${pps.length} PPS, at least one of each is expected`);
  }
  if (sps.length > MAX_SPS || pps.length > MAX_PPS) {
    throw h264Invalid(
      `${sps.length} SPS and ${pps.length} PPS, at most ${MAX_SPS} and ${MAX_PPS} are expected`,
    );
  }
  const stream = parseSps(first);
  const profileAndLevel = [stream.profileIdc, stream.constraintFlags, stream.levelIdc];
  const extension = PROFILES_WITHOUT_EXTENSION.has(stream.profileIdc)
    ? []
    : [
        0xfc | stream.chromaFormatIdc,
        0xf8 | (stream.bitDepthLuma - 8),
        0xf8 | (stream.bitDepthChroma - 8),
        0,
      ];
  const avcC = Buffer.concat([
    Uint8Array.of(1, ...profileAndLevel, 0xfc | (NAL_LENGTH_BYTES - 1)),
    Uint8Array.of(0xe0 | sps.length),
    ...sps.flatMap(withLength16),
    Uint8Array.of(pps.length),
    ...pps.flatMap(withLength16),
    Uint8Array.from(extension),
  ]);
  const own = parseAvcC(avcC);
  return {
    kind: 'video',
    codec: 'h264',
    codecString: `avc1.${Buffer.from(profileAndLevel).toString('hex').toUpperCase()}`,
    width: stream.width,
    height: stream.height,
    avcC,
    sps: own.sps,
    pps: own.pps,
  };
}

function withLength16(nalUnit: Uint8Array): [Uint8Array, Uint8Array] {
  if (nalUnit.length === 0 || nalUnit.length > MAX_PARAMETER_SET_BYTES) {
    throw h264Invalid(
      `a parameter set of ${nalUnit.length} bytes, 1 to ${MAX_PARAMETER_SET_BYTES} are expected`,
    );
  }
  return [Uint8Array.of(nalUnit.length >> 8, nalUnit.length & 0xff), nalUnit];
}

/** The contents of an avcC. The extension of the high profiles repeats what the SPS says and is not read. */
interface AvcC {
  readonly profileIdc: number;
  readonly constraintFlags: number;
  readonly levelIdc: number;
  /** Bytes of the length in front of each NAL unit of a sample: 1, 2 or 4. */
  readonly nalLengthBytes: number;
  /** NAL units, as views into the avcC. */
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
}

/**
 * @param bytes AVCDecoderConfigurationRecord; what follows the parameter sets is ignored.
 * @throws AppError FORMAT_H264_INVALID
 * @see ISO/IEC 14496-15 §5.3.3.1
 */
export function parseAvcC(bytes: Uint8Array): AvcC {
  let at = 0;
  const take = (length: number, name: string): Uint8Array => {
    if (length > bytes.length - at) throw h264Invalid(`an avcC that ends within ${name}`);
    at += length;
    return bytes.subarray(at - length, at);
  };
  const u8 = (name: string): number => take(1, name)[0] ?? 0;
  const parameterSets = (count: number, name: string): Uint8Array[] =>
    Array.from({ length: count }, () => take(u8(name) * 256 + u8(name), name));

  const version = u8('configurationVersion');
  if (version !== 1) throw h264Invalid(`an avcC of version ${version}, 1 is expected`);
  return {
    profileIdc: u8('AVCProfileIndication'),
    constraintFlags: u8('profile_compatibility'),
    levelIdc: u8('AVCLevelIndication'),
    nalLengthBytes: (u8('lengthSizeMinusOne') & 3) + 1,
    sps: parameterSets(u8('numOfSequenceParameterSets') & 31, 'an SPS'),
    pps: parameterSets(u8('numOfPictureParameterSets'), 'a PPS'),
  };
}
