import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../core/app-error.ts';
import { parseModelConfig } from './parse-model-config.ts';

const invalid = (detail: RegExp) =>
  expect.objectContaining({ code: 'NN_CONFIG_INVALID', message: expect.stringMatching(detail) });

test('a type alone is a configuration: the rest are the defaults of what such models expect', () => {
  expect(parseModelConfig({ type: 'YOLO' })).toEqual({
    type: 'YOLO',
    numInferenceThreads: 2,
    input: { fit: 'letterbox', channelOrder: 'RGB', scale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1] },
    labels: [],
    executionProvider: 'cpu',
    confidenceThreshold: 0.5,
    classThresholds: {},
    iouThreshold: 0.45,
    coordinateSize: 4,
    anchors: [],
    anchorMasks: {},
    original: { type: 'YOLO' },
  });
});

test.each([
  ['Generic', 'stretch', 1 / 255, 0, 0],
  ['YOLO', 'letterbox', 1 / 255, 0, 0.5],
  ['MobileNet', 'stretch', 1 / 127.5, 1, 0.5],
  ['Classification', 'stretch', 1 / 255, 0, 0.1],
  ['Segmentation', 'stretch', 1 / 255, 0, 0.01],
])(
  '%s takes pictures by %s, samples × %d − %d, and reports from confidence %d',
  (type, fit, scale, mean, threshold) => {
    const config = parseModelConfig({ type, nn_config: null });
    expect(config.input).toMatchObject({ fit, scale, mean: [mean, mean, mean] });
    expect(config.confidenceThreshold).toBe(threshold);
  },
);

test("what Robopipe's Studio sends is taken, number strings and its name of MobileNet too", () => {
  const sent = {
    type: 'MobileNetSSD',
    num_inference_threads: '3',
    nn_config: { num_classes: '21', coordinate_size: 4, confidence_threshold: '0.25', iou_threshold: null },
  };
  expect(parseModelConfig(sent)).toMatchObject({
    type: 'MobileNet',
    numInferenceThreads: 3,
    numClasses: 21,
    confidenceThreshold: 0.25,
    iouThreshold: 0.45,
    original: sent,
  });
});

test('anchors and their masks are taken as Robopipe has them', () => {
  const nn_config = { anchors: [10, 14, '23', 27], anchor_masks: { side26: [0], side13: ['1'] } };
  expect(parseModelConfig({ type: 'YOLO', nn_config })).toMatchObject({
    anchors: [10, 14, 23, 27],
    anchorMasks: { side26: [0], side13: [1] },
  });
});

test('the fields of our own are taken', () => {
  const config = parseModelConfig({
    type: 'YOLO',
    labels: ['ball'],
    fps: 5,
    execution_provider: 'cuda',
    class_thresholds: { 0: 0.9, 1: 0.8 },
    input: {
      fit: 'stretch',
      channel_order: 'BGR',
      scale: 1,
      mean: [1, 2, 3],
      std: [4, 5, 6],
      width: 320,
      height: 192,
    },
    nn_config: { class_thresholds: { 1: 0.7 } },
  });
  expect(config).toMatchObject({
    labels: ['ball'],
    fps: 5,
    executionProvider: 'cuda',
    classThresholds: { 0: 0.9, 1: 0.7 },
    input: {
      fit: 'stretch',
      channelOrder: 'BGR',
      scale: 1,
      mean: [1, 2, 3],
      std: [4, 5, 6],
      width: 320,
      height: 192,
    },
  });
});

test('fields that Robopipe or others add are ignored', () => {
  const config = parseModelConfig({ type: 'Generic', model_id: 'x', nn_config: { use_parser: true } });
  expect(config.type).toBe('Generic');
});

test.each([
  [null, /The configuration is null/],
  [[], /The configuration is \[\]/],
  ['YOLO', /expected an object/],
  [{}, /type is absent; expected one of Generic, YOLO/],
  [{ type: 'Yolo' }, /type is "Yolo"; expected one of Generic, YOLO/],
  [{ type: 'YOLO', nn_config: [] }, /nn_config is \[\]; expected an object/],
  [
    { type: 'YOLO', nn_config: { confidence_threshold: 1.5 } },
    /nn_config.confidence_threshold is 1.5; .* 0 to 1/,
  ],
  [{ type: 'YOLO', nn_config: { iou_threshold: 'low' } }, /nn_config.iou_threshold is "low"/],
  [{ type: 'YOLO', nn_config: { iou_threshold: '' } }, /nn_config.iou_threshold is ""/],
  [{ type: 'YOLO', nn_config: { num_classes: 0 } }, /nn_config.num_classes is 0/],
  [
    { type: 'YOLO', nn_config: { num_classes: 1.5 } },
    /nn_config.num_classes is 1.5; expected a whole number/,
  ],
  [{ type: 'YOLO', nn_config: { coordinate_size: 5 } }, /nn_config.coordinate_size is 5; expected 4/],
  [{ type: 'YOLO', nn_config: { anchors: [1, 2, 3] } }, /nn_config.anchors is .* pairs/],
  [{ type: 'YOLO', nn_config: { anchors: [1, -2] } }, /nn_config.anchors\[1\] is -2/],
  [
    { type: 'YOLO', nn_config: { anchors: [1, 2], anchor_masks: { side8: [1] } } },
    /anchor_masks.side8\[0\] is 1/,
  ],
  [{ type: 'YOLO', num_inference_threads: 0 }, /num_inference_threads is 0/],
  [{ type: 'YOLO', num_inference_threads: true }, /num_inference_threads is true/],
  [{ type: 'YOLO', fps: 0 }, /fps is 0/],
  [{ type: 'YOLO', labels: 'ball' }, /labels is "ball"/],
  [{ type: 'YOLO', labels: [1] }, /labels is \[1\]/],
  [{ type: 'YOLO', execution_provider: 7 }, /execution_provider is 7/],
  [{ type: 'YOLO', class_thresholds: { ball: 0.5 } }, /class_thresholds.ball is 0.5/],
  [{ type: 'YOLO', class_thresholds: { 0: 2 } }, /class_thresholds.0 is 2/],
  [{ type: 'YOLO', input: { fitt: 'stretch' } }, /input.fitt is "stretch"; expected one of fit, /],
  [
    { type: 'YOLO', input: { channel_order: 'GBR' } },
    /input.channel_order is "GBR"; expected one of RGB, BGR/,
  ],
  [{ type: 'YOLO', input: { mean: [1, 2] } }, /input.mean is \[1,2\]; expected three numbers/],
  [{ type: 'YOLO', input: { mean: 1 } }, /input.mean is 1/],
  [{ type: 'YOLO', input: { std: [1, 0, 1] } }, /input.std is \[1,0,1\]; expected numbers other than 0/],
  [{ type: 'YOLO', input: { width: 1e9 } }, /input.width is 1000000000/],
])('%j is refused with the field named', (json, detail) => {
  expect(() => parseModelConfig(json)).toThrow(invalid(detail));
});

test('whatever JSON comes is taken or refused as such', () => {
  const keys = ['type', 'nn_config', 'input', 'labels', 'fps', 'class_thresholds', 'num_inference_threads'];
  const values = fc.oneof(fc.constant('YOLO'), fc.jsonValue({ maxDepth: 2 }));
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...keys, '__proto__'), values), (json) => {
      try {
        expect(parseModelConfig({ type: 'YOLO', ...json }).type).toBeDefined();
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
      }
    }),
  );
});
