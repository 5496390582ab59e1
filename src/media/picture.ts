/**
 * Pixel formats of pictures, by their V4L2 fourcc (linux/videodev2.h).
 * `Z16` is distance: 16 bits a pixel, little-endian, usually millimetres, 0 where nothing was measured.
 * `H264` is a coded format that some cameras deliver; sources of it give access units, not pictures.
 */
export const PIXEL_FORMATS = ['MJPG', 'YUYV', 'NV12', 'GREY', 'Z16', 'H264'] as const;
export type PixelFormat = (typeof PIXEL_FORMATS)[number];
/** Those that are brightness and colour, pixel by pixel. */
export type RawPixelFormat = Exclude<PixelFormat, 'MJPG' | 'Z16' | 'H264'>;

/** A time or rate as a fraction, in seconds per frame: 1/30 s is `{ numerator: 1, denominator: 30 }`. */
export interface FrameInterval {
  readonly numerator: number;
  readonly denominator: number;
}

/** What every picture of a source looks like until the source announces another format. */
export interface PictureFormat {
  readonly pixelFormat: PixelFormat;
  readonly width: number;
  readonly height: number;
  readonly frameInterval: FrameInterval;
}

/** One picture as the sensor delivered it. */
export interface Picture {
  readonly format: PictureFormat;
  /** Tightly packed pixels (no row padding), or one JPEG image for MJPG. The receiver owns the bytes. */
  readonly data: Uint8Array;
  /** The driver's frame counter; a gap is a picture that was lost before it reached us. */
  readonly sequence: number;
  /** When the picture was taken, CLOCK_MONOTONIC in microseconds. */
  readonly capturedUs: number;
}

/** Bytes of one raw picture, or undefined for coded formats whose size varies. */
export function pictureSizeBytes(format: PictureFormat): number | undefined {
  const pixels = format.width * format.height;
  switch (format.pixelFormat) {
    case 'YUYV':
    case 'Z16':
      return pixels * 2;
    case 'NV12':
      return pixels + 2 * Math.ceil(format.width / 2) * Math.ceil(format.height / 2);
    case 'GREY':
      return pixels;
    case 'MJPG':
    case 'H264':
      return undefined;
    default:
      return format.pixelFormat satisfies never;
  }
}
