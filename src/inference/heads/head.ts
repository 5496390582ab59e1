import type { ModelInput } from '../engine.ts';
import type { ModelConfig } from '../model-config.ts';
import type { Placement } from '../preprocess/placement.ts';
import type { Detection, Mask } from '../result.ts';

/** An output of the model as plain numbers. */
export interface OutputTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** An output before there is one: all that decides how it is read. */
export type OutputShape = Omit<OutputTensor, 'data'>;

/** What the outputs of one run say. */
export interface Findings {
  /** Generic: the first output as a flat list. Every other type: what was found, the most confident first. */
  readonly detections: readonly Detection[] | Float64Array;
  /** Of a segmentation model. */
  readonly mask?: Mask;
  /** The other outputs of a Generic model, by name. */
  readonly outputs?: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly data: Float64Array }>
  >;
}

/** Reads the outputs of one run; they have the shapes that the head was made for. */
export type Head = (outputs: readonly OutputTensor[], placement: Placement) => Findings;

/**
 * Makes the head of one type of model for outputs of these shapes.
 * @throws AppError NN_MODEL_INVALID when such outputs cannot be read as that type, NN_CONFIG_INVALID when the
 * configuration does not fit them.
 */
export type HeadFactory = (config: ModelConfig, input: ModelInput, outputs: readonly OutputShape[]) => Head;

/** How a person would write shapes: `boxes [1, 100, 4], scores [1, 100]`. */
export function shapesText(outputs: readonly OutputShape[]): string {
  return outputs.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ') || 'none';
}
