import { expect, test } from 'vitest';
import { INPUT_64, output, WHOLE_64 } from '../../../test/support/model-outputs.ts';
import { parseModelConfig } from '../parse-model-config.ts';
import { createHead, type OutputTensor } from './index.ts';

const read = (...outputs: OutputTensor[]) =>
  createHead(parseModelConfig({ type: 'Generic' }), INPUT_64, outputs)(outputs, WHOLE_64);

test('the first output is a flat list, the others have names and shapes', () => {
  expect(read(output('first', [1, 2], [0.25, 0.75]))).toEqual({ detections: Float64Array.of(0.25, 0.75) });
  expect(read(output('first', [1], [1]), output('second', [2, 1], [3, 4]))).toEqual({
    detections: Float64Array.of(1),
    outputs: { second: { shape: [2, 1], data: Float64Array.of(3, 4) } },
  });
});

test('every number can be written as JSON: NaN is 0, infinities are the largest numbers', () => {
  const odd = output('first', [4], [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]);
  const { detections } = read(odd);
  expect(JSON.parse(JSON.stringify([...detections]))).toEqual([
    0, 3.4028234663852886e38, -3.4028234663852886e38, 0,
  ]);
  expect(odd.data[0]).toBeNaN();
});
