import type { CaptureRequest } from '../../../media/source.ts';
import type { FrameSize, SensorInfo } from '../camera.ts';
import { chooseMode, usableFormats } from '../v4l2/mode.ts';
import { COMMON_SIZES, isSameSize, type Size } from './resolutions.ts';

/** What a sensor does: the size of its pictures, and how many come in a second. */
export interface SensorMode {
  /** `[0, 0]` while it is not known. */
  readonly size: Size;
  /** 0 while it is not known. */
  readonly frameRate: number;
}

/** A size that a sensor has, with the rates at which it has it. */
export interface AvailableMode {
  readonly width: number;
  readonly height: number;
  readonly min_fps: number;
  readonly max_fps: number;
}

/** The part of a sensor that its modes follow from. */
export type ModeSensor = Pick<SensorInfo, 'isColour' | 'formats' | 'defaultMode'>;

const UNKNOWN: SensorMode = { size: [0, 0], frameRate: 0 };

/** For sizes whose rates the driver does not list: what sensors usually manage. It takes its nearest. */
const UNLISTED_RATES = { min: 1, max: 120 };

/** Rates closer than this are the same: 29.97 and 30000/1001. */
const RATE_TOLERANCE = 0.01;

export const isSameRate = (a: number, b: number): boolean => Math.abs(a - b) < RATE_TOLERANCE;

/** The mode that a sensor takes when it is asked for this: the nearest it has. */
export function nearestMode({ formats, defaultMode }: ModeSensor, request: CaptureRequest): SensorMode {
  const mode = chooseMode(formats, { ...defaultMode, ...request }, { width: 0, height: 0 });
  if (mode === undefined || mode.width === 0) return UNKNOWN;
  const { numerator, denominator } = mode.frameInterval;
  return { size: [mode.width, mode.height], frameRate: Math.round((denominator / numerator) * 1000) / 1000 };
}

/** Whether a sensor has a size. @param request what else is asked of it: the pixel format. */
export function hasSize(sensor: ModeSensor, request: CaptureRequest, size: Size): boolean {
  return isSameSize(nearestMode(sensor, { ...request, width: size[0], height: size[1] }).size, size);
}

/** The rates at which a sensor has a size; undefined when it does not have the size. */
export function ratesOf(
  sensor: ModeSensor,
  request: CaptureRequest,
  size: Size,
): { readonly min: number; readonly max: number } | undefined {
  if (!hasSize(sensor, request, size)) return undefined;
  const ranges = usableSizes(sensor, request).flatMap((each) => {
    if (each.kind === 'stepwise') return isWithin(each, size) ? [UNLISTED_RATES] : [];
    if (!isSameSize([each.width, each.height], size)) return [];
    const rates = each.frameIntervals.map(({ numerator, denominator }) => denominator / numerator);
    return rates.length === 0 ? [UNLISTED_RATES] : [{ min: Math.min(...rates), max: Math.max(...rates) }];
  });
  return { min: Math.min(...ranges.map(({ min }) => min)), max: Math.max(...ranges.map(({ max }) => max)) };
}

/** Whether a rate lies within a range of rates. */
export const isRateWithin = (rate: number, { min, max }: { min: number; max: number }): boolean =>
  rate > min - RATE_TOLERANCE && rate < max + RATE_TOLERANCE;

/** The sizes of a sensor, smallest first. Of a range of sizes: its ends, the usual ones, and what the sensor does. */
export function availableModes(sensor: ModeSensor, request: CaptureRequest): AvailableMode[] {
  const named = usableSizes(sensor, request).flatMap((each): readonly Size[] => {
    if (each.kind === 'discrete') return [[each.width, each.height]];
    const ends: readonly Size[] = [
      [each.minWidth, each.minHeight],
      [each.maxWidth, each.maxHeight],
    ];
    return [...ends, ...COMMON_SIZES, nearestMode(sensor, request).size];
  });
  const sizes = new Map(named.map((size) => [size.join('×'), size]));
  return [...sizes.values()]
    .flatMap((size) => {
      const rates = ratesOf(sensor, request, size);
      if (rates === undefined) return [];
      const [width, height] = size;
      return [{ width, height, min_fps: rounded(rates.min), max_fps: rounded(rates.max) }];
    })
    .sort((a, b) => a.width * a.height - b.width * b.height);
}

/** The available modes in words. */
export function modesText(sensor: ModeSensor, request: CaptureRequest): string {
  const modes = availableModes(sensor, request).map(
    ({ width, height, min_fps, max_fps }) =>
      `${width}×${height} at ${min_fps === max_fps ? max_fps : `${min_fps} to ${max_fps}`}`,
  );
  const isRange = usableSizes(sensor, request).some(({ kind }) => kind === 'stepwise');
  if (modes.length === 0) return 'none: the camera decides by itself';
  return `${modes.join(', ')}${isRange ? ', and sizes between' : ''}`;
}

function usableSizes({ formats }: ModeSensor, request: CaptureRequest): FrameSize[] {
  return usableFormats(formats, request).flatMap(({ format }) => format.frameSizes);
}

function isWithin(range: Extract<FrameSize, { kind: 'stepwise' }>, [width, height]: Size): boolean {
  const isOnGrid = (value: number, min: number, max: number, step: number): boolean =>
    value >= min && value <= max && (value - min) % step === 0;
  return (
    isOnGrid(width, range.minWidth, range.maxWidth, range.stepWidth) &&
    isOnGrid(height, range.minHeight, range.maxHeight, range.stepHeight)
  );
}

const rounded = (rate: number): number => Math.round(rate * 1000) / 1000;
