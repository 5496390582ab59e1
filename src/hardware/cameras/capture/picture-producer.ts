import type { PictureFormat } from '../../../media/picture.ts';

/** A picture still in its producer's memory (a mapped V4L2 buffer, a simulated frame). */
export interface ProducedPicture {
  /** Valid until `release` is called with this picture, and only in the capture thread. */
  readonly data: Uint8Array;
  readonly sequence: number;
  /** CLOCK_MONOTONIC, microseconds. */
  readonly capturedUs: number;
}

/**
 * What the capture loop drives, inside the capture thread: something with a pollable descriptor that turns
 * readable when a picture is ready. The V4L2 device and the simulated sensor are two of them.
 * All calls are synchronous; failures are thrown as AppError (`SOURCE_GONE`, `SOURCE_FAILED`).
 */
export interface PictureProducer extends Disposable {
  /** Readable (POLLIN) when a picture is ready, exceptional (POLLPRI) when the device has news such as a new format. */
  readonly fd: number;
  readonly format: PictureFormat;
  /**
   * Takes the newest ready picture; older ready ones are given back unread and not counted as lost.
   * @returns undefined when nothing was ready after all; 'format-changed' when `format` is new and no picture of
   * the old one will come.
   */
  take(): ProducedPicture | 'format-changed' | undefined;
  /** Gives a picture's memory back. Each taken picture is released exactly once, at most two are out at a time. */
  release(picture: ProducedPicture): void;
  /** Pictures lost before they could be taken: gaps in the device's sequence numbers, damaged buffers. */
  readonly lost: number;
}
