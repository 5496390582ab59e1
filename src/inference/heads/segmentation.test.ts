import { expect, test } from 'vitest';
import { INPUT_64, output, WHOLE_64 } from '../../../test/support/model-outputs.ts';
import type { ModelInput } from '../engine.ts';
import { parseModelConfig } from '../parse-model-config.ts';
import { createHead } from './index.ts';

interface Given {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly placement?: typeof WHOLE_64;
  readonly layout?: ModelInput['layout'];
  readonly config?: Record<string, unknown>;
}

function read({ shape, values, placement = WHOLE_64, layout = 'NCHW', config = {} }: Given) {
  const outputs = [output('mask', shape, values)];
  const head = createHead(
    parseModelConfig({ type: 'Segmentation', ...config }),
    { ...INPUT_64, layout },
    outputs,
  );
  return head(outputs, placement);
}

/** Four by two pixels: class 2 in the lower left, 1 at the right, else 0. */
const MAP = [0, 0, 0, 1, 2, 2, 0, 1];
const PLANES = [0, 1, 2].flatMap((label) => MAP.map((value) => (value === label ? 3 : -1)));
const PIXELS = MAP.flatMap((value) => [0, 1, 2].map((label) => (value === label ? 3 : -1)));
const FOUND = {
  detections: [
    { label: 0, confidence: 0.5, coords: [0, 0, 0.75, 1] },
    { label: 1, confidence: 0.25, coords: [0.75, 0, 1, 1] },
    { label: 2, confidence: 0.25, coords: [0, 0.5, 0.5, 1] },
  ],
  mask: { width: 4, height: 2, classes: Uint8Array.from(MAP) },
};

test.each([
  ['scores in planes', { shape: [1, 3, 2, 4], values: PLANES }],
  [
    'scores by pixel, where the input is so',
    { shape: [1, 2, 4, 3], values: PIXELS, layout: 'NHWC' as const },
  ],
  ['a map of classes', { shape: [1, 2, 4], values: MAP }],
  ['a map of classes with a size of one', { shape: [1, 1, 2, 4], values: MAP }],
  ['a map of classes with a size of one at its end', { shape: [1, 2, 4, 1], values: MAP }],
])('%s give the mask, and for each class its box and share', (_which, given) => {
  expect(read(given)).toEqual(FOUND);
});

test('one share per pixel is class 1 from a half up', () => {
  const { mask } = read({ shape: [1, 1, 1, 4], values: [0.1, 0.49, 0.51, 0.9] });
  expect([...(mask?.classes ?? [])]).toEqual([0, 0, 1, 1]);
});

test('padding of the letterbox is cut off', () => {
  const rows = [9, 9, 9, 9, ...MAP, 9, 9, 9, 9];
  const placement = { left: 0, top: 16, width: 64, height: 32 };
  expect(read({ shape: [1, 4, 4], values: rows, placement })).toEqual(FOUND);
});

test('thresholds are of the share, and labels name classes', () => {
  const config = {
    labels: ['floor'],
    nn_config: { confidence_threshold: 0.3, class_thresholds: { 2: 0.2 } },
  };
  expect(read({ shape: [1, 2, 4], values: MAP, config }).detections).toEqual([
    { ...FOUND.detections[0], name: 'floor' },
    FOUND.detections[2],
  ]);
});

test('NaN is never the class of a pixel that has another, and odd numbers stay within a byte', () => {
  const { mask } = read({ shape: [1, 2, 1, 2], values: [Number.NaN, 1, -5, Number.NaN] });
  expect([...(mask?.classes ?? [])]).toEqual([1, 0]);
  const { mask: odd } = read({ shape: [1, 1, 4], values: [-7, 999, Number.NaN, Number.POSITIVE_INFINITY] });
  expect([...(odd?.classes ?? [])]).toEqual([0, 255, 0, 255]);
});

test.each([[[1, 257, 2, 2]], [[2, 3, 4, 4]], [[1, 1000]], [[1, 3, 0, 4]]])(
  'an output %j is refused',
  (shape) => {
    expect(() => read({ shape, values: [] })).toThrow(expect.objectContaining({ code: 'NN_MODEL_INVALID' }));
  },
);
