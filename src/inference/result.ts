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

/** What a model said of one picture. */
export interface Inference {
  /** Generic: the first output as a flat list. Every other type: what was found, the most confident first. */
  readonly detections: readonly number[] | readonly Detection[];
  /** Of a segmentation model: the class of each pixel, row by row, 0 the first; at the model's output size. */
  readonly mask?: { readonly width: number; readonly height: number; readonly classes: Uint8Array };
  /** The other outputs of a Generic model, by name. */
  readonly outputs?: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>
  >;
  /** Time the runtime took, in microseconds. */
  readonly modelUs: number;
  /** Time for preparing the picture and reading the output, in microseconds. */
  readonly overheadUs: number;
}
