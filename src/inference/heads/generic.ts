import { modelInvalid } from '../errors.ts';
import { type HeadFactory, type OutputTensor, shapesText } from './head.ts';

/** JSON has no infinity: the largest number of a float32 stands for it. */
const LARGEST = 3.4028234663852886e38;

/** Each is some twenty bytes of JSON for each client and picture. */
const MOST_NUMBERS = 1_000_000;

/** Hands on numbers as they are: the first output flat, the others by name. */
export const genericHead: HeadFactory = (_config, _input, outputs) => {
  const sizes = outputs.map(({ shape }) => shape.reduce((product, size) => product * size, 1));
  if (sizes.reduce((sum, size) => sum + size, 0) > MOST_NUMBERS) {
    throw modelInvalid(
      `a Generic model may have ${MOST_NUMBERS} numbers in its outputs, and these are ${shapesText(outputs)}`,
    );
  }
  return ([first, ...others]) => ({
    detections: first === undefined ? new Float64Array(0) : finite(first),
    ...(others.length > 0 && {
      outputs: Object.fromEntries(
        others.map((output) => [output.name, { shape: output.shape, data: finite(output) }]),
      ),
    }),
  });
};

/** A copy in which NaN is 0 and infinities are the largest numbers of their sign. */
function finite({ data }: OutputTensor): Float64Array {
  const numbers = Float64Array.from(data);
  for (const [place, number] of numbers.entries()) {
    if (!Number.isFinite(number)) numbers[place] = Number.isNaN(number) ? 0 : Math.sign(number) * LARGEST;
  }
  return numbers;
}
