import type { OutputTensor } from './heads/index.ts';
import { fromHalf } from './preprocess/half.ts';
import type { RuntimeTensor } from './runtime.ts';

/** Types of outputs that are numbers. */
const NUMERIC = [
  'float32',
  'float16',
  'float64',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
];

export function isNumeric(type: string | undefined): boolean {
  return type !== undefined && NUMERIC.includes(type);
}

/** An output of the runtime as plain numbers; float32 is not copied. */
export function outputNumbers(name: string, { type, dims, data }: RuntimeTensor): OutputTensor {
  return { name, shape: dims, data: numbersOf(type, data) };
}

function numbersOf(type: string, data: RuntimeTensor['data']): OutputTensor['data'] {
  if (data instanceof Float32Array) return data;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float64Array.from(data, Number);
  // A Node that knows halves has them as numbers already.
  if (type === 'float16' && data instanceof Uint16Array) return Float32Array.from(data, fromHalf);
  return new Float64Array(data);
}
