import type { AppError } from '../../core/app-error.ts';
import type { CodecConfig, CodedUnit, H264Config } from '../../media/coded.ts';
import type { ImageScale } from '../../media/image-scale.ts';
import type { Picture, PictureFormat } from '../../media/picture.ts';
import type { FeedStats } from '../../media/source.ts';

/** How a sensor is encoded; every field is set (the configuration has the defaults). */
export interface EncoderSettings {
  /** `auto` takes the first encoder that passed its trial; any other name is an ffmpeg encoder. */
  readonly codec: string;
  /** Target bit rate in kbit/s; 0 leaves it to `quality`. */
  readonly bitrateKbps: number;
  /** Constant-quality level, 1 (best) to 51, used when `bitrateKbps` is 0. */
  readonly quality: number;
  /** Pictures from one sync sample to the next; 1 = every picture, 0 = two seconds' worth. */
  readonly gopLength: number;
  /** libx264 preset, `ultrafast` to `veryslow`; other encoders ignore it. */
  readonly preset: string;
  readonly profile: 'baseline' | 'main' | 'high';
}

export interface EncoderListener {
  /** Decoder configuration: before the first unit and after each change. */
  onConfig(config: CodecConfig): void;
  onUnit(unit: CodedUnit): void;
  /** The encoder has ended without being asked to; at most once. `message` carries the last lines it wrote. */
  onExit(error: AppError): void;
}

/** A running encoder: pictures go into its pipe, access units come out through the listener in the same order. */
export interface Encoder extends AsyncDisposable {
  /** Process id, for diagnosis and tests. */
  readonly pid: number;
  /** The ffmpeg encoder in use, for example `libx264`. */
  readonly codec: string;
  /** The write end of its input pipe; whoever takes it (a source's feed) owns and closes it. */
  takeInput(): number;
  stats(): { readonly unitsOut: number; readonly bytesOut: number };
}

/** Starts encoders. Implemented by encoders/ffmpeg; tests of the stream bring their own. */
export interface EncoderFactory {
  /** @throws AppError ENCODER_SPAWN_FAILED, ENCODER_UNAVAILABLE */
  start(format: PictureFormat, settings: EncoderSettings, listener: EncoderListener): Encoder;
}

/** Turns H.264 access units into other pictures. Until the first sync sample, units are passed over. */
export interface Transcoder extends AsyncDisposable {
  readonly pid: number;
  readonly codec: string;
  /** Never waits: when the process is too slow, units are skipped up to the next sync sample. */
  write(unit: CodedUnit): void;
  feedStats(): FeedStats;
}

/** Starts encoders whose units are complete pictures: JPEG images or raw. Implemented by encoders/ffmpeg. */
export interface PictureEncoderFactory {
  /** @throws AppError ENCODER_SPAWN_FAILED */
  start(format: PictureFormat, listener: EncoderListener): Encoder;
  /** @throws AppError ENCODER_SPAWN_FAILED */
  transcode(config: H264Config, listener: EncoderListener): Transcoder;
}

/** Formats of a still. */
export const IMAGE_FORMATS = ['jpeg', 'png', 'webp'] as const;
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

/**
 * One picture as an image file. A JPEG picture asked for as JPEG is returned as the camera made it.
 * @param options.scale the size of the image; that of the picture when absent.
 * @throws AppError IMAGE_CONVERSION_FAILED
 */
export type ConvertPicture = (
  picture: Picture,
  format: ImageFormat,
  options: { readonly signal: AbortSignal; readonly scale?: ImageScale | undefined },
) => Promise<Uint8Array>;
