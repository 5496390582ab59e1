import type { Inference } from './result.ts';

/** Ticks per second of `pts`. */
const TIMESCALE = 90_000;

/** What is told of the picture beside what the model said. */
export interface ResultContext {
  /** Counts the results of the sensor. */
  readonly sequence: number;
  /** Unix time of the capture in microseconds. */
  readonly capturedWallUs: number;
  /** PTS of the picture in the video stream; undefined when the picture is not in it. */
  readonly ptsTicks: number | undefined;
  /** Of the camera's picture. */
  readonly width: number;
  readonly height: number;
  /** From capture to result. */
  readonly latencyUs: number;
}

/** A result as clients get it, described in openapi/websocket.md: JSON as UTF-8. */
export function resultMessage({ findings, modelUs }: Inference, context: ResultContext): Buffer {
  const rest = JSON.stringify({
    seq: context.sequence,
    capture_ts_us: Math.round(context.capturedWallUs),
    pts: context.ptsTicks ?? null,
    timescale: TIMESCALE,
    width: context.width,
    height: context.height,
    latency_ms: Math.round(context.latencyUs) / 1000,
    inference_ms: Math.round(modelUs) / 1000,
  });
  return Buffer.concat([Buffer.from('{'), findings, Buffer.from(`,${rest.slice(1)}`)]);
}
