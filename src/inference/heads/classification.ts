import { modelConfigInvalid, modelInvalid } from '../errors.ts';
import { confidenceRule, detection } from './detections.ts';
import { type HeadFactory, shapesText } from './head.ts';

const WHOLE_PICTURE = [0, 0, 1, 1] as const;
/** How far the sum of a distribution may be from 1: halves and quantised outputs are coarse. */
const SUM_TOLERANCE = 0.02;

/** Reads the first output as one number per class: a distribution, or what softmax makes one of. */
export const classificationHead: HeadFactory = (config, _input, outputs) => {
  const classes = outputs[0]?.shape.reduce((product, size) => product * size, 1) ?? 0;
  if (classes === 0 || outputs[0]?.shape.filter((size) => size > 1).length !== (classes === 1 ? 0 : 1)) {
    throw modelInvalid(
      `a classification has one number per class, and its outputs are ${shapesText(outputs)}`,
    );
  }
  if (config.labels.length > 0 && config.labels.length !== classes) {
    throw modelConfigInvalid('The number of labels', config.labels.length, `${classes}, the model's classes`);
  }
  const isConfident = confidenceRule(config);
  return ([first]) => {
    const shares = distribution(first?.data ?? []);
    const found = shares.flatMap((share, label) =>
      isConfident(label, share) ? [detection(label, share, WHOLE_PICTURE, config)] : [],
    );
    return { detections: found.sort((a, b) => b.confidence - a.confidence) };
  };
};

/** NaN counts as a class that it is not. */
function distribution(numbers: ArrayLike<number>): number[] {
  const values = Array.from(numbers, (number) => (Number.isNaN(number) ? Number.NEGATIVE_INFINITY : number));
  const known = values.filter((value) => value !== Number.NEGATIVE_INFINITY);
  const sum = known.reduce((total, value) => total + value, 0);
  if (known.every((value) => value >= 0 && value <= 1) && Math.abs(sum - 1) <= SUM_TOLERANCE) return values;
  const largest = known.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(largest))
    return values.map((value) => (value === largest && known.length > 0 ? 1 : 0));
  const powers = values.map((value) => Math.exp(value - largest));
  const total = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / total);
}
