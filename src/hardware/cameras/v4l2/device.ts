import { closeSync, constants, openSync } from 'node:fs';
import type { AppError } from '../../../core/app-error.ts';
import { ERRNO, ErrnoError, tryIoctl } from '../../../core/libc.ts';
import type { FrameInterval } from '../../../media/picture.ts';
import { cameraBusy, cameraDenied, sourceFailed, sourceGone } from '../errors.ts';
import { holderOf } from './holder.ts';
import { REQUESTS, STRUCTS, VALUES } from './layout.ts';

const { v4l2_capability, v4l2_format, v4l2_streamparm } = STRUCTS;

/** What a device node says of itself (VIDIOC_QUERYCAP). */
export interface Capability {
  /** The kernel's driver: `uvcvideo`. */
  readonly driver: string;
  /** Product name. */
  readonly card: string;
  readonly busInfo: string;
  /** V4L2_CAP_… of this node; of the whole device where the driver does not tell its nodes apart. */
  readonly capabilities: number;
}

/** struct v4l2_pix_format, as far as it matters here. */
export interface PixFormat {
  /** Fourcc as text, see {@link fourccText}. */
  readonly pixelFormat: string;
  readonly width: number;
  readonly height: number;
  /** Distance of two rows in bytes; 0 for compressed formats. */
  readonly bytesPerLine: number;
}

/**
 * An open V4L2 capture node. Calls are synchronous ioctls; some drivers answer them only after asking the
 * hardware, so they belong into threads. Failures are AppErrors: SOURCE_GONE (ENODEV, ENXIO, ENOENT at opening),
 * CAMERA_BUSY (EBUSY), CAMERA_DENIED (EACCES, EPERM), SOURCE_FAILED (the rest).
 */
export class V4l2Device implements Disposable {
  readonly node: string;
  /** Non-blocking. */
  readonly fd: number;
  #isOpen = true;

  private constructor(node: string, fd: number) {
    this.node = node;
    this.fd = fd;
  }

  /** Opens a node for reading, writing and streaming. */
  static open(node: string): V4l2Device {
    try {
      return new V4l2Device(node, openSync(node, constants.O_RDWR | constants.O_NONBLOCK));
    } catch (error) {
      // Node reports a failed system call with the negative errno.
      const errno = error instanceof Error && 'errno' in error ? -Number(error.errno) : 0;
      throw errno === ERRNO.ENOENT ? sourceGone(node, error) : deviceError(node, 'open', errno, error);
    }
  }

  /** A call that must succeed; changes `argument` in place. */
  call(request: keyof typeof REQUESTS, argument: Buffer): void {
    const errno = this.attempt(request, argument);
    if (errno !== 0) throw this.error(request, errno);
  }

  /** A call that is expected to fail now and then. @returns 0, or the errno. */
  attempt(request: keyof typeof REQUESTS, argument: Buffer): number {
    return tryIoctl(this.fd, REQUESTS[request], argument);
  }

  /** The AppError for an errno of a call on this device. */
  error(call: string, errno: number): AppError {
    return deviceError(this.node, call, errno, new ErrnoError(call, errno));
  }

  capability(): Capability {
    const bytes = Buffer.alloc(v4l2_capability.sizeof);
    this.call('VIDIOC_QUERYCAP', bytes);
    const all = bytes.readUInt32LE(v4l2_capability.capabilities);
    return {
      driver: text(bytes, v4l2_capability.driver, 16),
      card: text(bytes, v4l2_capability.card, 32),
      busInfo: text(bytes, v4l2_capability.bus_info, 32),
      capabilities:
        (all & VALUES.V4L2_CAP_DEVICE_CAPS) === 0 ? all : bytes.readUInt32LE(v4l2_capability.device_caps),
    };
  }

  /** VIDIOC_G_FMT. */
  format(): PixFormat {
    const bytes = Buffer.alloc(v4l2_format.sizeof);
    bytes.writeUInt32LE(VALUES.V4L2_BUF_TYPE_VIDEO_CAPTURE, v4l2_format.type);
    this.call('VIDIOC_G_FMT', bytes);
    return readPixFormat(bytes);
  }

