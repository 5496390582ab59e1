import { modelConfigInvalid, modelInvalid } from '../errors.ts';
import type { ModelConfig } from '../model-config.ts';
import { confidenceRule, lowestThreshold } from './detections.ts';
import { type OutputShape, shapesText } from './head.ts';
import type { Candidate } from './nms.ts';
import type { YoloReader } from './yolo.ts';

/** Where the numbers of one box lie in a flat output. */
interface BoxLayout {
  readonly boxes: number;
  readonly classes: number;
  /** From one box to the next, and from one of its numbers to the next. */
  readonly boxStep: number;
  readonly step: number;
  /** Whether the fifth number is the confidence that there is an object at all. */
  readonly hasObjectness: boolean;
}

/** Models that choose the boxes themselves give no more than this; those that do not give thousands. */
const MOST_CHOSEN = 1000;
/** xmin, ymin, xmax, ymax, confidence, class. */
const CHOSEN_VALUES = 6;

/** Boxes as centre, width and height in pixels of the input, with confidences between 0 and 1. */
export function decodedOutput(
  config: ModelConfig,
  output: OutputShape | undefined,
  place: number,
): YoloReader {
  const [, first = 0, second = 0] = output?.shape ?? [];
  const isConfident = confidenceRule(config);
  if (second === CHOSEN_VALUES && first <= MOST_CHOSEN) {
    return (outputs) => chosen(outputs[place]?.data ?? new Float32Array(0), isConfident);
  }
  const layout = layoutOf(config, first, second, output);
  const threshold = lowestThreshold(config);
  return (outputs) => {
    const data = outputs[place]?.data ?? new Float32Array(0);
    const { boxStep, step, hasObjectness } = layout;
    const best =
      layout.step > layout.boxStep ? bestByPlanes(data, layout) : bestByRows(data, layout, threshold);
    const found: Candidate[] = [];
    for (let box = 0; box < layout.boxes; box += 1) {
      const at = box * boxStep;
      const label = best.labels[box] ?? 0;
      const objectness = hasObjectness ? (data[at + 4 * step] ?? 0) : 1;
      const confidence = (best.scores[box] ?? 0) * objectness;
      if (!isConfident(label, confidence)) continue;
      const [x = 0, y = 0] = [data[at], data[at + step]];
      const [width = 0, height = 0] = [data[at + 2 * step], data[at + 3 * step]];
      found.push({ label, confidence, box: [x - width / 2, y - height / 2, x + width / 2, y + height / 2] });
    }
    return found;
  };
}

/** Numbers of classes that is known decides between the forms; without it, there are more boxes than numbers of each. */
function layoutOf(
  { numClasses, labels }: ModelConfig,
  first: number,
  second: number,
  output: OutputShape | undefined,
): BoxLayout {
  const planes = (fixed: number): BoxLayout => ({
    boxes: second,
    classes: first - fixed,
    boxStep: 1,
    step: second,
    hasObjectness: fixed === 5,
  });
  const rows = (fixed: number): BoxLayout => ({
    boxes: first,
    classes: second - fixed,
    boxStep: second,
    step: 1,
    hasObjectness: fixed === 5,
  });
  const classes = numClasses ?? (labels.length > 0 ? labels.length : undefined);
  if (classes !== undefined) {
    if (first === 4 + classes) return planes(4);
    if (second === 5 + classes) return rows(5);
    if (second === 4 + classes) return rows(4);
    if (first === 5 + classes) return planes(5);
    const field = numClasses === undefined ? 'The number of labels' : 'nn_config.num_classes';
    throw modelConfigInvalid(
      field,
      classes,
      `the model's number of classes; its output is ${shapesText(output ? [output] : [])}`,
    );
  }
  if (first >= 5 && (first <= second || second < 6)) return planes(4);
  if (second >= 6) return rows(5);
  throw modelInvalid(
    `a YOLO's output has four numbers for the box and one per class, and it is ${shapesText(output ? [output] : [])}`,
  );
}

interface Best {
  readonly labels: Int32Array;
  readonly scores: Float32Array;
}

/** Plane by plane, as memory lies. NaN is never the best. */
function bestByPlanes(data: ArrayLike<number>, { boxes, classes, step, hasObjectness }: BoxLayout): Best {
  const best = { labels: new Int32Array(boxes), scores: new Float32Array(boxes) };
  for (let label = 0; label < classes; label += 1) {
    const plane = (4 + (hasObjectness ? 1 : 0) + label) * step;
    for (let box = 0; box < boxes; box += 1) {
      const score = data[plane + box] ?? 0;
      if (score > (best.scores[box] ?? 0)) {
        best.scores[box] = score;
        best.labels[box] = label;
      }
    }
  }
  return best;
}

function bestByRows(
  data: ArrayLike<number>,
  { boxes, classes, boxStep, hasObjectness }: BoxLayout,
  threshold: number,
): Best {
  const best = { labels: new Int32Array(boxes), scores: new Float32Array(boxes) };
  for (let box = 0; box < boxes; box += 1) {
    const at = box * boxStep + 4;
    if (hasObjectness && (data[at] ?? 0) < threshold) continue;
    const from = at + (hasObjectness ? 1 : 0);
    for (let label = 0; label < classes; label += 1) {
      const score = data[from + label] ?? 0;
      if (score > (best.scores[box] ?? 0)) {
        best.scores[box] = score;
        best.labels[box] = label;
      }
    }
  }
  return best;
}

function chosen(
  data: Float32Array | Float64Array,
  isConfident: (label: number, confidence: number) => boolean,
): Candidate[] {
  const found: Candidate[] = [];
  for (let at = 0; at + CHOSEN_VALUES <= data.length; at += CHOSEN_VALUES) {
    const [left = 0, top = 0, right = 0, bottom = 0, confidence = 0, label = 0] = data.subarray(at, at + 6);
    if (isConfident(label, confidence)) found.push({ label, confidence, box: [left, top, right, bottom] });
  }
  return found;
}
