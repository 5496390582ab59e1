import { type ConstantTensor, type ElementType, type GraphValue, onnxModel } from './onnx-proto.ts';

const picture = (size: Size, type: ElementType = 'float32'): GraphValue => ({
  name: 'images',
  type,
  shape: [1, 3, size.height, size.width],
});

interface Size {
  readonly width: number;
  readonly height: number;
}

const float = (values: readonly number[], shape: readonly number[] = [values.length]): ConstantTensor => ({
  type: 'float32',
  shape,
  values,
});
const whole = (...values: readonly number[]): ConstantTensor => ({
  type: 'int64',
  shape: [values.length],
  values,
});

/** A model that says the same of every picture. */
export function constantModel(
  outputs: Readonly<Record<string, ConstantTensor>>,
  input: GraphValue = picture({ width: 32, height: 32 }),
): Buffer {
  const entries = Object.entries(outputs);
  return onnxModel({
    inputs: [input],
    outputs: entries.map(([name, { type, shape }]) => ({ name, type, shape })),
    constants: Object.fromEntries(entries.map(([name, tensor]) => [`${name}_values`, tensor])),
    nodes: entries.map(([name]) => ({ op: 'Identity', inputs: [`${name}_values`], outputs: [name] })),
  });
}

/** A model whose one output is its input. Sizes of the output are given where they differ from the input's. */
export function echoModel(input: GraphValue, shape: GraphValue['shape'] = input.shape): Buffer {
  return onnxModel({
    inputs: [input],
    outputs: [{ name: 'echo', type: input.type, shape }],
    nodes: [{ op: 'Identity', inputs: [input.name], outputs: ['echo'] }],
  });
}

/** A model that runs on dark pictures and throws on bright ones: it reshapes four numbers to more. */
export function failingOnBright(): Buffer {
  return onnxModel({
    inputs: [picture({ width: 32, height: 32 })],
    outputs: [{ name: 'numbers', type: 'float32', shape: ['n'] }],
    constants: { four: float([1, 2, 3, 4]), size: whole(4), line: whole(1) },
    nodes: [
      { op: 'ReduceMean', inputs: ['images'], outputs: ['mean'], attributes: { keepdims: 0 } },
      { op: 'Round', inputs: ['mean'], outputs: ['bright'] },
      { op: 'Cast', inputs: ['bright'], outputs: ['more'], attributes: { to: 7 } },
      { op: 'Add', inputs: ['size', 'more'], outputs: ['length'] },
      { op: 'Reshape', inputs: ['four', 'length'], outputs: ['numbers'] },
    ],
  });
}

/** A model that computes for some seconds on a white picture, and hardly at all on a black one. */
export function slowOnBright(rounds = 1_500_000): Buffer {
  const counter: GraphValue = { name: 'round', type: 'int64', shape: [] };
  const state: GraphValue = { name: 'before', type: 'float32', shape: [1] };
  return onnxModel({
    inputs: [picture({ width: 32, height: 32 })],
    outputs: [{ name: 'sum', type: 'float32', shape: [1] }],
    constants: {
      rounds: { type: 'float32', shape: [], values: [rounds] },
      one: float([1]),
      yes: { type: 'uint8', shape: [], values: [1] },
    },
    nodes: [
      { op: 'ReduceMean', inputs: ['images'], outputs: ['mean'], attributes: { keepdims: 0 } },
      { op: 'Mul', inputs: ['mean', 'rounds'], outputs: ['product'] },
      { op: 'Cast', inputs: ['product'], outputs: ['trips'], attributes: { to: 7 } },
      { op: 'Cast', inputs: ['yes'], outputs: ['go'], attributes: { to: 9 } },
      {
        op: 'Loop',
        inputs: ['trips', 'go', 'one'],
        outputs: ['sum'],
        attributes: {
          body: {
            inputs: [counter, { name: 'was', type: 'bool', shape: [] }, state],
            outputs: [
              { name: 'on', type: 'bool', shape: [] },
              { name: 'after', type: 'float32', shape: [1] },
            ],
            nodes: [
              { op: 'Identity', inputs: ['was'], outputs: ['on'] },
              { op: 'Add', inputs: ['before', 'one'], outputs: ['after'] },
            ],
          },
        },
      },
    ],
  });
}

/** The ball of the simulated camera as wide as this part of a 16:9 picture. */
const BALL_SHARE = 0.118;
/** How much red beyond green and blue counts in full; the darkest part of the ball has a little more. */
const RED_ENOUGH = 50 / 255;

