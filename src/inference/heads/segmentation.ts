import { modelInvalid } from '../errors.ts';
import type { Placement } from '../preprocess/placement.ts';
import type { Detection } from '../result.ts';
import { confidenceRule, detection } from './detections.ts';
import { type HeadFactory, shapesText } from './head.ts';

/** A class is one byte of the mask. */
const MOST_CLASSES = 256;

/** Sizes of the first output, and how far apart its values lie. */
interface Grid {
  readonly classes: number;
  readonly width: number;
  readonly height: number;
  readonly classStep: number;
  readonly pixelStep: number;
}

/**
 * Reads a class for every pixel: the largest of its numbers, or its only one, rounded. What lies in the letterbox's
 * padding is cut off, so that the mask is the picture's.
 */
export const segmentationHead: HeadFactory = (config, input, outputs) => {
  const grid = gridOf(outputs[0]?.shape ?? [], input.layout);
  if (grid === undefined) {
    throw modelInvalid(
      `a segmentation has an output [1, classes, height, width] with at most ${MOST_CLASSES} classes, and its outputs are ${shapesText(outputs)}`,
    );
  }
  const isConfident = confidenceRule(config);
  return ([first], placement) => {
    const area = scaled(placement, grid, input);
    const mask = {
      width: area.width,
      height: area.height,
      classes: classesOf(first?.data ?? [], grid, area),
    };
    const found = extents(mask).flatMap(({ label, share, coords }) =>
      isConfident(label, share) ? [detection(label, share, coords, config)] : [],
    );
    return { detections: found.sort((a, b) => b.confidence - a.confidence), mask };
  };
};

function gridOf(shape: readonly number[], layout: 'NCHW' | 'NHWC'): Grid | undefined {
  const [batch, ...sizes] = shape;
  const [first = 0, second = 0, third] = sizes;
  if (batch !== 1 || shape.length < 3 || shape.length > 4 || shape.includes(0)) return undefined;
  if (third === undefined) return { classes: 1, height: first, width: second, classStep: 0, pixelStep: 1 };
  // One of these is the number of classes; that of a class map is 1 at either end.
  const isLast = first !== 1 && (layout === 'NHWC' || third === 1);
  const [classes, height, width] = isLast ? [third, first, second] : [first, second, third];
  if (classes > MOST_CLASSES) return undefined;
  const pixels = width * height;
  return { classes, height, width, classStep: isLast ? 1 : pixels, pixelStep: isLast ? classes : 1 };
}

/** The placement in pixels of the output. */
function scaled(placement: Placement, grid: Grid, input: { width: number; height: number }): Placement {
  const along = grid.width / input.width;
  const down = grid.height / input.height;
  const left = Math.min(grid.width - 1, Math.round(placement.left * along));
  const top = Math.min(grid.height - 1, Math.round(placement.top * down));
  return {
    left,
    top,
    width: Math.min(grid.width - left, Math.max(1, Math.round(placement.width * along))),
    height: Math.min(grid.height - top, Math.max(1, Math.round(placement.height * down))),
  };
}

function classesOf(data: ArrayLike<number>, grid: Grid, area: Placement): Uint8Array {
  const classes = new Uint8Array(area.width * area.height);
  for (let y = 0; y < area.height; y += 1) {
    for (let x = 0; x < area.width; x += 1) {
      const at = ((area.top + y) * grid.width + area.left + x) * grid.pixelStep;
      classes[y * area.width + x] = grid.classes === 1 ? only(data[at] ?? 0) : largest(data, at, grid);
    }
  }
  return classes;
}

function only(value: number): number {
  return Number.isNaN(value) ? 0 : Math.min(MOST_CLASSES - 1, Math.max(0, Math.round(value)));
}

function largest(data: ArrayLike<number>, at: number, { classes, classStep }: Grid): number {
  let best = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (let label = 0; label < classes; label += 1) {
    const value = data[at + label * classStep] ?? 0;
    if (value > most) {
      most = value;
      best = label;
    }
  }
  return best;
}

interface Extent {
  readonly label: number;
  /** Part of the mask's pixels. */
  readonly share: number;
  readonly coords: Detection['coords'];
}

/** Where each class that is present lies. */
function extents(mask: { width: number; height: number; classes: Uint8Array }): Extent[] {
  const { width, height, classes } = mask;
  const boxes = new Map<
    number,
    { count: number; left: number; top: number; right: number; bottom: number }
  >();
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const label = classes[y * width + x] ?? 0;
      const box = boxes.get(label);
      if (box === undefined) {
        boxes.set(label, { count: 1, left: x, top: y, right: x, bottom: y });
        continue;
      }
      box.count += 1;
      box.bottom = y;
      if (x < box.left) box.left = x;
      if (x > box.right) box.right = x;
    }
  }
  return [...boxes].map(([label, { count, left, top, right, bottom }]) => ({
    label,
    share: count / (width * height),
    coords: [left / width, top / height, (right + 1) / width, (bottom + 1) / height],
  }));
}