  /** VIDIOC_S_FMT, progressive. @returns what the driver made of it. */
  setFormat(pixelFormat: string, width: number, height: number): PixFormat {
    const bytes = Buffer.alloc(v4l2_format.sizeof);
    bytes.writeUInt32LE(VALUES.V4L2_BUF_TYPE_VIDEO_CAPTURE, v4l2_format.type);
    bytes.writeUInt32LE(width, v4l2_format['fmt.pix.width']);
    bytes.writeUInt32LE(height, v4l2_format['fmt.pix.height']);
    bytes.writeUInt32LE(fourccNumber(pixelFormat), v4l2_format['fmt.pix.pixelformat']);
    bytes.writeUInt32LE(VALUES.V4L2_FIELD_NONE, v4l2_format['fmt.pix.field']);
    this.call('VIDIOC_S_FMT', bytes);
    return readPixFormat(bytes);
  }

  /** VIDIOC_S_PARM. @returns the interval in force; undefined when the driver does not say. */
  setFrameInterval({ numerator, denominator }: FrameInterval): FrameInterval | undefined {
    const bytes = Buffer.alloc(v4l2_streamparm.sizeof);
    const [over, under] = [
      v4l2_streamparm['parm.capture.timeperframe.numerator'],
      v4l2_streamparm['parm.capture.timeperframe.denominator'],
    ];
    bytes.writeUInt32LE(VALUES.V4L2_BUF_TYPE_VIDEO_CAPTURE, v4l2_streamparm.type);
    bytes.writeUInt32LE(numerator, over);
    bytes.writeUInt32LE(denominator, under);
    const errno = this.attempt('VIDIOC_S_PARM', bytes);
    if (errno === ERRNO.ENOTTY || errno === ERRNO.EINVAL) return undefined;
    if (errno !== 0) throw this.error('VIDIOC_S_PARM', errno);
    const inForce = { numerator: bytes.readUInt32LE(over), denominator: bytes.readUInt32LE(under) };
    return inForce.numerator > 0 && inForce.denominator > 0 ? inForce : undefined;
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.fd);
  }
}

/** ENXIO: the device behind a node that still exists has gone. */
const ENXIO = 6;

function deviceError(node: string, call: string, errno: number, cause: unknown): AppError {
  switch (errno) {
    case ERRNO.ENODEV:
    case ENXIO:
      return sourceGone(node, cause);
    case ERRNO.EBUSY:
      return cameraBusy(node, holderOf(node), cause);
    case ERRNO.EACCES:
    case ERRNO.EPERM:
      return cameraDenied(node, cause);
    default:
      return sourceFailed(node, cause instanceof Error ? cause.message : `${call}, errno ${errno}`, cause);
  }
}

function readPixFormat(bytes: Buffer): PixFormat {
  return {
    pixelFormat: fourccText(bytes.readUInt32LE(v4l2_format['fmt.pix.pixelformat'])),
    width: bytes.readUInt32LE(v4l2_format['fmt.pix.width']),
    height: bytes.readUInt32LE(v4l2_format['fmt.pix.height']),
    bytesPerLine: bytes.readUInt32LE(v4l2_format['fmt.pix.bytesperline']),
  };
}

/** A fixed-size C string inside a structure. */
export function text(bytes: Buffer, offset: number, length: number): string {
  const field = bytes.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end).trim();
}

/** A fourcc as the kernel prints it: four characters without trailing blanks, `-BE` when big-endian. */
export function fourccText(fourcc: number): string {
  const characters = [0, 8, 16, 24].map((shift) => String.fromCharCode((fourcc >>> shift) & 0x7f));
  return characters.join('').trimEnd() + (fourcc >>> 31 === 1 ? '-BE' : '');
}

/** The reverse of {@link fourccText}. */
export function fourccNumber(fourcc: string): number {
  const isBigEndian = fourcc.endsWith('-BE');
  const characters = Buffer.from((isBigEndian ? fourcc.slice(0, -3) : fourcc).padEnd(4, ' '), 'latin1');
  return (characters.readUInt32LE(0) | (isBigEndian ? 0x80000000 : 0)) >>> 0;
}
