import type { Findings } from './heads/index.ts';
import { maskPng } from './mask-png.ts';

/**
 * Findings as clients get them: the members of a JSON object without its braces. Written where the model runs, because
 * outputs and masks can be large.
 * @param labels names of the classes; told with the numbers of a Generic model, which have no detections to carry them.
 * @returns UTF-8 in memory of its own.
 */
export function findingsJson(
  { detections, outputs, mask }: Findings,
  labels: readonly string[],
): Uint8Array<ArrayBuffer> {
  const isGeneric = detections instanceof Float64Array;
  const json = JSON.stringify({
    detections: isGeneric ? Array.from(detections) : detections,
    ...(outputs && {
      outputs: Object.fromEntries(
        Object.entries(outputs).map(([name, { shape, data }]) => [name, { shape, data: Array.from(data) }]),
      ),
    }),
    ...(mask && {
      masks_png: maskPng(mask, isGeneric ? [] : detections).toString('base64'),
      mask_width: mask.width,
      mask_height: mask.height,
    }),
    ...(isGeneric && labels.length > 0 && { labels }),
  });
  return new TextEncoder().encode(json.slice(1, -1));
}
