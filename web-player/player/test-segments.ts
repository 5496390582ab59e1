/** Segments as a service sends them, for the tests: every field under control, nothing but the needed boxes. */

function bytesOf(...parts: readonly (string | readonly number[] | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...part].map((c) => c.charCodeAt(0)) : [...part])),
  );
}

export function u16(value: number): number[] {
  return [(value >>> 8) & 255, value & 255];
}

export function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value)];
}

export function u64(value: number): number[] {
  return [...u32(Math.floor(value / 2 ** 32)), ...u32(value)];
}

export function box(
  type: string,
  ...parts: readonly (readonly number[] | Uint8Array)[]
): Uint8Array<ArrayBuffer> {
  const body = bytesOf(...parts);
  return bytesOf(u32(body.length + 8), type, body);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return bytesOf(...parts);
}

const zeros = (length: number): number[] => new Array<number>(length).fill(0);

export interface InitFields {
  readonly profile?: readonly [number, number, number];
  readonly timescale?: number;
  readonly width?: number;
  readonly height?: number;
  readonly entry?: string;
}

export function initSegment(fields: InitFields = {}): Uint8Array<ArrayBuffer> {
  const {
    profile = [0x42, 0xc0, 0x1f],
    timescale = 90_000,
    width = 640,
    height = 360,
    entry = 'avc1',
  } = fields;
  const avcC = box('avcC', [1, ...profile, 255, 224, 0]);
  const sampleEntry = box(entry, zeros(24), u16(width), u16(height), zeros(50), avcC);
  const stsd = box('stsd', u32(0), u32(1), sampleEntry);
  const mdhd = box('mdhd', u32(0), u32(0), u32(0), u32(timescale), u32(0), u32(0));
  const tkhd = box('tkhd', u32(0), u32(0), u32(0), u32(1), zeros(68));
  const trak = box('trak', tkhd, box('mdia', mdhd, box('minf', box('stbl', stsd))));
  const trex = box('trex', u32(0), u32(1), u32(1), u32(3000), u32(0), u32(0x10000));
  return concat(box('ftyp', u32(0)), box('moov', trak, box('mvex', trex)));
}

export interface FragmentFields {
  readonly trackId?: number;
  readonly decodeTicks?: number;
  readonly compositionTicks?: number;
  readonly durationTicks?: number;
  readonly isSync?: boolean;
  /** Unix time in milliseconds; without, there is no prft. */
  readonly capturedWallMs?: number;
}

export function fragment(fields: FragmentFields = {}): Uint8Array<ArrayBuffer> {
  const { trackId = 1, decodeTicks = 0, compositionTicks = 0, durationTicks = 3000, isSync = true } = fields;
  const sample = [
    ...u32(durationTicks),
    ...u32(10),
    ...u32(isSync ? 0x2000000 : 0x1010000),
    ...u32(compositionTicks),
  ];
  const trun = box('trun', u32(0x01000f01), u32(1), u32(0), sample);
  const tfhd = box('tfhd', u32(0x020000), u32(trackId));
  const tfdt = box('tfdt', u32(0x01000000), u64(decodeTicks));
  const moof = box('moof', box('mfhd', u32(0), u32(1)), box('traf', tfhd, tfdt, trun));
  const mdat = box('mdat', zeros(10));
  return concat(...(fields.capturedWallMs === undefined ? [] : [prft(fields.capturedWallMs)]), moof, mdat);
}

function prft(unixMs: number): Uint8Array {
  const seconds = Math.floor(unixMs / 1000);
  const fraction = Math.round(((unixMs - seconds * 1000) / 1000) * 2 ** 32);
  return box('prft', u32(0x01000018), u32(1), u32(seconds + 2_208_988_800), u32(fraction), u64(0));
}
