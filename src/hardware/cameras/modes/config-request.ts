import { RESIZE_MODES, type ResizeMode } from '../../../media/image-scale.ts';
import { sensorConfigInvalid } from '../errors.ts';
import { RESOLUTION_NAMES, type Size } from './resolutions.ts';

/** What a client asks of a sensor. Absent fields ask for nothing. */
export interface ConfigRequest {
  /** One of RESOLUTION_NAMES, or a size. */
  readonly resolution?: string | Size;
  readonly videoSize?: Size;
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
  readonly stillSize?: Size;
  readonly previewSize?: Size;
  /** Parts of width and height, 0 to 1. */
  readonly sensorCrop?: Size;
  readonly resizeMode?: ResizeMode;
}

/** What clients have set of a sensor. */
export type SetConfig = Pick<
  ConfigRequest,
  'videoSize' | 'fps' | 'stillSize' | 'previewSize' | 'sensorCrop' | 'resizeMode'
>;

const MAX_SIDE = 16_384;
const MAX_IMAGE_SIDE = 8192;
const MAX_RATE = 1000;
const MAX_TEXT_LENGTH = 64;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
/** `[200,200]`, `200,200`, `200x200`, `(200, 200)`. */
const PAIR = /^[[(]?\s*([^\s,x×]+)\s*[,x×]\s*([^\s,x×\])]+)\s*[\])]?$/;

/**
 * Reads a body: any of Robopipe's configurations, whole or in part, as JSON or as the texts of a form. Fields that are
 * null, and those that mean nothing here, are passed over. So is a size of `[0, 0]`, which stands for an unknown one.
 * @throws AppError SENSOR_CONFIG_INVALID
 */
export function readConfigRequest(body: unknown): ConfigRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw sensorConfigInvalid('The configuration', body, 'an object');
  const read = new Map<string, unknown>(Object.entries(body));
  const field = <T>(name: string, parse: (name: string, seen: unknown) => T): T | undefined => {
    const seen = read.get(name);
    return seen === undefined || seen === null ? undefined : parse(name, seen);
  };
  return defined({
    resolution: field('resolution', resolution),
    videoSize: field('video_size', modeSize),
    width: field('width', side),
    height: field('height', side),
    fps: field('fps', rate),
    stillSize: field('still_size', imageSize),
    previewSize: field('preview_size', imageSize),
    sensorCrop: field('sensor_crop', crop),
    resizeMode: field('resize_mode', resizeMode),
  });
}

/** An object without the fields that are undefined. */
export function defined<T extends object>(
  fields: T,
): { readonly [Key in keyof T]?: Exclude<T[Key], undefined> } {
  // What is left has every value that is not undefined.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    readonly [Key in keyof T]?: Exclude<T[Key], undefined>;
  };
}

function resolution(name: string, seen: unknown): string | Size | undefined {
  if (typeof seen === 'string' && RESOLUTION_NAMES.includes(seen)) return seen;
  const allowed = `a width and height, or one of ${RESOLUTION_NAMES.join(', ')}`;
  return sizeUpTo(MAX_SIDE, allowed)(name, seen);
}

const modeSize = sizeUpTo(MAX_SIDE, `a width and height up to ${MAX_SIDE}`);
const imageSize = sizeUpTo(MAX_IMAGE_SIDE, `a width and height up to ${MAX_IMAGE_SIDE}`);

function sizeUpTo(limit: number, allowed: string) {
  return (name: string, seen: unknown): Size | undefined => {
    const size = pair(seen);
    if (size?.[0] === 0 && size[1] === 0) return undefined;
    if (size?.every((length) => Number.isInteger(length) && length >= 1 && length <= limit)) return size;
    throw sensorConfigInvalid(name, seen, allowed);
  };
}

function side(name: string, seen: unknown): number | undefined {
  const length = number(seen);
  if (length === 0) return undefined;
  if (length !== undefined && Number.isInteger(length) && length >= 1 && length <= MAX_SIDE) return length;
  throw sensorConfigInvalid(name, seen, `a whole number from 1 to ${MAX_SIDE}`);
}

function rate(name: string, seen: unknown): number | undefined {
  const perSecond = number(seen);
  if (perSecond === 0) return undefined;
  if (perSecond !== undefined && perSecond > 0 && perSecond <= MAX_RATE) return perSecond;
  throw sensorConfigInvalid(name, seen, `a number above 0, up to ${MAX_RATE}`);
}

function crop(name: string, seen: unknown): Size {
  const parts = pair(seen);
  if (parts?.every((part) => part >= 0 && part <= 1)) return parts;
  throw sensorConfigInvalid(name, seen, 'two numbers from 0 to 1');
}

function resizeMode(name: string, seen: unknown): ResizeMode {
  const mode = RESIZE_MODES.find((each) => each === seen);
  if (mode === undefined) throw sensorConfigInvalid(name, seen, `one of ${RESIZE_MODES.join(', ')}`);
  return mode;
}

function pair(seen: unknown): Size | undefined {
  const isText = typeof seen === 'string' && seen.length <= MAX_TEXT_LENGTH;
  const parts: unknown = isText ? PAIR.exec(seen.trim())?.slice(1) : seen;
  if (!Array.isArray(parts) || parts.length !== 2) return undefined;
  const [first, second] = [number(parts[0]), number(parts[1])];
  return first === undefined || second === undefined ? undefined : [first, second];
}

function number(seen: unknown): number | undefined {
  if (typeof seen === 'number') return seen;
  const isNumber = typeof seen === 'string' && seen.length <= MAX_TEXT_LENGTH && NUMBER.test(seen.trim());
  return isNumber ? Number(seen) : undefined;
}
