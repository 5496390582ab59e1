import type { ModelInput } from '../engine.ts';
import type { ModelConfig, ModelType } from '../model-config.ts';
import { classificationHead } from './classification.ts';
import { genericHead } from './generic.ts';
import type { HeadFactory } from './head.ts';
import { mobilenetHead } from './mobilenet.ts';
import { segmentationHead } from './segmentation.ts';
import { yoloHead } from './yolo.ts';

export type { Findings, Head, OutputShape, OutputTensor } from './head.ts';
export { shapesText } from './head.ts';

const HEADS: Readonly<Record<ModelType, HeadFactory>> = {
  Generic: genericHead,
  YOLO: yoloHead,
  MobileNet: mobilenetHead,
  Classification: classificationHead,
  Segmentation: segmentationHead,
};

/** The head of the configured type; see {@link HeadFactory}. */
export const createHead: HeadFactory = (config: ModelConfig, input: ModelInput, outputs) =>
  HEADS[config.type](config, input, outputs);
