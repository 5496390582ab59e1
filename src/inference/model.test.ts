import { describe, expect, test } from 'vitest';
import { ModelFolder } from '../../test/support/model-folder.ts';
import {
  brightSpotDetector,
  constantModel,
  echoModel,
  failingOnBright,
} from '../../test/support/onnx-graph.ts';
import { type GraphValue, onnxModel } from '../../test/support/onnx-proto.ts';
import { hasRuntime } from '../../test/support/onnx-runtime.ts';
import { PictureRenderer } from '../hardware/cameras/simulated/picture-renderer.ts';
import { ballAt } from '../hardware/cameras/simulated/scene.ts';
import { pictureSizeBytes, type RawPixelFormat } from '../media/picture.ts';
import type { InferencePicture } from './engine.ts';
import { type Model, openModel } from './model.ts';
import { parseModelConfig } from './parse-model-config.ts';
import { loadRuntime } from './runtime.ts';

async function open(bytes: Uint8Array, config: Record<string, unknown>): Promise<Model> {
  using folder = new ModelFolder();
  return await openModel(folder.file(bytes), parseModelConfig(config));
}

const grey = (...samples: number[]): InferencePicture => ({
  pixelFormat: 'GREY',
  width: samples.length,
  height: 1,
  data: Uint8Array.from(samples),
});

const error = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

const float = (shape: readonly number[], values: readonly number[]) =>
  ({ type: 'float32', shape, values }) as const;
const one = float([1], [1]);

test('without the runtime, the way to it is told', async () => {
  const missing = expect.objectContaining({
    code: 'NN_RUNTIME_MISSING',
    kind: 'not-implemented',
    message: expect.stringMatching(
      /npm install onnxruntime-node.*setup --dev.*ONNXRUNTIME_NODE_INSTALL=skip/,
    ),
  });
  await expect(loadRuntime('a-package-that-is-not-there')).rejects.toThrow(missing);
});

