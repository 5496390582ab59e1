import { type Box, childBoxes, findBox, MalformedMedia, requireBox, uint8, uint16, uint32 } from './box.ts';

/** What the player needs to know from `ftyp` + `moov`. */
export interface InitSegment {
  readonly kind: 'init';
  readonly bytes: Uint8Array;
  /** RFC 6381 string from the avcC, for example `avc1.42C01F`. */
  readonly codec: string;
  readonly trackId: number;
  /** Ticks per second of the track. */
  readonly timescale: number;
  readonly width: number;
  readonly height: number;
  /** Defaults of `trex` (ISO/IEC 14496-12 §8.8.3), used where a fragment is silent. */
  readonly defaultDurationTicks: number;
  readonly defaultFlags: number;
}

/** Fields of a VisualSampleEntry before its child boxes (ISO/IEC 14496-12 §12.1.3). */
const VISUAL_SAMPLE_ENTRY_BYTES = 78;
/** stsd: version and flags, entry count. */
const STSD_FIELDS_BYTES = 8;

/**
 * Reads the first video track of an init segment.
 * @param message the message as a box, see `messageBox`.
 * @throws MalformedMedia when there is no H.264 track in it.
 */
export function readInitSegment(message: Box): InitSegment {
  const moov = requireBox(message, 'moov');
  const trak = requireBox(moov, 'trak');
  const tkhd = requireBox(trak, 'tkhd');
  const mdhd = requireBox(trak, 'mdia', 'mdhd');
  const entry = childBoxes(requireBox(trak, 'mdia', 'minf', 'stbl', 'stsd'), STSD_FIELDS_BYTES)[0];
  if (entry === undefined) throw new MalformedMedia('expected a sample entry in stsd');
  if (entry.type !== 'avc1' && entry.type !== 'avc3') {
    throw new MalformedMedia(`expected an avc1 sample entry, saw ${entry.type}`);
  }
  const avcC = findBox(entry, 'avcC', VISUAL_SAMPLE_ENTRY_BYTES);
  if (avcC === undefined) throw new MalformedMedia('expected an avcC box in avc1');
  const timescale = uint32(mdhd, uint8(mdhd, 0) === 1 ? 20 : 12);
  if (timescale === 0) throw new MalformedMedia('mdhd has timescale 0');
  const trackId = uint32(tkhd, uint8(tkhd, 0) === 1 ? 20 : 12);
  const trex = trexOf(moov, trackId);
  return {
    kind: 'init',
    bytes: new Uint8Array(message.view.buffer, message.view.byteOffset, message.view.byteLength),
    // profile_idc, constraint flags and level_idc stand at bytes 1 to 3 (ISO/IEC 14496-15 §5.3.3.1).
    codec: `${entry.type}.${[1, 2, 3].map((at) => hexByte(uint8(avcC, at))).join('')}`,
    trackId,
    timescale,
    width: uint16(entry, 24),
    height: uint16(entry, 26),
    defaultDurationTicks: trex === undefined ? 0 : uint32(trex, 12),
    defaultFlags: trex === undefined ? 0 : uint32(trex, 20),
  };
}

function trexOf(moov: Box, trackId: number): Box | undefined {
  const mvex = findBox(moov, 'mvex');
  return mvex && childBoxes(mvex).find((box) => box.type === 'trex' && uint32(box, 4) === trackId);
}

function hexByte(value: number): string {
  return value.toString(16).toUpperCase().padStart(2, '0');
}
