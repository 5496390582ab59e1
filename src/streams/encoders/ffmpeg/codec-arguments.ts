import type { FrameInterval, PixelFormat } from '../../../media/picture.ts';
import type { EncoderSettings } from '../encoder.ts';

/** The pictures to encode, as far as they are known. */
export interface EncodedPictures {
  readonly pixelFormat?: PixelFormat;
  readonly width: number;
  readonly height: number;
  readonly frameInterval: FrameInterval;
}

/** What one of ffmpeg's H.264 encoders wants on the command line. */
export interface CodecArguments {
  /** Before the input. */
  readonly device: readonly string[];
  /** End of the filter chain: what makes pictures the encoder takes. */
  readonly filters: readonly string[];
  readonly options: readonly string[];
}

const SECONDS_PER_DEFAULT_GOP = 2;
/** At quality 23 a picture takes about this many bits per pixel; six levels are a factor of two. */
const BITS_PER_PIXEL = 0.1;
const MIDDLE_QUALITY = 23;

const frameRate = ({ frameInterval }: EncodedPictures): number =>
  frameInterval.denominator / frameInterval.numerator;

/** Pictures from one sync sample to the next. */
export function gopPictures(format: EncodedPictures, { gopLength }: EncoderSettings): number {
  if (gopLength > 0) return gopLength;
  return Math.max(1, Math.round(frameRate(format) * SECONDS_PER_DEFAULT_GOP));
}

/** A bit rate for encoders that know no constant quality. */
function bitrateForQuality(format: EncodedPictures, quality: number): number {
  const bitsPerPixel = BITS_PER_PIXEL * 2 ** ((MIDDLE_QUALITY - quality) / 6);
  return Math.max(100, Math.round((format.width * format.height * frameRate(format) * bitsPerPixel) / 1000));
}

/** A bit rate that is held within half a second. */
function bitrate(kbps: number): string[] {
  return ['-b:v', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${Math.ceil(kbps / 2)}k`];
}

/**
 * The arguments for one encoder, each with what makes it hand out a picture at once.
 * @param renderNode for example `/dev/dri/renderD128`, for VA-API.
 */
export function codecArguments(
  codec: string,
  format: EncodedPictures,
  settings: EncoderSettings,
  renderNode: string | undefined,
): CodecArguments {
  const { bitrateKbps, profile } = settings;
  const quality = String(settings.quality);
  const rateOr = (constantQuality: string[], prefix: string[] = []) =>
    bitrateKbps > 0 ? [...prefix, ...bitrate(bitrateKbps)] : constantQuality;
  const planar = { device: [], filters: ['format=yuv420p'] };
  const semiPlanar = { device: [], filters: ['format=nv12'] };
  switch (codec) {
    case 'libx264': {
      const options = ['-preset', settings.preset, '-tune', 'zerolatency', '-profile:v', profile];
      return {
        // x264 takes both; sparing the conversion of NV12 saves about a millisecond at 720p.
        ...(format.pixelFormat === 'NV12' ? semiPlanar : planar),
        // Scene cuts would add sync samples and so break the GOP length.
        options: [...options, '-sc_threshold', '0', ...rateOr(['-crf', quality])],
      };
    }
    case 'h264_nvenc':
      return {
        ...semiPlanar,
        options: [
          ...['-preset', 'p1', '-tune', 'ull', '-zerolatency', '1', '-delay', '0', '-profile:v', profile],
          ...rateOr(['-rc', 'constqp', '-qp', quality], ['-rc', 'cbr']),
        ],
      };
    case 'h264_qsv':
      return {
        ...semiPlanar,
        options: [
          ...['-preset', 'veryfast', '-async_depth', '1', '-profile:v', profile],
          ...rateOr(['-global_quality', quality]),
        ],
      };
    case 'h264_vaapi':
      return {
        device: ['-vaapi_device', renderNode ?? '/dev/dri/renderD128'],
        filters: ['format=nv12', 'hwupload'],
        options: [
          ...['-async_depth', '1', '-profile:v', profile === 'baseline' ? 'constrained_baseline' : profile],
          ...rateOr(['-rc_mode', 'CQP', '-qp', quality]),
        ],
      };
    case 'h264_rkmpp':
      return {
        ...semiPlanar,
        options: [
          '-profile:v',
          profile,
          ...rateOr(['-rc_mode', 'CQP', '-qp_init', quality], ['-rc_mode', 'CBR']),
        ],
      };
    default:
      // h264_v4l2m2m and others know a bit rate only.
      return {
        ...planar,
        options: bitrate(bitrateKbps > 0 ? bitrateKbps : bitrateForQuality(format, settings.quality)),
      };
  }
}
