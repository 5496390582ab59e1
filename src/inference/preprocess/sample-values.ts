import type { ModelInput } from '../engine.ts';
import type { ModelConfig } from '../model-config.ts';
import { toHalf } from './half.ts';

/** Memory of a tensor; the bits of halves for `float16`. */
export type TensorData = Float32Array | Uint16Array | Uint8Array | Int8Array;

/**
 * Tables begin this far below sample 0 and go on as far above 255: the sum of luma and chroma goes beyond, and a table
 * that has the limits in it saves the comparison for each pixel.
 */
export const BELOW = 512;
const ENTRIES = 256 + 2 * BELOW;

/**
 * What the samples of a channel are in the tensor: entry `BELOW + s` is that of sample `s`. An integer input takes the
 * samples as they are, `int8` less 128, unless the client gave `scale`, `mean` or `std`.
 */
export function valuesOf(input: ModelInput, config: ModelConfig, channel: 0 | 1 | 2): TensorData {
  const { scale, mean, std } = config.input;
  const isInteger = input.dataType === 'uint8' || input.dataType === 'int8';
  const offset = input.dataType === 'int8' ? 128 : 0;
  const isPlain = isInteger && !hasOwnScale(config);
  const values = newData(input.dataType, ENTRIES);
  for (let entry = 0; entry < ENTRIES; entry += 1) {
    const sample = Math.min(255, Math.max(0, entry - BELOW));
    const value = isPlain ? sample - offset : (sample * scale - mean[channel]) / std[channel];
    values[entry] = encode(value, input.dataType);
  }
  return values;
}

export function newData(dataType: ModelInput['dataType'], length: number): TensorData {
  switch (dataType) {
    case 'float32':
      return new Float32Array(length);
    case 'float16':
      return new Uint16Array(length);
    case 'uint8':
      return new Uint8Array(length);
    case 'int8':
      return new Int8Array(length);
    default:
      return dataType satisfies never;
  }
}

function encode(value: number, dataType: ModelInput['dataType']): number {
  switch (dataType) {
    case 'float32':
      return value;
    case 'float16':
      return toHalf(value);
    case 'uint8':
      return Math.min(255, Math.max(0, Math.round(value)));
    case 'int8':
      return Math.min(127, Math.max(-128, Math.round(value)));
    default:
      return dataType satisfies never;
  }
}

function hasOwnScale({ original }: ModelConfig): boolean {
  const input = original['input'];
  if (typeof input !== 'object' || input === null) return false;
  return Object.entries(input).some(
    ([key, value]) => ['scale', 'mean', 'std'].includes(key) && value !== null,
  );
}
