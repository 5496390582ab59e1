import type { AppError } from '../core/app-error.ts';
import type { CodecConfig, CodedUnit } from './coded.ts';
import type { Picture, PictureFormat, PixelFormat } from './picture.ts';

/** What the configuration asks of a sensor. Absent fields are the driver's choice; the nearest mode it has is taken. */
export interface CaptureRequest {
  readonly width?: number;
  readonly height?: number;
  /** Frames per second. */
  readonly frameRate?: number;
  readonly pixelFormat?: PixelFormat;
}

/** Counters of a running source, since it was opened. */
export interface SourceStats {
  /** Pictures or access units delivered by the device. */
  readonly captured: number;
  /** Pictures lost before they reached us: gaps in the driver's sequence numbers, and damaged buffers. */
  readonly lost: number;
}

/** What a source tells its owner. Calls never happen before `open` has returned, nor after disposal. */
export interface SourceListener {
  /** The pictures have another format from now on. Feeds of the old format have ended by themselves. */
  onFormat(format: PictureFormat): void;
  /** Decoder configuration of a source of access units: before the first unit and after each change. */
  onConfig(config: CodecConfig): void;
  onUnit(unit: CodedUnit): void;
  /**
   * The source has ended: unplugged (`SOURCE_GONE`), failed (`SOURCE_FAILED`), silent for too long
   * (`SOURCE_STALLED`). At most once; the owner still disposes it.
   */
  onLost(error: AppError): void;
}

/** Counters of one feed. */
export interface FeedStats {
  /** Pictures written whole. */
  readonly written: number;
  /** Pictures skipped because the reading end was still busy with an earlier one. */
  readonly skipped: number;
}

/** One reader of a picture source at the other end of a pipe, usually an encoder. */
export interface PictureFeed extends AsyncDisposable {
  /** The latest counters known to this thread. */
  stats(): FeedStats;
}

/**
 * An open sensor that gives pictures. It captures from `open` until disposal, in a thread of its own:
 * pictures go from there straight into the feeds' pipes and reach this thread only when watched.
 */
export interface PictureSource extends AsyncDisposable {
  readonly kind: 'pictures';
  /** The present format; `onFormat` tells of changes. */
  readonly format: PictureFormat;
  /**
   * Writes pictures in the present format into a pipe, as a NUT stream whose timestamps are capture times
   * (CLOCK_MONOTONIC, microseconds). Never waits: a picture that finds the pipe busy is skipped, and the newest
   * goes next. The source owns `writeFd` from now on and closes it when the feed is disposed, when the format
   * changes, when the pipe's reader is gone (EPIPE), and when the source ends.
   */
  feed(writeFd: number): PictureFeed;
  /**
   * Hands pictures to this thread. Newest wins: at most one is on its way, and one that arrives meanwhile
   * replaces the one waiting.
   */
  watch(onPicture: (picture: Picture) => void): Disposable;
  stats(): SourceStats;
}

/** An open sensor that gives access units already coded; they arrive through the listener. */
export interface AccessUnitSource extends AsyncDisposable {
  readonly kind: 'access-units';
  stats(): SourceStats;
}

export type Source = PictureSource | AccessUnitSource;
