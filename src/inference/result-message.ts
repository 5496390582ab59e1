import { maskPng } from './mask-png.ts';
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
  /** Names of the classes, where they are configured. */
  readonly labels: readonly string[];
}

/** A result as clients get it, described in openapi/websocket.md: JSON text. Numbers that are not finite are null. */
export async function resultMessage(inference: Inference, context: ResultContext): Promise<string> {
  const { detections, outputs, mask, modelUs } = inference;
  const isGeneric = typeof detections[0] === 'number';
  return JSON.stringify({
    detections,
    ...(outputs && { outputs }),
    ...(mask && {
      masks_png: (await maskPng(mask, detections)).toString('base64'),
      mask_width: mask.width,
      mask_height: mask.height,
    }),
    seq: context.sequence,
    capture_ts_us: Math.round(context.capturedWallUs),
    pts: context.ptsTicks ?? null,
    timescale: TIMESCALE,
    width: context.width,
    height: context.height,
    latency_ms: Math.round(context.latencyUs) / 1000,
    inference_ms: Math.round(modelUs) / 1000,
    ...(isGeneric && context.labels.length > 0 && { labels: context.labels }),
  });
}
