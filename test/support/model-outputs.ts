import type { ModelInput } from '../../src/inference/index.ts';

/** An output as a head reads it. */
export function output(name: string, shape: readonly number[], values: readonly number[] = []) {
  const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
  data.set(values);
  return { name, shape, data };
}

export const INPUT_64: ModelInput = {
  name: 'images',
  width: 64,
  height: 64,
  channels: 3,
  layout: 'NCHW',
  dataType: 'float32',
};

/** A picture that fills the whole of {@link INPUT_64}. */
export const WHOLE_64 = { left: 0, top: 0, width: 64, height: 64 };
