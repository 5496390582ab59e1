import { expect, test } from 'vitest';
import { modelInputOf } from './model-input.ts';
import { parseModelConfig } from './parse-model-config.ts';

type Shape = readonly (number | string)[];

function inputOf(shape: Shape, input: Record<string, unknown> = {}, type = 'float32') {
  return modelInputOf(
    [{ name: 'images', isTensor: true, type, shape }],
    parseModelConfig({ type: 'YOLO', input }).input,
  );
}

test.each<[Shape, Record<string, unknown>, string]>([
  [[1, 3, 480, 640], {}, '640×480 3 NCHW'],
  [[1, 480, 640, 3], {}, '640×480 3 NHWC'],
  [[1, 1, 48, 64], {}, '64×48 1 NCHW'],
  [['N', 3, 'h', 'w'], {}, '640×640 3 NCHW'],
  [['N', 'h', 'w', 3], { width: 320, height: 192 }, '320×192 3 NHWC'],
  [['N', 'c', 'h', 'w'], { width: 320 }, '320×640 3 NCHW'],
  [[1, 3, 480, 640], { width: 640, height: 480 }, '640×480 3 NCHW'],
])('%j with %j is %s', (shape, input, expected) => {
  const { width, height, channels, layout } = inputOf(shape, input);
  expect(`${width}×${height} ${channels} ${layout}`).toBe(expected);
});

test.each<[Shape, RegExp]>([
  [[1, 1000], /images float32 \[1, 1000\]; expected is one picture/],
  [[3, 480, 640], /expected is one picture/],
  [[1, 3, 8, 480, 640], /expected is one picture/],
  [[4, 3, 480, 640], /\[4, 3, 480, 640\]; expected is one picture/],
  [[1, 4, 480, 640], /with 1 or 3 channels/],
  [[1, 3, 480, 5000], /at most 4096 pixels/],
])('%j is refused', (shape, message) => {
  expect(() => inputOf(shape)).toThrow(
    expect.objectContaining({ code: 'NN_MODEL_INVALID', message: expect.stringMatching(message) }),
  );
});

test('numbers that pictures are not made of, several inputs and none are refused', () => {
  const invalid = (message: RegExp) =>
    expect.objectContaining({ code: 'NN_MODEL_INVALID', message: expect.stringMatching(message) });
  const { input } = parseModelConfig({ type: 'YOLO' });
  const one = { name: 'a', isTensor: true, type: 'float32', shape: [1, 3, 8, 8] };
  expect(() => inputOf([1, 3, 8, 8], {}, 'int64')).toThrow(
    invalid(/images int64 .* float32, float16, uint8, int8/),
  );
  expect(() => modelInputOf([one, { ...one, name: 'b' }], input)).toThrow(invalid(/2 inputs \(a, b\)/));
  expect(() => modelInputOf([], input)).toThrow(invalid(/0 inputs/));
  expect(() => modelInputOf([{ name: 'list', isTensor: false }], input)).toThrow(invalid(/list no tensor/));
});

test("a configured size that is not the model's own is refused", () => {
  const message = expect.stringMatching(/input.width is 320; expected nothing or 640/);
  expect(() => inputOf([1, 3, 480, 640], { width: 320 })).toThrow(
    expect.objectContaining({ code: 'NN_CONFIG_INVALID', message }),
  );
});
