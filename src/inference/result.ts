/** One found object, as Robopipe sends it. */
export interface Detection {
  readonly label: number;
  /** 0 to 1. */
  readonly confidence: number;
  /** xmin, ymin, xmax, ymax, each 0 to 1 of the whole camera picture (not of the model's input). */
  readonly coords: readonly [number, number, number, number];
  /** The class's name, where the configuration names classes. */
  readonly name?: string;
}

/** The class of each pixel, row by row, 0 the first; at the size of the model's output. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly classes: Uint8Array;
}

/** What a model said of one picture. */
export interface Inference {
  /** The members of a JSON object, without its braces, as UTF-8: `detections`, and what else the type of model gives. */
  readonly findings: Uint8Array;
  /** Time the runtime took, in microseconds. */
  readonly modelUs: number;
  /** Time for preparing the picture and reading the output, in microseconds. */
  readonly overheadUs: number;
}
