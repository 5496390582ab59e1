import type { FrameInterval, PictureFormat, PixelFormat } from '../../../media/picture.ts';
import type { CaptureRequest } from '../../../media/source.ts';
import type { SensorFormat } from '../camera.ts';
import { sourceFormatUnsupported } from '../errors.ts';

/** Frame sizes of every simulated sensor: any even size between these. */
const SIZE = { minWidth: 64, maxWidth: 1920, stepWidth: 2, minHeight: 48, maxHeight: 1080, stepHeight: 2 };
const RATE = { min: 1, max: 120 };

/** What a sensor does unless it is asked for something else; the first pixel format is the default. */
export interface SensorDefaults {
  readonly pixelFormats: readonly [PixelFormat, ...PixelFormat[]];
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
}

/** The colour sensor. */
export const COLOUR_SENSOR: SensorDefaults = {
  pixelFormats: ['NV12', 'YUYV'],
  width: 1280,
  height: 720,
  frameRate: 30,
};

/** The mono sensor. */
export const MONO_SENSOR: SensorDefaults = {
  pixelFormats: ['GREY'],
  width: 640,
  height: 400,
  frameRate: 30,
};

/** What the sensor offers, as a device driver would list it. */
export function offeredFormats({ pixelFormats }: SensorDefaults): SensorFormat[] {
  return pixelFormats.map((pixelFormat) => ({
    pixelFormat,
    description: `Simulated ${pixelFormat}`,
    frameSizes: [{ kind: 'stepwise', ...SIZE }],
  }));
}

/**
 * The mode nearest to a request.
 * @throws AppError SOURCE_FORMAT_UNSUPPORTED for a pixel format that the sensor does not have.
 */
export function chooseFormat(label: string, sensor: SensorDefaults, request: CaptureRequest): PictureFormat {
  const pixelFormat = request.pixelFormat ?? sensor.pixelFormats[0];
  if (!sensor.pixelFormats.includes(pixelFormat)) {
    throw sourceFormatUnsupported(label, pixelFormat, sensor.pixelFormats.join(', '));
  }
  const { width = sensor.width, height = sensor.height, frameRate = sensor.frameRate } = request;
  return { pixelFormat, ...nearestSize(width, height), frameInterval: intervalOf(frameRate) };
}

/** The frame size nearest to the one asked for. */
export function nearestSize(width: number, height: number): { width: number; height: number } {
  const even = (size: number, min: number, max: number) =>
    Math.min(max, Math.max(min, Math.round(size / 2) * 2));
  return {
    width: even(width, SIZE.minWidth, SIZE.maxWidth),
    height: even(height, SIZE.minHeight, SIZE.maxHeight),
  };
}

function intervalOf(frameRate: number): FrameInterval {
  const rate = Math.min(RATE.max, Math.max(RATE.min, frameRate));
  return Number.isInteger(rate)
    ? { numerator: 1, denominator: rate }
    : { numerator: 1000, denominator: Math.round(rate * 1000) };
}
