/** Kinds of models by what their output means. */
export const MODEL_TYPES = ['Generic', 'YOLO', 'MobileNet', 'Classification', 'Segmentation'] as const;
export type ModelType = (typeof MODEL_TYPES)[number];

/** How a picture becomes the model's input. */
export interface InputConfig {
  /** `letterbox` keeps the picture's proportions and fills the rest, `stretch` does not. */
  readonly fit: 'letterbox' | 'stretch';
  readonly channelOrder: 'RGB' | 'BGR';
  /** Per channel: (sample × scale − mean) / std, samples 0 to 255. */
  readonly scale: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  /** Size in pixels for a model that leaves its own open. */
  readonly width?: number;
  readonly height?: number;
}

/** A model's configuration, complete: what a client sent with the defaults filled in. */
export interface ModelConfig {
  readonly type: ModelType;
  readonly numInferenceThreads: number;
  readonly input: InputConfig;
  /** Names of the classes, by number; empty when there are none. */
  readonly labels: readonly string[];
  /** Most inferences per second; undefined: as many as the model manages. */
  readonly fps?: number;
  /** onnxruntime's execution provider. */
  readonly executionProvider: string;
  readonly confidenceThreshold: number;
  /** Confidence per class number, where it differs. */
  readonly classThresholds: Readonly<Record<number, number>>;
  readonly iouThreshold: number;
  /** Of YOLO; undefined: from the model's output. */
  readonly numClasses?: number;
  readonly coordinateSize: number;
  /** Of YOLO with anchors: widths and heights in pixels of the model's input, and which belong to which output (`side80`: [0, 1, 2]). */
  readonly anchors: readonly number[];
  readonly anchorMasks: Readonly<Record<string, readonly number[]>>;
  /** What the client sent; GET answers it. */
  readonly original: Readonly<Record<string, unknown>>;
}
