import type { ImageScale } from '../../../media/image-scale.ts';
import type { PictureFormat } from '../../../media/picture.ts';
import type { EncoderSettings, ImageFormat } from '../encoder.ts';
import { codecArguments, gopPictures } from './codec-arguments.ts';
import { DEPTH_COLOURS } from './depth-colours.ts';

/*
 * Command lines of ffmpeg 5.1 to 7.x. Everything here is a pure function of its parameters.
 */

/** Errors only: converting JPEG's full range makes ffmpeg warn of a deprecated pixel format whatever one says. */
const QUIET = ['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'error'];

/**
 * NUT on standard input. Without `-fpsprobesize 0` ffmpeg withholds the first 4 (raw) to 21 (JPEG) pictures to
 * guess a frame rate that the stream states; frame threads of the decoder would hold back pictures for ever.
 * `-fflags nobuffer` would throw away what was read while probing.
 */
const NUT_INPUT = ['-threads', '1', '-fpsprobesize', '0', '-f', 'nut', '-i', 'pipe:0'];

/** Timestamps through unchanged, in microseconds. */
const KEEP_TIMES = ['-copyts', '-fps_mode', 'passthrough', '-enc_time_base', '1:1000000'];

/** NUT on standard output, every packet at once. Its index would grow for as long as ffmpeg runs. */
const NUT_OUTPUT = ['-flush_packets', '1', '-write_index', '0', '-f', 'nut', 'pipe:1'];

/** JPEG, grey sensors and the colours of depth use all levels; raw video in colour and H.264 here use 16 to 235. */
const isFullRange = ({ pixelFormat }: PictureFormat): boolean =>
  pixelFormat === 'MJPG' || pixelFormat === 'GREY' || pixelFormat === 'Z16';

/** Start of a filter chain: what makes pictures to look at of a source's. */
const toColours = ({ pixelFormat }: PictureFormat): readonly string[] =>
  pixelFormat === 'Z16' ? DEPTH_COLOURS : [];

/** JPEG quantiser scale, 2 (best) to 31. */
const JPEG_SCALE = '4';

const JPEG_ENCODER = ['-c:v', 'mjpeg', '-q:v', JPEG_SCALE, '-threads', '1'];

/** Pictures (NUT) to H.264 (NUT) with one of ffmpeg's encoders. */
export function encodeArguments(
  format: PictureFormat,
  codec: string,
  settings: EncoderSettings,
  renderNode: string | undefined,
): string[] {
  const { device, filters, options } = codecArguments(codec, format, settings, renderNode);
  const range = isFullRange(format) ? ['scale=in_range=pc:out_range=tv'] : [];
  return [
    ...QUIET,
    ...device,
    ...NUT_INPUT,
    ...KEEP_TIMES,
    ...['-vf', [...toColours(format), ...range, ...filters].join(',')],
    ...['-c:v', codec, '-g', String(gopPictures(format, settings)), '-bf', '0'],
    ...options,
    ...NUT_OUTPUT,
  ];
}

/** An input of ffmpeg's own. */
export interface FfmpegInput {
  /** Options and address, `-i` included. */
  readonly args: readonly string[];
  /** Longest part of the input, in milliseconds, that is read to find out what it has. */
  readonly analyzeMs: number;
}

/** None of the analysis goes into guessing the frame rate. */
const inputAnalysis = ({ analyzeMs }: FfmpegInput): string[] => [
  ...['-analyzeduration', String(analyzeMs * 1000), '-fpsprobesize', '0'],
];

/** Any input ffmpeg reads to NUT, its video untouched. */
export function copyInputArguments(input: FfmpegInput): string[] {
  const copy = ['-map', '0:v:0', '-c', 'copy'];
  return [...QUIET, ...inputAnalysis(input), ...input.args, ...copy, ...NUT_OUTPUT];
}

/** Nothing is known of an input before it is open; these only decide the length of a GOP and a rough bit rate. */
const NOMINAL_INPUT = { width: 1280, height: 720, frameInterval: { numerator: 1, denominator: 30 } };

/** Any input ffmpeg reads to H.264 (NUT). Colours become limited range, sides even. */
export function encodeInputArguments(
  input: FfmpegInput,
  codec: string,
  settings: EncoderSettings,
  renderNode: string | undefined,
): string[] {
  const { device, filters, options } = codecArguments(codec, NOMINAL_INPUT, settings, renderNode);
  const evenSides = 'scale=trunc(iw/2)*2:trunc(ih/2)*2:out_range=tv';
  return [
    ...QUIET,
    ...device,
    // Frame threads of the decoder would hold back as many pictures.
    ...['-thread_type', 'slice'],
    ...inputAnalysis(input),
    ...input.args,
    ...['-map', '0:v:0', '-fps_mode', 'passthrough', '-enc_time_base', '1:1000000'],
    ...['-vf', [evenSides, ...filters].join(',')],
    ...['-c:v', codec, '-g', String(gopPictures(NOMINAL_INPUT, settings)), '-bf', '0'],
    ...options,
    ...NUT_OUTPUT,
  ];
}

/** Pictures (NUT) to JPEG images (NUT). */
export function jpegArguments(format: PictureFormat): string[] {
  const inRange = isFullRange(format) ? 'pc' : 'tv';
  return [
    ...QUIET,
    ...NUT_INPUT,
    ...KEEP_TIMES,
    ...['-vf', [...toColours(format), `scale=in_range=${inRange}:out_range=pc`, 'format=yuvj420p'].join(',')],
    ...JPEG_ENCODER,
    ...NUT_OUTPUT,
  ];
}

/** H.264 access units (NUT) to JPEG images (NUT). */
export function transcodeArguments(): string[] {
  return [
    ...QUIET,
    // The first access unit has all there is to know: ffmpeg would decode seven of them to guess at reordering.
    ...['-probesize', '32'],
    ...NUT_INPUT,
    ...KEEP_TIMES,
    ...['-vf', 'scale=out_range=pc,format=yuvj420p'],
    ...JPEG_ENCODER,
    ...NUT_OUTPUT,
  ];
}

/** Raw pictures for computing: more than any model looks at, and few enough bytes for a pipe. */
const RAW_PICTURES =
  "scale=w='min(iw,1280)':h='min(ih,1280)':force_original_aspect_ratio=decrease:force_divisible_by=2:out_range=tv,format=nv12";

// Threads would hold back a picture each.
const RAW_ENCODER = ['-c:v', 'rawvideo', '-threads', '1'];

/** Coded pictures or depth (NUT) to raw pictures (NUT). */
export function decodeArguments(format: PictureFormat): string[] {
  const filters = [...toColours(format), RAW_PICTURES].join(',');
  return [...QUIET, ...NUT_INPUT, ...KEEP_TIMES, '-vf', filters, ...RAW_ENCODER, ...NUT_OUTPUT];
}

/** H.264 access units (NUT) to raw pictures (NUT). */
export function decodeUnitsArguments(): string[] {
  const input = [...['-probesize', '32'], ...NUT_INPUT];
  return [...QUIET, ...input, ...KEEP_TIMES, '-vf', RAW_PICTURES, ...RAW_ENCODER, ...NUT_OUTPUT];
}

const IMAGE_ENCODERS: Readonly<Record<ImageFormat, { readonly filter: string; readonly options: string[] }>> =
  {
    jpeg: { filter: 'out_range=pc,format=yuvj420p', options: ['-c:v', 'mjpeg', '-q:v', '2'] },
    png: { filter: 'out_range=pc,format=rgb24', options: ['-c:v', 'png'] },
    webp: { filter: 'out_range=tv,format=yuv420p', options: ['-c:v', 'libwebp', '-quality', '90'] },
  };

/** One picture (NUT) to one image file on standard output. Depth becomes colours, except in PNG, which has 16 bits. */
export function imageArguments(format: PictureFormat, image: ImageFormat, scale?: ImageScale): string[] {
  const { filter, options } = IMAGE_ENCODERS[image];
  const range = `in_range=${isFullRange(format) ? 'pc' : 'tv'}`;
  const fit = scale === undefined ? [`scale=${range}:${filter}`] : [fitted(range, scale), `scale=${filter}`];
  const isDepth = format.pixelFormat === 'Z16' && image === 'png';
  const filters = isDepth ? depthValues(scale) : [...toColours(format), ...fit];
  return [
    ...QUIET,
    ...NUT_INPUT,
    ...['-vf', filters.join(',')],
    ...options,
    ...['-frames:v', '1', '-f', 'image2pipe', 'pipe:1'],
  ];
}

/**
 * The values of depth as they are. Another size repeats or leaves out values and mixes none; bars are padded in RGB,
 * where black is 0, the value of what was not measured.
 */
function depthValues(scale: ImageScale | undefined): string[] {
  const fit = scale === undefined ? [] : [fitted('flags=neighbor', scale, 'gbrp16le'), 'extractplanes=g'];
  return [...fit, 'format=gray16be'];
}

/**
 * Filters that give a picture another size. In RGB, because subsampled colours are cut and padded to even sizes only.
 * @param how options of the filter scale.
 */
function fitted(how: string, { width, height, resize }: ImageScale, pixels = 'rgb24'): string {
  const scaled = `scale=${width}:${height}:${how}`;
  switch (resize) {
    case 'STRETCH':
      return `${scaled},format=${pixels}`;
    case 'CROP':
      return `${scaled}:force_original_aspect_ratio=increase,format=${pixels},crop=${width}:${height}`;
    case 'LETTERBOX':
      return `${scaled}:force_original_aspect_ratio=decrease,format=${pixels},pad=${width}:${height}:-1:-1`;
    default:
      return resize satisfies never;
  }
}
