import { splitAnnexB } from './annex-b.ts';
import { toLengthPrefixed } from './length-prefixed.ts';
import { NAL_UNIT_TYPE, nalUnitType } from './nal-unit.ts';

/** One access unit taken apart into what a `CodedUnit` carries and what an `H264Config` is made from. */
interface AccessUnitParts {
  /** Length-prefixed NAL units; empty when there was nothing but parameter sets and padding. */
  readonly data: Uint8Array;
  /** Parameter sets found in it, as views into the input. */
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
  /** True when it holds an IDR slice: decoding can begin here. */
  readonly isSync: boolean;
}

/** `uuid_iso_iec_11578` of the SEI in which x264 lists its settings, some 600 bytes of text. */
const X264_SETTINGS_UUID = Buffer.from('dc45e9bde6d948b7962cd820d923eeef', 'hex');
const SEI_USER_DATA_UNREGISTERED = 5;

/**
 * @param nalUnits one complete access unit.
 * @returns `data` with its slices and SEI, without parameter sets, delimiters, filler, and x264's list of settings.
 */
export function accessUnitFromNalUnits(nalUnits: Iterable<Uint8Array>): AccessUnitParts {
  const kept: Uint8Array[] = [];
  const sps: Uint8Array[] = [];
  const pps: Uint8Array[] = [];
  let isSync = false;
  for (const nalUnit of nalUnits) {
    switch (nalUnitType(nalUnit)) {
      case NAL_UNIT_TYPE.sps:
        sps.push(nalUnit);
        break;
      case NAL_UNIT_TYPE.pps:
        pps.push(nalUnit);
        break;
      case NAL_UNIT_TYPE.accessUnitDelimiter:
      case NAL_UNIT_TYPE.fillerData:
        break;
      case NAL_UNIT_TYPE.sei:
        if (!isX264Settings(nalUnit)) kept.push(nalUnit);
        break;
      case NAL_UNIT_TYPE.idrSlice:
        isSync = true;
        kept.push(nalUnit);
        break;
      default:
        kept.push(nalUnit);
    }
  }
  return { data: toLengthPrefixed(kept), sps, pps, isSync };
}

/**
 * As `accessUnitFromNalUnits`, from a byte stream.
 * @throws AppError FORMAT_H264_INVALID as `splitAnnexB`
 */
export function accessUnitFromAnnexB(data: Uint8Array): AccessUnitParts {
  return accessUnitFromNalUnits(splitAnnexB(data));
}

/** x264 writes each SEI message into a NAL unit of its own (ITU-T H.264 §7.3.2.3.1: type, size, payload). */
function isX264Settings(sei: Uint8Array): boolean {
  if (sei[1] !== SEI_USER_DATA_UNREGISTERED) return false;
  let at = 2;
  while (sei[at] === 0xff) at += 1;
  const uuid = sei.subarray(at + 1, at + 1 + X264_SETTINGS_UUID.length);
  return X264_SETTINGS_UUID.equals(uuid);
}
