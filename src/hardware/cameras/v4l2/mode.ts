import type { FrameInterval, PixelFormat } from '../../../media/picture.ts';
import type { CaptureRequest } from '../../../media/source.ts';
import type { FrameSize, SensorFormat } from '../camera.ts';

/** How a sensor is to be set up. */
export interface Mode {
  /** The driver's fourcc. */
  readonly fourcc: string;
  readonly pixelFormat: PixelFormat;
  readonly width: number;
  readonly height: number;
  readonly frameInterval: FrameInterval;
}

/**
 * Driver fourccs the service can use, best first among modes of equal size and rate: raw pictures spare a decoder
 * (NV12 has the fewest bytes, GREY has no colour), and H264 leaves no pictures to watch.
 */
const USABLE: ReadonlyMap<string, PixelFormat> = new Map([
  ['NV12', 'NV12'],
  ['YUYV', 'YUYV'],
  ['MJPG', 'MJPG'],
  ['JPEG', 'MJPG'],
  ['GREY', 'GREY'],
  ['Z16', 'Z16'],
  ['H264', 'H264'],
]);

/** Whether the service can use pictures of a driver's fourcc. */
export const isUsable = (fourcc: string): boolean => USABLE.has(fourcc);

/** Whether a node measures depth: it does when it offers Z16, whatever else it offers. */
export const isDepth = (formats: readonly SensorFormat[]): boolean =>
  formats.some(({ pixelFormat }) => pixelFormat === 'Z16');

/**
 * What of a sensor's formats can be taken for a request. A sensor that measures depth gives Z16 and nothing else: a
 * pixel format is asked for with the other sensors in mind.
 */
export function usableFormats(
  formats: readonly SensorFormat[],
  request: CaptureRequest,
): { readonly format: SensorFormat; readonly pixelFormat: PixelFormat }[] {
  const wanted = isDepth(formats) ? 'Z16' : request.pixelFormat;
  return formats.flatMap((format) => {
    const pixelFormat = USABLE.get(format.pixelFormat);
    if (pixelFormat === undefined || (wanted !== undefined && pixelFormat !== wanted)) return [];
    return [{ format, pixelFormat }];
  });
}

// Without a request: HD ready at a fluent rate is what software encoding manages on small machines.
const USUAL_WIDTH = 1280;
const USUAL_HEIGHT = 720;
const USUAL_RATE = 30;
/** Cameras of 50 Hz countries do 25, film rate is 24: good enough not to give up picture size for 30. */
const FLUENT_RATE = 24;

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The mode of a sensor that comes nearest to a request: first by size, then by rate (the closest that is not
 * slower), then by pixel format. Without a requested size it is the largest within 1280 × 720 that is fluent;
 * without a requested rate, 30 per second.
 * @param present the size in force, for formats whose sizes the driver does not list.
 * @returns undefined when the sensor has none of the usable formats, or not the requested one.
 */
export function chooseMode(
  formats: readonly SensorFormat[],
  request: CaptureRequest,
  present: Size,
): Mode | undefined {
  let best: { mode: Mode; score: readonly number[] } | undefined;
  for (const mode of candidates(formats, request, present)) {
    const score = scoreOf(mode, request);
    if (best === undefined || isLess(score, best.score)) best = { mode, score };
  }
  return best?.mode;
}

function* candidates(
  formats: readonly SensorFormat[],
  request: CaptureRequest,
  present: Size,
): Generator<Mode> {
  for (const { format, pixelFormat } of usableFormats(formats, request)) {
    const { pixelFormat: fourcc, frameSizes } = format;
    const sizes = frameSizes.length > 0 ? frameSizes.flatMap((size) => nearestIn(size, request)) : [present];
    for (const size of sizes) {
      for (const frameInterval of intervalsOf(size, request)) {
        yield { fourcc, pixelFormat, width: size.width, height: size.height, frameInterval };
      }
    }
  }
}

function nearestIn(size: FrameSize, request: CaptureRequest): Size {
  if (size.kind === 'discrete') return size;
  const snap = (wanted: number, minimum: number, maximum: number, step: number) =>
    minimum + Math.floor((Math.min(Math.max(wanted, minimum), maximum) - minimum) / step) * step;
  return {
    width: snap(request.width ?? USUAL_WIDTH, size.minWidth, size.maxWidth, size.stepWidth),
    height: snap(request.height ?? USUAL_HEIGHT, size.minHeight, size.maxHeight, size.stepHeight),
  };
}

/** What the driver lists; where it lists nothing, what was asked for, and the driver takes its nearest. */
function intervalsOf(size: Size | FrameSize, request: CaptureRequest): readonly FrameInterval[] {
  if ('frameIntervals' in size && size.frameIntervals.length > 0) return size.frameIntervals;
  return [intervalOf(request.frameRate ?? USUAL_RATE)];
}

/** Frames per second as a frame interval, exact to a thousandth. */
export function intervalOf(frameRate: number): FrameInterval {
  return Number.isInteger(frameRate)
    ? { numerator: 1, denominator: frameRate }
    : { numerator: 1000, denominator: Math.max(1, Math.round(frameRate * 1000)) };
}

/** Smaller is better, the first difference decides. */
function scoreOf(mode: Mode, request: CaptureRequest): readonly number[] {
  const { width, height, frameInterval } = mode;
  const rate = frameInterval.denominator / frameInterval.numerator;
  const area = width * height;
  const hasSize = request.width !== undefined || request.height !== undefined;
  const tooLarge = width > USUAL_WIDTH || height > USUAL_HEIGHT;
  const distance = hasSize
    ? Math.abs(width - (request.width ?? width)) + Math.abs(height - (request.height ?? height))
    : tooLarge
      ? area
      : 0;
  const enough = request.frameRate ?? FLUENT_RATE;
  // A hair below counts as reached: 29.97 asked for as 30000/1001 or as 2997/100.
  const shortfall = rate >= enough - 0.01 ? 0 : enough - rate;
  const deviation = Math.abs(rate - (request.frameRate ?? USUAL_RATE));
  return [distance, shortfall, -area, deviation, [...USABLE.keys()].indexOf(mode.fourcc)];
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const index = a.findIndex((value, at) => value !== b[at]);
  return index >= 0 && (a[index] ?? 0) < (b[index] ?? 0);
}