describe.skipIf(!hasRuntime())('with onnxruntime-node', () => {
  test('a model tells what it takes and gives', async () => {
    const { info } = await open(brightSpotDetector({ width: 64, height: 32, head: 'yolov8' }), {
      type: 'YOLO',
      num_inference_threads: 1,
      nn_config: { num_classes: 1 },
    });
    expect(info).toEqual({
      input: { name: 'images', width: 64, height: 32, channels: 3, layout: 'NCHW', dataType: 'float32' },
      outputs: [{ name: 'output0', shape: [1, 5, 1] }],
      executionProvider: 'cpu',
      threads: 1,
    });
  });

  test.each<[GraphValue['type'], GraphValue['shape'], number[]]>([
    ['float32', [1, 3, 1, 2], [0, 1, 0, 1, 0, 1]],
    ['float32', [1, 1, 2, 3], [0, 0, 0, 1, 1, 1]],
    ['float16', [1, 3, 1, 2], [0, 1, 0, 1, 0, 1]],
    ['uint8', [1, 3, 1, 2], [0, 255, 0, 255, 0, 255]],
    ['int8', [1, 1, 2, 3], [-128, -128, -128, 127, 127, 127]],
  ])('a picture arrives in the model as %s %j', async (type, shape, expected) => {
    const model = await open(echoModel({ name: 'images', type, shape }), { type: 'Generic' });
    const picture = { pixelFormat: 'GREY', width: 1, height: 2, data: Uint8Array.of(0, 255) } as const;
    const isUpright = shape[1] === 1;
    const { findings } = await model.run(isUpright ? picture : grey(0, 255));
    expect([...(findings.detections as Float64Array)]).toEqual(expected); // of a Generic model
  });

  test('a model that leaves its size open gets the configured one', async () => {
    const shape = ['batch', 3, 'height', 'width'];
    const model = await open(echoModel({ name: 'images', type: 'float32', shape }), {
      type: 'Generic',
      input: { width: 16, height: 8 },
    });
    const { findings } = await model.run(grey(255));
    expect(findings.detections).toHaveLength(3 * 16 * 8);
    expect(model.info.input).toMatchObject({ width: 16, height: 8 });
    expect(model.info.outputs[0]?.shape).toEqual(shape);
  });

  test.each<[string, Record<string, ReturnType<typeof float>>, object]>([
    [
      'YOLO',
      { output0: float([1, 5, 1], [16, 16, 16, 8, 0.75]) },
      { label: 0, coords: [0.25, 0.375, 0.75, 0.625] },
    ],
    [
      'MobileNet',
      { out: float([1, 1, 1, 7], [0, 4, 0.75, 0, 0, 0.5, 1]) },
      { label: 4, coords: [0, 0, 0.5, 1] },
    ],
    ['Classification', { out: float([1, 2], [0.25, 0.75]) }, { label: 1, coords: [0, 0, 1, 1] }],
    ['Segmentation', { out: float([1, 1, 1, 4], [1, 1, 1, 0]) }, { label: 1, coords: [0, 0, 0.75, 1] }],
  ])('%s finds what its model says', async (type, outputs, found) => {
    const model = await open(constantModel(outputs), { type });
    const { findings, modelUs, overheadUs } = await model.run(grey(0));
    expect(findings.detections[0]).toEqual({ confidence: 0.75, ...found });
    expect(modelUs).toBeGreaterThanOrEqual(0);
    expect(overheadUs).toBeGreaterThanOrEqual(0);
  });

  test('outputs of whole numbers are numbers', async () => {
    const ids = { type: 'int64', shape: [3], values: [1, -2, 3_000_000_000] } as const;
    const { findings } = await (await open(constantModel({ ids }), { type: 'Generic' })).run(grey(0));
    expect(findings.detections).toEqual(Float64Array.of(1, -2, 3_000_000_000));
  });

  test('a model that gives NaN runs, and finds nothing', async () => {
    const nan = new Array(5 * 2).fill(Number.NaN);
    const yolo = await open(constantModel({ o: float([1, 5, 2], nan) }), { type: 'YOLO', labels: ['x'] });
    expect((await yolo.run(grey(0))).findings.detections).toEqual([]);
    const generic = await open(constantModel({ o: float([1, 2], nan.slice(0, 2)) }), { type: 'Generic' });
    expect((await generic.run(grey(0))).findings.detections).toEqual(Float64Array.of(0, 0));
  });

  test('after a picture on which the runtime throws, the next one runs', async () => {
    const model = await open(failingOnBright(), { type: 'Generic' });
    await expect(model.run(grey(255))).rejects.toThrow(/Reshape/);
    expect((await model.run(grey(0))).findings.detections).toEqual(Float64Array.of(1, 2, 3, 4));
  });

  test.each<[string, Uint8Array, Record<string, unknown>, string, RegExp]>([
    [
      'is cut off',
      constantModel({ one }).subarray(0, 100),
      {},
      'NN_MODEL_INVALID',
      /the runtime said: Load model from the file failed:.*pars/i,
    ],
    ['is noise', Buffer.alloc(300, 0xa7), {}, 'NN_MODEL_INVALID', /the runtime said/],
    [
      'takes no pictures',
      constantModel({ one }, { name: 'x', type: 'float32', shape: [1, 10] }),
      {},
      'NN_MODEL_INVALID',
      /x float32 \[1, 10\]/,
    ],
    [
      'takes int64',
      constantModel({ one }, { name: 'x', type: 'int64', shape: [1, 3, 8, 8] }),
      {},
      'NN_MODEL_INVALID',
      /x int64/,
    ],
    ['gives text', echoModelOfText(), {}, 'NN_MODEL_INVALID', /input is text string/],
    [
      'has a huge output',
      echoModel({ name: 'x', type: 'uint8', shape: [1, 3, 2500, 2500] }),
      {},
      'NN_MODEL_INVALID',
      /18750000 numbers, and 16000000/,
    ],
    [
      'has a huge output of open size',
      echoModel({ name: 'x', type: 'uint8', shape: [1, 3, 'h', 'w'] }),
      { input: { width: 2500, height: 2500 } },
      'NN_MODEL_INVALID',
      /18750000 numbers/,
    ],
    [
      'has its weights in another file',
      constantModel({ one: { ...one, location: 'model.onnx.data' } }),
      {},
      'NN_MODEL_INVALID',
      /weights are in another file.*external_data=False/,
    ],
    [
      'wants its weights from anywhere on the disk',
      constantModel({ one: { ...one, location: '../../../../../etc/hostname' } }),
      {},
      'NN_MODEL_INVALID',
      /weights are in another file/,
    ],
    [
      'has more numbers than JSON should carry',
      echoModel({ name: 'x', type: 'uint8', shape: [1, 3, 600, 600] }),
      {},
      'NN_MODEL_INVALID',
      /1000000 numbers in its outputs, and these are echo \[1, 3, 600, 600\]/,
    ],
    [
      'has an output of billions, which its file leaves open',
      onnxModel({
        inputs: [{ name: 'images', type: 'float32', shape: [1, 3, 8, 8] }],
        outputs: [{ name: 'o', type: 'float32', shape: ['n'] }],
        constants: { size: { type: 'int64', shape: [1], values: [1_000_000_000] } },
        nodes: [{ op: 'ConstantOfShape', inputs: ['size'], outputs: ['o'] }],
      }),
      { type: 'Segmentation' },
      'NN_MODEL_INVALID',
      /1000000000 numbers/,
    ],
    [
      'fails on its first picture',
      failingOnBright(),
      { input: { mean: [-9, -9, -9] } },
      'NN_MODEL_INVALID',
      /black picture failed: .*Reshape/,
    ],
    [
      'does not fit its type',
      constantModel({ one }),
      { type: 'YOLO' },
      'NN_MODEL_INVALID',
      /a YOLO detector has/,
    ],
    [
      'has other classes',
      constantModel({ o: float([1, 6, 20], new Array(120).fill(0)) }),
      { type: 'YOLO', nn_config: { num_classes: 3 } },
      'NN_CONFIG_INVALID',
      /num_classes is 3/,
    ],
    [
      'is to run where nothing runs',
      constantModel({ one }),
      { execution_provider: 'abacus' },
      'NN_CONFIG_INVALID',
      /"abacus"; expected one that the runtime has: cpu/,
    ],
  ])('a model that %s is refused when it is loaded', async (_what, bytes, config, code, message) => {
    await expect(open(bytes, { type: 'Generic', ...config })).rejects.toThrow(error(code, message));
  });
});

