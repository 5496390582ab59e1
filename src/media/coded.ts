import type { RawPixelFormat } from './picture.ts';

/** Decoder configuration of an H.264 track: everything an init segment, an SDP or an FLV header is made from. */
export interface H264Config {
  readonly kind: 'video';
  readonly codec: 'h264';
  /** RFC 6381 string from the real parameter sets, for example `avc1.42C01F`. */
  readonly codecString: string;
  /** Displayed size in luma samples, after cropping. */
  readonly width: number;
  readonly height: number;
  /** AVCDecoderConfigurationRecord, ISO/IEC 14496-15 §5.3.3.1. */
  readonly avcC: Uint8Array;
  /** Parameter sets as NAL units without start code or length, in the order of the avcC. */
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
}

/** A track whose access units are JPEG images, each decodable by itself. */
export interface JpegConfig {
  readonly kind: 'video';
  readonly codec: 'jpeg';
  readonly codecString: 'mjpeg';
  readonly width: number;
  readonly height: number;
}

/** A track whose units are raw pictures, for those who compute on them. */
export interface RawConfig {
  readonly kind: 'video';
  readonly codec: 'raw';
  readonly codecString: 'raw';
  readonly pixelFormat: RawPixelFormat;
  readonly width: number;
  readonly height: number;
}

/** Decoder configuration of a track, told apart by `codec`. */
export type CodecConfig = H264Config | JpegConfig | RawConfig;

/** Whether a decoder set up for one configuration can go on with the other. */
export function isSameConfig(a: CodecConfig, b: CodecConfig): boolean {
  if (a.codec === 'h264' && b.codec === 'h264') return Buffer.compare(a.avcC, b.avcC) === 0;
  if (a.codec === 'raw' && b.codec === 'raw' && a.pixelFormat !== b.pixelFormat) return false;
  return a.codec === b.codec && a.width === b.width && a.height === b.height;
}

/**
 * One access unit as an encoder or a source delivers it, on CLOCK_MONOTONIC.
 * A stream places it on its own timeline and makes an `AccessUnit` of it.
 */
export interface CodedUnit {
  /**
   * H.264: NAL units, each behind a 4-byte big-endian length (ISO/IEC 14496-15 §5.3.2), without parameter sets or
   * AUD. JPEG: one image. Raw: tightly packed pixels.
   */
  readonly data: Uint8Array;
  /** Capture time of the picture; presentation order follows it. */
  readonly ptsUs: number;
  /** Decoding time; equal to `ptsUs` unless pictures are reordered. */
  readonly dtsUs: number;
  /** True when decoding can begin here (an IDR picture). */
  readonly isSync: boolean;
}

/** What an access unit of a stream belongs to. A stream carries a list of tracks; video is the first. */
export interface Track {
  readonly id: number;
  /** Ticks per second of every time in this track. */
  readonly timescale: number;
  /** Counts changes of the decoder configuration; units of different epochs never share an init segment. */
  readonly epoch: number;
  readonly config: CodecConfig;
}

/** One coded picture on a stream's timeline: what the hub hands, by reference, to every reader. Never written to. */
export interface AccessUnit {
  readonly track: Track;
  readonly data: Uint8Array;
  /** Presentation and decoding time in `track.timescale` ticks; the stream's first unit has PTS 0. */
  readonly ptsTicks: number;
  readonly dtsTicks: number;
  /** Nominal duration; the next unit's time is the truth. */
  readonly durationTicks: number;
  readonly isSync: boolean;
  /** Position in the stream, 1 for its first unit; one for all readers. */
  readonly sequence: number;
  /** When the picture was taken, CLOCK_MONOTONIC in microseconds: the same for a picture in every stream of its sensor. */
  readonly capturedUs: number;
  /** The same as Unix time in microseconds. */
  readonly capturedWallUs: number;
}
