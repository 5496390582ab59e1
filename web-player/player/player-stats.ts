import type { DetectionFigures } from './detections-layer.ts';

/**
 * - `idle`: no stream is asked for
 * - `connecting`: the first connection is being made
 * - `buffering`: connected, no picture yet
 * - `playing`: pictures are moving
 * - `stalled`: connected, but no new picture for a second
 * - `reconnecting`: waiting for or making another connection
 * - `blocked`: the browser wants a gesture before it plays
 * - `paused`: by `pause()`; nothing is received
 * - `suspended`: the page has been hidden for a while; nothing is received
 * - `error`: cannot be played at all
 */
export type PlayerState =
  | 'idle'
  | 'connecting'
  | 'buffering'
  | 'playing'
  | 'stalled'
  | 'reconnecting'
  | 'blocked'
  | 'paused'
  | 'suspended'
  | 'error';

/** Resolution and codec of what is playing. */
export interface VideoFormat {
  /** RFC 6381 string. */
  readonly codec: string;
  readonly width: number;
  readonly height: number;
}

/** Figures of the last second, and counts since the stream was opened. */
export interface PlayerStats {
  readonly state: PlayerState;
  readonly format: VideoFormat | undefined;
  /** Pictures shown in the last second. */
  readonly frameRate: number;
  readonly bitrateKbps: number;
  /** Median from capture to display in the last second; undefined when the service sends no capture times. */
  readonly latencyMs: number | undefined;
  readonly roundTripMs: number | undefined;
  readonly playbackRate: number;
  /** Pictures the browser decoded but did not show. */
  readonly picturesDropped: number;
  /** Fragments thrown away because the browser was too slow to take them. */
  readonly fragmentsDropped: number;
  /** How often the clock stopped for want of a picture. */
  readonly underflows: number;
  readonly reconnects: number;
  /** Of the last second; absent when no detections are asked for. */
  readonly detections?: DetectionFigures;
}
