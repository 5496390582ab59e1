import { ERRNO } from '../../../core/libc.ts';
import type { FrameInterval } from '../../../media/picture.ts';
import type { FrameSize, SensorFormat } from '../camera.ts';
import { fourccNumber, fourccText, text, type V4l2Device } from './device.ts';
import { STRUCTS, VALUES } from './layout.ts';

const { v4l2_fmtdesc, v4l2_frmsizeenum, v4l2_frmivalenum } = STRUCTS;

// A driver that never ends an enumeration must not hang the service; real ones stay far below.
const MAX_FORMATS = 256;
const MAX_SIZES = 256;
const MAX_INTERVALS = 64;

/**
 * The pixel formats of a device with their frame sizes and intervals.
 * @param isWanted formats for which sizes are asked; the others come without.
 */
export function readFormats(device: V4l2Device, isWanted = (_fourcc: string) => true): SensorFormat[] {
  const formats: SensorFormat[] = [];
  const bytes = Buffer.alloc(v4l2_fmtdesc.sizeof);
  bytes.writeUInt32LE(VALUES.V4L2_BUF_TYPE_VIDEO_CAPTURE, v4l2_fmtdesc.type);
  for (let index = 0; index < MAX_FORMATS; index++) {
    bytes.writeUInt32LE(index, v4l2_fmtdesc.index);
    if (!hasNext(device, 'VIDIOC_ENUM_FMT', bytes)) break;
    const pixelFormat = fourccText(bytes.readUInt32LE(v4l2_fmtdesc.pixelformat));
    formats.push({
      pixelFormat,
      description: text(bytes, v4l2_fmtdesc.description, 32),
      frameSizes: isWanted(pixelFormat) ? readFrameSizes(device, pixelFormat) : [],
    });
  }
  return formats;
}

/** No sizes at all: the input decides (HDMI), or the driver cannot tell. */
function readFrameSizes(device: V4l2Device, pixelFormat: string): FrameSize[] {
  const sizes: FrameSize[] = [];
  const bytes = Buffer.alloc(v4l2_frmsizeenum.sizeof);
  const field = (name: keyof typeof v4l2_frmsizeenum) => bytes.readUInt32LE(v4l2_frmsizeenum[name]);
  bytes.writeUInt32LE(fourccNumber(pixelFormat), v4l2_frmsizeenum.pixel_format);
  for (let index = 0; index < MAX_SIZES; index++) {
    bytes.writeUInt32LE(index, v4l2_frmsizeenum.index);
    if (!hasNext(device, 'VIDIOC_ENUM_FRAMESIZES', bytes)) break;
    if (field('type') === VALUES.V4L2_FRMSIZE_TYPE_DISCRETE) {
      const [width, height] = [field('discrete.width'), field('discrete.height')];
      const frameIntervals = readFrameIntervals(device, pixelFormat, width, height);
      sizes.push({ kind: 'discrete', width, height, frameIntervals });
      continue;
    }
    sizes.push({
      kind: 'stepwise',
      minWidth: field('stepwise.min_width'),
      maxWidth: field('stepwise.max_width'),
      stepWidth: Math.max(1, field('stepwise.step_width')),
      minHeight: field('stepwise.min_height'),
      maxHeight: field('stepwise.max_height'),
      stepHeight: Math.max(1, field('stepwise.step_height')),
    });
    break; // stepwise and continuous sizes have one entry only
  }
  return sizes;
}

function readFrameIntervals(
  device: V4l2Device,
  pixelFormat: string,
  width: number,
  height: number,
): FrameInterval[] {
  const intervals: FrameInterval[] = [];
  const bytes = Buffer.alloc(v4l2_frmivalenum.sizeof);
  const fraction = (offset: number): FrameInterval => ({
    numerator: bytes.readUInt32LE(offset),
    denominator: bytes.readUInt32LE(offset + 4),
  });
  bytes.writeUInt32LE(fourccNumber(pixelFormat), v4l2_frmivalenum.pixel_format);
  bytes.writeUInt32LE(width, v4l2_frmivalenum.width);
  bytes.writeUInt32LE(height, v4l2_frmivalenum.height);
  for (let index = 0; index < MAX_INTERVALS; index++) {
    bytes.writeUInt32LE(index, v4l2_frmivalenum.index);
    if (!hasNext(device, 'VIDIOC_ENUM_FRAMEINTERVALS', bytes)) break;
    if (bytes.readUInt32LE(v4l2_frmivalenum.type) === VALUES.V4L2_FRMIVAL_TYPE_DISCRETE) {
      intervals.push(fraction(v4l2_frmivalenum['discrete.numerator']));
      continue;
    }
    intervals.push(
      ...commonIntervals(
        fraction(v4l2_frmivalenum['stepwise.min']),
        fraction(v4l2_frmivalenum['stepwise.max']),
      ),
    );
    break; // stepwise and continuous intervals have one entry only
  }
  return intervals.filter(({ numerator, denominator }) => numerator > 0 && denominator > 0);
}

const COMMON_RATES = [60, 50, 30, 25, 24, 20, 15, 10, 5, 1];

/** A range of intervals as a list: its ends and the usual rates between them, fastest first. */
export function commonIntervals(shortest: FrameInterval, longest: FrameInterval): FrameInterval[] {
  const seconds = ({ numerator, denominator }: FrameInterval) => numerator / denominator;
  const between = COMMON_RATES.map((rate) => ({ numerator: 1, denominator: rate })).filter(
    (interval) => seconds(interval) > seconds(shortest) && seconds(interval) < seconds(longest),
  );
  return [shortest, ...between, longest];
}

/** @returns false at the end of an enumeration, and where the driver does not have it. */
function hasNext(
  device: V4l2Device,
  request: 'VIDIOC_ENUM_FMT' | 'VIDIOC_ENUM_FRAMESIZES' | 'VIDIOC_ENUM_FRAMEINTERVALS',
  bytes: Buffer,
): boolean {
  const errno = device.attempt(request, bytes);
  // ENODATA: the present input has no such list.
  if (errno === ERRNO.EINVAL || errno === ERRNO.ENOTTY || errno === ERRNO.ENODATA) return false;
  if (errno !== 0) throw device.error(request, errno);
  return true;
}
