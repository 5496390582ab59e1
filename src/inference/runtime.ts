import { runtimeMissing } from './errors.ts';

/*
 * What the service uses of onnxruntime-node. The package is an optional one, so these types are written down here
 * and the module is named by a variable: neither the compiler nor the bundler looks for it.
 */

type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

export interface RuntimeTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: NumberArray | BigInt64Array | BigUint64Array;
}

export interface ValueMetadata {
  readonly name: string;
  readonly isTensor: boolean;
  /** Of tensors only. */
  readonly type?: string;
  /** Of tensors only: a text is a size that the model leaves open. */
  readonly shape?: readonly (number | string)[];
}

export interface RuntimeSession {
  readonly inputMetadata: readonly ValueMetadata[];
  readonly outputMetadata: readonly ValueMetadata[];
  run(feeds: Readonly<Record<string, RuntimeTensor>>): Promise<Readonly<Record<string, RuntimeTensor>>>;
}

export interface Runtime {
  readonly InferenceSession: {
    create(file: string, options: Readonly<Record<string, unknown>>): Promise<RuntimeSession>;
  };
  readonly Tensor: new (type: string, data: ArrayBufferView, dims: readonly number[]) => RuntimeTensor;
  listSupportedBackends(): readonly { readonly name: string }[];
}

const PACKAGE = 'onnxruntime-node';

/** @throws AppError NN_RUNTIME_MISSING when the package or its binary for this machine is not there. */
export async function loadRuntime(name = PACKAGE): Promise<Runtime> {
  try {
    return await import(name); // a CommonJS module, whose exports Node finds; the package's own types say the same
  } catch (error) {
    throw runtimeMissing(error instanceof Error ? error.message : String(error));
  }
}

/** Options that leave the processor to the others between two runs, and the log to the service. */
export function sessionOptions(executionProvider: string, threads: number): Record<string, unknown> {
  return {
    executionProviders: [executionProvider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  };
}
