import type { H264Config, Track } from '../../../media/coded.ts';
import { isobmffUnsupported } from '../errors.ts';
import { type AspectRatio, parseSps } from '../h264/index.ts';
import { box, fixed32, fullBox, text, u8, u16, u32, zeros } from './box.ts';

/** Ticks per second of the movie header; nothing in a live stream is measured with it. */
const MOVIE_TIMESCALE = 1000;

/** No rotation, no scaling: a, b, u, c, d, v, x, y, w of the transformation matrix. */
const UNITY_MATRIX = Buffer.concat(
  [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].map((element) => u32(element)),
);

/** ISO 639-2 "und", 5 bits a letter. */
const LANGUAGE_UNDETERMINED = 0x55c4;

/**
 * `ftyp` + `moov` of a live stream: what a reader needs before the fragments of these tracks.
 * @param tracks at least one, with different ids, all H.264.
 * @throws AppError FORMAT_ISOBMFF_UNSUPPORTED for a track of another codec.
 * @see ISO/IEC 14496-12 §8.1, §8.2 and §8.8, ISO/IEC 14496-15 §5.4.2
 */
export function initSegment(tracks: readonly Track[]): Uint8Array {
  return Buffer.concat([ftyp(), moov(tracks)]);
}

function ftyp(): Uint8Array {
  return box(
    'ftyp',
    text('iso5'), // major_brand
    u32(0), // minor_version
    text('iso5'), // compatible_brands
    text('iso6'),
    text('mp41'),
  );
}

function moov(tracks: readonly Track[]): Uint8Array {
  return box('moov', mvhd(tracks), ...tracks.map(trak), box('mvex', ...tracks.map(trex)));
}

function mvhd(tracks: readonly Track[]): Uint8Array {
  return fullBox(
    'mvhd',
    0,
    0,
    u32(0), // creation_time
    u32(0), // modification_time
    u32(MOVIE_TIMESCALE), // timescale
    u32(0), // duration
    fixed32(1), // rate
    u16(0x0100), // volume
    zeros(2 + 8), // reserved
    UNITY_MATRIX, // matrix
    zeros(24), // pre_defined
    u32(Math.max(...tracks.map((track) => track.id)) + 1), // next_track_ID
  );
}

function trak(track: Track): Uint8Array {
  const { config } = track;
  if (config.codec !== 'h264') throw isobmffUnsupported(config.codec);
  const aspect = sampleAspectRatio(config);
  return box(
    'trak',
    tkhd(track.id, config, aspect),
    box(
      'mdia',
      mdhd(track),
      hdlr(),
      box('minf', vmhd(), box('dinf', dref()), box('stbl', stsd(config, aspect), ...emptySampleTables())),
    ),
  );
}

function tkhd(trackId: number, config: H264Config, aspect: AspectRatio): Uint8Array {
  return fullBox(
    'tkhd',
    0,
    0x000003, // track_enabled, track_in_movie
    u32(0), // creation_time
    u32(0), // modification_time
    u32(trackId), // track_ID
    zeros(4), // reserved
    u32(0), // duration
    zeros(8), // reserved
    u16(0), // layer
    u16(0), // alternate_group
    u16(0), // volume
    zeros(2), // reserved
    UNITY_MATRIX, // matrix
    fixed32((config.width * aspect.width) / aspect.height), // width
    fixed32(config.height), // height
  );
}

function mdhd(track: Track): Uint8Array {
  return fullBox(
    'mdhd',
    0,
    0,
    u32(0), // creation_time
    u32(0), // modification_time
    u32(track.timescale), // timescale
    u32(0), // duration
    u16(LANGUAGE_UNDETERMINED), // language
    u16(0), // pre_defined
  );
}

function hdlr(): Uint8Array {
  return fullBox(
    'hdlr',
    0,
    0,
    u32(0), // pre_defined
    text('vide'), // handler_type
    zeros(12), // reserved
    text('VideoHandler\0'), // name
  );
}

function vmhd(): Uint8Array {
  return fullBox(
    'vmhd',
    0,
    1,
    u16(0), // graphicsmode
    zeros(6), // opcolor
  );
}

function dref(): Uint8Array {
  return fullBox(
    'dref',
    0,
    0,
    u32(1), // entry_count
    fullBox('url ', 0, 0x000001), // media data in the same file
  );
}

function stsd(config: H264Config, aspect: AspectRatio): Uint8Array {
  return fullBox(
    'stsd',
    0,
    0,
    u32(1), // entry_count
    avc1(config, aspect),
  );
}

function avc1(config: H264Config, aspect: AspectRatio): Uint8Array {
  return box(
    'avc1',
    zeros(6), // reserved
    u16(1), // data_reference_index
    zeros(2 + 2 + 12), // pre_defined, reserved, pre_defined
    u16(config.width), // width
    u16(config.height), // height
    fixed32(72), // horizresolution
    fixed32(72), // vertresolution
    zeros(4), // reserved
    u16(1), // frame_count
    u8(0), // length of compressorname
    zeros(31), // compressorname
    u16(0x0018), // depth
    u16(0xffff), // pre_defined
    box('avcC', config.avcC),
    ...(aspect.width === aspect.height ? [] : [pasp(aspect)]),
  );
}

function pasp(aspect: AspectRatio): Uint8Array {
  return box(
    'pasp',
    u32(aspect.width), // hSpacing
    u32(aspect.height), // vSpacing
  );
}

/** The samples are in the fragments. */
function emptySampleTables(): Uint8Array[] {
  return [
    fullBox('stts', 0, 0, u32(0)), // entry_count
    fullBox('stsc', 0, 0, u32(0)), // entry_count
    fullBox('stsz', 0, 0, u32(0), u32(0)), // sample_size, sample_count
    fullBox('stco', 0, 0, u32(0)), // entry_count
  ];
}

function trex(track: Track): Uint8Array {
  return fullBox(
    'trex',
    0,
    0,
    u32(track.id), // track_ID
    u32(1), // default_sample_description_index
    u32(0), // default_sample_duration
    u32(0), // default_sample_size
    u32(0), // default_sample_flags
  );
}

/** Square when the parameter set does not say. */
function sampleAspectRatio(config: H264Config): AspectRatio {
  const [sps] = config.sps;
  return (sps && parseSps(sps).vui?.sampleAspectRatio) ?? { width: 1, height: 1 };
}
