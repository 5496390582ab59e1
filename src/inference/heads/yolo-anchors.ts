import type { ModelInput } from '../engine.ts';
import { modelConfigInvalid, modelInvalid } from '../errors.ts';
import type { ModelConfig } from '../model-config.ts';
import { confidenceRule, lowestThreshold } from './detections.ts';
import { type OutputShape, shapesText } from './head.ts';
import type { Candidate } from './nms.ts';
import type { YoloReader } from './yolo.ts';

/** One grid of cells, each with a box per anchor: x, y, width, height, objectness, classes. */
interface Grid {
  readonly width: number;
  readonly height: number;
  /** How far apart anchors, cells and the numbers of a box lie. */
  readonly anchorStep: number;
  readonly cellStep: number;
  readonly step: number;
  readonly classes: number;
  /** Widths and heights in pixels of the input. */
  readonly anchors: readonly (readonly [number, number])[];
  /** How YOLOv5 and v7 turn numbers into sizes; otherwise as v3 and v4 do. */
  readonly isV5: boolean;
  /** Whether the sigmoid has been applied by the model. */
  readonly isActivated: boolean;
}

/** Outputs that Luxonis's tools cut at the grids and name for their version have the sigmoid in the model. */
const ACTIVATED = /yolov[57]/i;

export function anchorOutputs(
  config: ModelConfig,
  input: ModelInput,
  outputs: readonly OutputShape[],
): YoloReader {
  if (config.anchors.length === 0) {
    throw modelConfigInvalid(
      'nn_config.anchors',
      undefined,
      `the model's anchors, because its outputs are grids: ${shapesText(outputs)}`,
    );
  }
  const widths = outputs.map((output) => cellsOf(output, input).width);
  const fromLargest = widths.toSorted((a, b) => b - a);
  const grids = outputs.map((output, place) =>
    gridOf(config, input, output, anchorsOf(config, widths[place] ?? 0, fromLargest)),
  );
  const isConfident = confidenceRule(config);
  const threshold = lowestThreshold(config);
  return (tensors) => {
    const found: Candidate[] = [];
    for (const [place, grid] of grids.entries()) {
      const data = tensors[place]?.data ?? new Float32Array(0);
      for (const candidate of boxesOf(data, grid, input, threshold)) {
        if (isConfident(candidate.label, candidate.confidence)) found.push(candidate);
      }
    }
    return found;
  };
}

/** Numbers of cells, and whether they come before the numbers of a box ([1, height, width, …]). */
function cellsOf(output: OutputShape, input: ModelInput): { width: number; height: number; isLast: boolean } {
  const { shape } = output;
  const isGrid = (height: number | undefined, width: number | undefined) =>
    height !== undefined &&
    width !== undefined &&
    width > 0 &&
    input.width * height === input.height * width &&
    input.width % width === 0;
  const [batch, first, second, third] = shape;
  const isLast = !isGrid(second, third);
  const [height = 0, width = 0] = isLast ? [first, second] : [second, third];
  if (batch !== 1 || !isGrid(height, width) || (shape.length === 5 && isLast)) {
    throw modelInvalid(
      `${shapesText([output])} is no grid over an input of ${input.width}×${input.height}: [1, anchors × (5 + classes), height, width] or [1, anchors, height, width, 5 + classes]`,
    );
  }
  return { width, height, isLast };
}

/** By the mask `side{width}`; without masks, each grid has an equal part, the finest the first. */
function anchorsOf(
  { anchors, anchorMasks }: ModelConfig,
  width: number,
  fromLargest: readonly number[],
): readonly (readonly [number, number])[] {
  const pairs = Array.from({ length: anchors.length / 2 }, (_, number) => number);
  const each = pairs.length / fromLargest.length;
  const from = fromLargest.indexOf(width) * each;
  const hasMasks = Object.keys(anchorMasks).length > 0;
  const mask = hasMasks ? anchorMasks[`side${width}`] : pairs.slice(from, from + each);
  if (mask === undefined || mask.length === 0 || (!hasMasks && !Number.isInteger(each))) {
    throw modelConfigInvalid(
      'nn_config.anchor_masks',
      Object.keys(anchorMasks),
      `the anchors of side${width}, which is the width of an output`,
    );
  }
  return mask.map((number) => [anchors[number * 2] ?? 0, anchors[number * 2 + 1] ?? 0] as const);
}

function gridOf(config: ModelConfig, input: ModelInput, output: OutputShape, anchors: Grid['anchors']): Grid {
  const { shape, name } = output;
  const { width, height, isLast } = cellsOf(output, input);
  const isSeparate = shape.length === 5;
  const depth = (isSeparate ? shape[4] : isLast ? shape[3] : shape[1]) ?? 0;
  const perBox = isSeparate ? depth : depth / anchors.length;
  const wanted = config.numClasses === undefined ? perBox : 5 + config.numClasses;
  if (
    perBox !== wanted ||
    !Number.isInteger(perBox) ||
    perBox < 6 ||
    (isSeparate && shape[1] !== anchors.length)
  ) {
    throw modelConfigInvalid(
      'nn_config.num_classes',
      config.numClasses,
      `a number that fits ${shapesText([output])} with ${anchors.length} anchors`,
    );
  }
  const cells = width * height;
  const steps = isSeparate
    ? { anchorStep: cells * perBox, cellStep: perBox, step: 1 }
    : isLast
      ? { anchorStep: perBox, cellStep: depth, step: 1 }
      : { anchorStep: cells * perBox, cellStep: 1, step: cells };
  const isActivated = !isSeparate && ACTIVATED.test(name);
  return {
    width,
    height,
    ...steps,
    classes: perBox - 5,
    anchors,
    isV5: isSeparate || isActivated,
    isActivated,
  };
}

function* boxesOf(
  data: ArrayLike<number>,
  grid: Grid,
  input: ModelInput,
  threshold: number,
): Generator<Candidate> {
  const { step, isActivated } = grid;
  const share = (value = 0) => (isActivated ? value : 1 / (1 + Math.exp(-value)));
  const cells = grid.width * grid.height;
  for (const [number, [anchorWidth, anchorHeight]] of grid.anchors.entries()) {
    for (let cell = 0; cell < cells; cell += 1) {
      const at = number * grid.anchorStep + cell * grid.cellStep;
      const objectness = share(data[at + 4 * step]);
      if (!(objectness >= threshold)) continue;
      const best = bestClass(data, at + 5 * step, grid);
      const column = cell % grid.width;
      const row = (cell - column) / grid.width;
      const [x, y] = [share(data[at]), share(data[at + step])];
      const [across = 0, down = 0] = [data[at + 2 * step], data[at + 3 * step]];
      const width = anchorWidth * (grid.isV5 ? (2 * share(across)) ** 2 : Math.exp(across));
      const height = anchorHeight * (grid.isV5 ? (2 * share(down)) ** 2 : Math.exp(down));
      const centreX = ((column + (grid.isV5 ? 2 * x - 0.5 : x)) * input.width) / grid.width;
      const centreY = ((row + (grid.isV5 ? 2 * y - 0.5 : y)) * input.height) / grid.height;
      yield {
        label: best,
        confidence: objectness * share(data[at + (5 + best) * step]),
        box: [centreX - width / 2, centreY - height / 2, centreX + width / 2, centreY + height / 2],
      };
    }
  }
}

function bestClass(data: ArrayLike<number>, from: number, { classes, step }: Grid): number {
  let best = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (let label = 0; label < classes; label += 1) {
    const value = data[from + label * step] ?? 0;
    if (value > most) {
      most = value;
      best = label;
    }
  }
  return best;
}