/**
 * A detector with the output of a YOLOv8 of one class, [1, 5, 1]. It finds the simulated camera's ball: its box is
 * centred where most red, and little else, is around. Expects RGB, 0 to 1. The box has the ball's size in a letterboxed
 * 16:9 picture; without a ball, the confidence is near 0.
 */
export function brightSpotDetector({ width, height }: Size & { readonly head: 'yolov8' }): Buffer {
  const [across, down] = [Math.floor(width / 2), Math.floor(height / 2)];
  const reach = Math.max(1, Math.round((width * BALL_SHARE) / 8));
  const smooth = (from: string, to: string, isAcross: boolean) => ({
    op: 'AveragePool',
    inputs: [from],
    outputs: [to],
    attributes: {
      kernel_shape: isAcross ? [1, 2 * reach + 1] : [2 * reach + 1, 1],
      pads: isAcross ? [0, reach, 0, reach] : [reach, 0, reach, 0],
      count_include_pad: 1,
    },
  });
  const largest = (from: string, to: string) => ({
    op: 'MaxPool',
    inputs: [from],
    outputs: [to],
    attributes: { kernel_shape: [2 * reach + 1, 2 * reach + 1] },
  });
  const size = width * BALL_SHARE;
  return onnxModel({
    inputs: [picture({ width, height })],
    outputs: [{ name: 'output0', type: 'float32', shape: [1, 5, 1] }],
    constants: {
      redness: float([1, -1.5, -1], [1, 3, 1, 1]),
      none: float([0], []),
      enough: float([RED_ENOUGH], []),
      line: whole(1, across * down),
      columns: whole(across),
      border: whole(0, 0, 2 * reach, 2 * reach, 0, 0, 2 * reach, 2 * reach),
      half: float([0.5]),
      pixels: float([2]),
      // A peak that a whole ball makes is about two thirds of what is enough.
      gain: float([1.5 / RED_ENOUGH]),
      certain: float([1], []),
      one: whole(1),
      box: float([size, size]),
      shape: whole(1, 5, 1),
    },
    nodes: [
      { op: 'Conv', inputs: ['images', 'redness'], outputs: ['red'] },
      { op: 'Clip', inputs: ['red', 'none', 'enough'], outputs: ['clipped'] },
      {
        op: 'AveragePool',
        inputs: ['clipped'],
        outputs: ['small'],
        attributes: { kernel_shape: [2, 2], strides: [2, 2] },
      },
      // The ball shines at one place, which is not red: what is smaller than the ball is closed.
      { op: 'Pad', inputs: ['small', 'border'], outputs: ['framed'] },
      largest('framed', 'wide'),
      { op: 'Neg', inputs: ['wide'], outputs: ['inverse'] },
      largest('inverse', 'narrow'),
      { op: 'Neg', inputs: ['narrow'], outputs: ['closed'] },
      // Twice each way, so that the peak is in the middle of whatever is red, large or small.
      smooth('closed', 'across', true),
      smooth('across', 'even', false),
      smooth('even', 'again', true),
      smooth('again', 'peaks', false),
      { op: 'Reshape', inputs: ['peaks', 'line'], outputs: ['flat'] },
      { op: 'ArgMax', inputs: ['flat'], outputs: ['at2'], attributes: { axis: 1, keepdims: 0 } },
      { op: 'ReduceMax', inputs: ['flat'], outputs: ['peak2'], attributes: { keepdims: 0 } },
      { op: 'Reshape', inputs: ['at2', 'one'], outputs: ['at'] },
      { op: 'Reshape', inputs: ['peak2', 'one'], outputs: ['peak'] },
      { op: 'Mod', inputs: ['at', 'columns'], outputs: ['column'] },
      { op: 'Div', inputs: ['at', 'columns'], outputs: ['row'] },
      { op: 'Concat', inputs: ['column', 'row'], outputs: ['cell'], attributes: { axis: 0 } },
      { op: 'Cast', inputs: ['cell'], outputs: ['place'], attributes: { to: 1 } },
      { op: 'Add', inputs: ['place', 'half'], outputs: ['middle'] },
      { op: 'Mul', inputs: ['middle', 'pixels'], outputs: ['centre'] },
      { op: 'Mul', inputs: ['peak', 'gain'], outputs: ['sure'] },
      { op: 'Clip', inputs: ['sure', 'none', 'certain'], outputs: ['score'] },
      { op: 'Concat', inputs: ['centre', 'box', 'score'], outputs: ['all'], attributes: { axis: 0 } },
      { op: 'Reshape', inputs: ['all', 'shape'], outputs: ['output0'] },
    ],
  });
}