function echoModelOfText(): Buffer {
  return echoModel({ name: 'text', type: 'string', shape: [1, 3, 8, 8] });
}

describe.skipIf(!hasRuntime())("the detector of the simulated camera's ball, with onnxruntime-node", () => {
  const cases: [RawPixelFormat, number, number][] = [
    ['NV12', 1280, 720],
    ['YUYV', 640, 480],
  ];

  test.each(cases)(
    'finds it in %s %i×%i wherever it is, in every landscape',
    async (pixelFormat, width, height) => {
      const model = await open(brightSpotDetector({ width: 320, height: 320, head: 'yolov8' }), {
        type: 'YOLO',
        labels: ['ball'],
      });
      const format = { pixelFormat, width, height, frameInterval: { numerator: 1, denominator: 30 } };
      const data = new Uint8Array(pictureSizeBytes(format) ?? 0);
      for (const seed of [1, 2, 3]) {
        const renderer = new PictureRenderer(format, 'SIMULATED1 CAM_A', seed);
        for (const wallUs of [0, 700_000, 2_345_678, 4_400_000, 8_000_000]) {
          renderer.render(data, wallUs, 0);
          const { findings } = await model.run({ pixelFormat, width, height, data });
          const ball = ballAt(width, height, wallUs);
          expect(findings.detections).toEqual([
            { label: 0, name: 'ball', confidence: expect.closeTo(1, 1), coords: expect.any(Array) },
          ]);
          const [left = 0, top = 0, right = 0, bottom = 0] = coordsOf(findings.detections[0]);
          // Within one part in a hundred of the width.
          const middle = [((left + right) / 2) * width, ((top + bottom) / 2) * height];
          expect(Math.abs((middle[0] ?? 0) - ball.left - ball.width / 2)).toBeLessThan(width / 100);
          expect(Math.abs((middle[1] ?? 0) - ball.top - ball.height / 2)).toBeLessThan(width / 100);
        }
      }
    },
  );

  test('is not sure of a picture without it', async () => {
    const model = await open(brightSpotDetector({ width: 64, height: 64, head: 'yolov8' }), {
      type: 'YOLO',
      nn_config: { num_classes: 1 },
    });
    expect((await model.run(grey(255))).findings.detections).toEqual([]);
  });
});

function coordsOf(found: unknown): readonly number[] {
  return (found as { readonly coords: readonly number[] }).coords; // of a detector
}
