import type { ModelInput } from '../engine.ts';
import { modelInvalid } from '../errors.ts';
import { confidenceRule, detectionsOf } from './detections.ts';
import { type HeadFactory, type OutputShape, type OutputTensor, shapesText } from './head.ts';
import { type Candidate, mostConfident } from './nms.ts';

/** The number of values of one detection in Caffe's form: picture, class, confidence, xmin, ymin, xmax, ymax. */
const CAFFE_VALUES = 7;

type Candidates = (outputs: readonly OutputTensor[]) => Candidate[];

/**
 * Reads SSD detectors, whose outputs have been through non-maximum suppression: Caffe's single output [1, 1, N, 7], or
 * TensorFlow's boxes, classes, scores and number. Boxes are shares of the model's input.
 */
export const mobilenetHead: HeadFactory = (config, input, outputs) => {
  const candidates = caffe(input, outputs) ?? tensorflow(input, outputs);
  const isConfident = confidenceRule(config);
  return (tensors, placement) => {
    const found = candidates(tensors).filter(({ label, confidence }) => isConfident(label, confidence));
    return { detections: detectionsOf(mostConfident(found), placement, config) };
  };
};

function caffe({ width, height }: ModelInput, outputs: readonly OutputShape[]): Candidates | undefined {
  const place = outputs.findIndex(({ shape }) => shape.length === 4 && shape[3] === CAFFE_VALUES);
  if (place < 0) return undefined;
  return (tensors) => {
    const data = tensors[place]?.data ?? new Float32Array(0);
    const found: Candidate[] = [];
    for (let at = 0; at + CAFFE_VALUES <= data.length; at += CAFFE_VALUES) {
      const [picture = -1, label = 0, confidence = 0, left = 0, top = 0, right = 0, bottom = 0] =
        data.subarray(at, at + CAFFE_VALUES);
      if (picture < 0) break; // the rest is filling
      found.push({ label, confidence, box: [left * width, top * height, right * width, bottom * height] });
    }
    return found;
  };
}

function tensorflow({ width, height }: ModelInput, outputs: readonly OutputShape[]): Candidates {
  const roles = rolesOf(outputs);
  return (tensors) => {
    const dataOf = (role: number | undefined) =>
      (role === undefined ? undefined : tensors[role]?.data) ?? new Float32Array(0);
    const [boxes, classes, scores] = [dataOf(roles.boxes), dataOf(roles.classes), dataOf(roles.scores)];
    const claimed = dataOf(roles.number)[0] ?? scores.length;
    const number = Math.min(scores.length, Number.isFinite(claimed) ? claimed : scores.length);
    const found: Candidate[] = [];
    for (let item = 0; item < number; item += 1) {
      const [top = 0, left = 0, bottom = 0, right = 0] = boxes.subarray(item * 4, item * 4 + 4);
      found.push({
        label: classes[item] ?? 0,
        confidence: scores[item] ?? 0,
        box: [left * width, top * height, right * width, bottom * height],
      });
    }
    return found;
  };
}

interface Roles {
  readonly boxes: number;
  readonly classes: number;
  readonly scores: number;
  readonly number: number | undefined;
}

/** Which output is which: by name, and where names say nothing in the order that TensorFlow Lite writes. */
function rolesOf(outputs: readonly OutputShape[]): Roles {
  const places = outputs.map((output, place) => ({ ...output, place }));
  const boxes = places.find(({ shape }) => shape.length === 3 && shape[2] === 4);
  const lists = places.filter(({ shape }) => shape.length === 2 && shape[1] === boxes?.shape[1]);
  const named = (name: RegExp) => lists.find((output) => name.test(output.name));
  const classes = named(/class|label/i) ?? lists.find((output) => output !== named(/score|conf/i));
  const scores = named(/score|conf/i) ?? lists.find((output) => output !== classes);
  const number = places.find(
    ({ shape, place }) =>
      shape.reduce((product, size) => product * size, 1) === 1 &&
      place !== classes?.place &&
      place !== scores?.place,
  );
  if (boxes === undefined || classes === undefined || scores === undefined || classes === scores) {
    throw modelInvalid(
      `an SSD has the outputs boxes [1, N, 4], classes [1, N] and scores [1, N], or one [1, 1, N, 7], and these are ${shapesText(outputs)}`,
    );
  }
  return { boxes: boxes.place, classes: classes.place, scores: scores.place, number: number?.place };
}
