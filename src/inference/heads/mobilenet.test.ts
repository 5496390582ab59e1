import { expect, test } from 'vitest';
import { INPUT_64, output, WHOLE_64 } from '../../../test/support/model-outputs.ts';
import { parseModelConfig } from '../parse-model-config.ts';
import { createHead, type OutputTensor } from './index.ts';

function read(outputs: readonly OutputTensor[], placement = WHOLE_64) {
  const config = parseModelConfig({ type: 'MobileNet', labels: ['background', 'cat'] });
  return createHead(config, INPUT_64, outputs)(outputs, placement).detections;
}

const BOXES = [0.25, 0.125, 0.5, 0.375, 0, 0, 1, 1, 0.5, 0.5, 1, 1];
const FOUND = [
  { label: 7, confidence: 0.875, coords: [0, 0, 1, 1] },
  { label: 1, confidence: 0.75, coords: [0.125, 0.25, 0.375, 0.5], name: 'cat' },
];

test.each([
  [
    'the names of TensorFlow',
    ['detection_boxes:0', 'detection_classes:0', 'detection_scores:0', 'num_detections:0'],
  ],
  ['names that say nothing, in the order of TensorFlow Lite', ['a', 'b', 'c', 'd']],
])(
  'boxes, classes, scores and number are told apart by %s',
  (_by, [boxes = '', classes = '', scores = '', number = '']) => {
    const outputs = [
      output(boxes, [1, 3, 4], BOXES),
      output(classes, [1, 3], [1, 7, 2]),
      output(scores, [1, 3], [0.75, 0.875, 0.99]),
      output(number, [1], [2]),
    ];
    expect(read(outputs)).toEqual(FOUND);
  },
);

test('named outputs may come in any order, and without the number', () => {
  const outputs = [
    output('scores', [1, 3], [0.75, 0.875, 0.49]),
    output('labels', [1, 3], [1, 7, 2]),
    output('boxes', [1, 3, 4], BOXES),
  ];
  expect(read(outputs)).toEqual(FOUND);
});

test("Caffe's single output ends where no picture follows", () => {
  const rows = [
    [0, 1, 0.75, 0.125, 0.25, 0.375, 0.5],
    [0, 7, 0.875, 0, 0, 1, 1],
    [0, 7, 0.3, 0, 0, 1, 1],
    [-1, 9, 0.99, 0, 0, 1, 1],
  ];
  expect(read([output('detection_out', [1, 1, 4, 7], rows.flat())])).toEqual(FOUND);
});

test('boxes come back through a letterbox', () => {
  const row = [0, 1, 0.75, 0.25, 0.375, 0.5, 0.5];
  expect(
    read([output('detection_out', [1, 1, 1, 7], row)], { left: 0, top: 16, width: 64, height: 32 }),
  ).toEqual([{ label: 1, confidence: 0.75, coords: [0.25, 0.25, 0.5, 0.5], name: 'cat' }]);
});

test('numbers that are none are no detections', () => {
  const rows = [
    [0, 1, Number.NaN, 0, 0, 1, 1],
    [0, 1, 0.9, Number.NaN, 0, 1, 1],
    [0, 1, Number.POSITIVE_INFINITY, 0, 0, 1, 1],
  ];
  expect(read([output('detection_out', [1, 1, 3, 7], rows.flat())])).toEqual([]);
});

test('other outputs are refused', () => {
  const message = expect.stringMatching(/an SSD has the outputs boxes .* these are output0 \[1, 84, 8400\]/);
  const refusal = expect.objectContaining({ code: 'NN_MODEL_INVALID', message });
  expect(() => read([output('output0', [1, 84, 8400])])).toThrow(refusal);
});
