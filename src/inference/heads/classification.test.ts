import { expect, test } from 'vitest';
import { INPUT_64, output, WHOLE_64 } from '../../../test/support/model-outputs.ts';
import { parseModelConfig } from '../parse-model-config.ts';
import { createHead } from './index.ts';

function read(values: readonly number[], more: Record<string, unknown> = {}, shape = [1, values.length]) {
  const config = parseModelConfig({ type: 'Classification', ...more });
  const outputs = [output('scores', shape, values)];
  return createHead(config, INPUT_64, outputs)(outputs, WHOLE_64).detections;
}

const whole = { coords: [0, 0, 1, 1] };

test('a distribution is taken as it is: each class above the threshold, the most likely first', () => {
  expect(read([0.25, 0.125, 0.5625, 0.0625])).toEqual([
    { ...whole, label: 2, confidence: 0.5625 },
    { ...whole, label: 0, confidence: 0.25 },
    { ...whole, label: 1, confidence: 0.125 },
  ]);
});

test('other numbers become a distribution by softmax', () => {
  const found = read([1000, 1000 + Math.log(3)]);
  expect(found).toEqual([
    { ...whole, label: 1, confidence: expect.closeTo(0.75, 3) },
    { ...whole, label: 0, confidence: expect.closeTo(0.25, 3) },
  ]);
});

test('labels name the classes', () => {
  expect(read([0, 1], { labels: ['cat', 'dog'] })).toEqual([
    { ...whole, label: 1, confidence: 1, name: 'dog' },
  ]);
});

test('a class that is NaN is none, and an infinite one is the only one', () => {
  expect(read([Number.NaN, 1])).toEqual([{ ...whole, label: 1, confidence: 1 }]);
  expect(read([5, Number.POSITIVE_INFINITY, 7])).toEqual([{ ...whole, label: 1, confidence: 1 }]);
  expect(read([Number.NaN, Number.NaN])).toEqual([]);
  expect(read([Number.NEGATIVE_INFINITY, 0])).toEqual([{ ...whole, label: 1, confidence: 1 }]);
});

test('classes may be anywhere among sizes of one', () => {
  expect(read([0, 1], {}, [1, 2, 1, 1])).toHaveLength(1);
});

test('another output, or labels of another number, are refused', () => {
  const code = (name: string) => expect.objectContaining({ code: name });
  expect(() => read([1, 2, 3, 4], {}, [2, 2])).toThrow(code('NN_MODEL_INVALID'));
  expect(() => read([0, 1], { labels: ['cat'] })).toThrow(code('NN_CONFIG_INVALID'));
});
