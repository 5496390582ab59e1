/** What a camera offers; uvcvideo calls them MJPG, YUYV and Z16. */
export interface VideoFormat {
  readonly codec: 'mjpeg' | 'yuyv' | 'z16';
  readonly sizes: readonly FrameSize[];
}

export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

const SIZES: readonly FrameSize[] = [
  { width: 320, height: 240 },
  { width: 640, height: 480 },
  { width: 1280, height: 720 },
];

/** A webcam's. Their order is their number in the descriptors, from 1. */
export const WEBCAM_FORMATS: readonly VideoFormat[] = [
  { codec: 'mjpeg', sizes: SIZES },
  { codec: 'yuyv', sizes: SIZES.slice(0, 2) },
];

/** Those of a camera that measures depth, and gives what it measures with as well. */
export const DEPTH_FORMATS: readonly VideoFormat[] = [
  { codec: 'yuyv', sizes: SIZES.slice(0, 2) },
  { codec: 'z16', sizes: SIZES.slice(0, 2) },
];

/** Frame intervals of every size in units of 100 ns: 30, 15, 10 and 5 per second. */
export const FRAME_INTERVALS: readonly number[] = [333_333, 666_666, 1_000_000, 2_000_000];

/** Most bytes of one picture, in any format. */
export function maxPictureBytes({ width, height }: FrameSize): number {
  return width * height * 2;
}
