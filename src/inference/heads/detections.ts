import type { ModelConfig } from '../model-config.ts';
import { type Placement, toPicture } from '../preprocess/placement.ts';
import type { Detection } from '../result.ts';
import type { Candidate } from './nms.ts';

/** Tells whether an object of a class is reported at this confidence; never at one that is no finite number. */
export type IsConfident = (label: number, confidence: number) => boolean;

export function confidenceRule({ confidenceThreshold, classThresholds }: ModelConfig): IsConfident {
  return (label, confidence) =>
    Number.isFinite(confidence) && confidence >= (classThresholds[label] ?? confidenceThreshold);
}

/** The lowest confidence at which any class is reported. */
export function lowestThreshold({ confidenceThreshold, classThresholds }: ModelConfig): number {
  return Math.min(confidenceThreshold, ...Object.values(classThresholds));
}

/** Candidates as detections of the camera picture, in their order. Those beyond its borders, and those
 * of which a side is no finite number, fall away. */
export function detectionsOf(
  candidates: readonly Candidate[],
  placement: Placement,
  config: ModelConfig,
): Detection[] {
  return candidates.flatMap(({ label, confidence, box }) => {
    const coords = toPicture(placement, box);
    const [left, top, right, bottom] = coords;
    if (right <= left || bottom <= top || !box.every(Number.isFinite)) return [];
    return [detection(label, confidence, coords, config)];
  });
}

export function detection(
  label: number,
  confidence: number,
  coords: Detection['coords'],
  { labels }: ModelConfig,
): Detection {
  const name = labels[label];
  return { label, confidence: Math.min(1, confidence), coords, ...(name !== undefined && { name }) };
}
