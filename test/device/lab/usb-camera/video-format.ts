/** What the camera offers; uvcvideo calls them MJPG and YUYV. */
export interface VideoFormat {
  readonly codec: 'mjpeg' | 'yuyv';
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

/** Their order is their number in the descriptors, from 1. */
export const VIDEO_FORMATS: readonly VideoFormat[] = [
  { codec: 'mjpeg', sizes: SIZES },
  { codec: 'yuyv', sizes: SIZES.slice(0, 2) },
];

/** Frame intervals of every size in units of 100 ns: 30, 15, 10 and 5 per second. */
export const FRAME_INTERVALS: readonly number[] = [333_333, 666_666, 1_000_000, 2_000_000];

/** Most bytes of one picture, in either format. */
export function maxPictureBytes({ width, height }: FrameSize): number {
  return width * height * 2;
}
