import type { RawPixelFormat } from '../media/picture.ts';
import type { ModelConfig } from './model-config.ts';
import type { Inference } from './result.ts';

/** What a model takes, read from the model file. */
export interface ModelInput {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly layout: 'NCHW' | 'NHWC';
  readonly dataType: 'float32' | 'float16' | 'uint8' | 'int8';
}

/** A deployed model as it is running. */
export interface ModelInfo {
  readonly input: ModelInput;
  readonly outputs: readonly { readonly name: string; readonly shape: readonly (number | string)[] }[];
  /** Where it runs: `cpu`, `cuda`, … */
  readonly executionProvider: string;
  readonly threads: number;
}

/**
 * A model, loaded in a worker thread of its own. Preparing the picture, running the model and writing its result all
 * happen there.
 */
export interface Engine extends AsyncDisposable {
  readonly info: ModelInfo;
  /**
   * Runs the model on one picture; the next call comes only after this one has settled.
   * @param picture raw, of any size. Its bytes are transferred and must not be used again.
   * @throws AppError NN_RUNTIME_FAILED when the runtime throws or takes more than 30 s, or the thread has ended. After the
   * last two it stays failed: dispose it, and open another.
   */
  infer(picture: InferencePicture): Promise<Inference>;
}

/** A picture for inference. */
export interface InferencePicture {
  readonly pixelFormat: RawPixelFormat;
  /** Tightly packed pixels. YUYV and NV12 use BT.601, 16 to 235; GREY 0 to 255. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * Loads a model and runs it once on an empty picture, so that what cannot work is refused here.
 * @param modelFile path of an ONNX model.
 * @throws AppError NN_RUNTIME_FAILED (the thread has ended, or those of models that were ended are still there),
 * NN_RUNTIME_MISSING (kind not-implemented: onnxruntime-node is not installed; says how),
 * NN_MODEL_INVALID (says what is wrong with the model), NN_CONFIG_INVALID (the configuration does not fit the model).
 */
export type OpenEngine = (
  modelFile: string,
  config: ModelConfig,
  options: { readonly signal: AbortSignal },
) => Promise<Engine>;
