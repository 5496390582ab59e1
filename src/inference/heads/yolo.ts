import { modelInvalid } from '../errors.ts';
import { detectionsOf } from './detections.ts';
import { type HeadFactory, type OutputTensor, shapesText } from './head.ts';
import { type Candidate, suppress } from './nms.ts';
import { anchorOutputs } from './yolo-anchors.ts';
import { decodedOutput } from './yolo-decoded.ts';

/** Finds all that is confident enough, in pixels of the model's input. */
export type YoloReader = (outputs: readonly OutputTensor[]) => Candidate[];

/**
 * Reads YOLO detectors. One output of three dimensions has its boxes decoded already; outputs of four or five are
 * grids that need the configuration's anchors.
 */
export const yoloHead: HeadFactory = (config, input, outputs) => {
  const decoded = outputs.findIndex(({ shape }) => shape.length === 3 && shape[0] === 1);
  const grids = outputs.filter(({ shape }) => shape.length > 3);
  if (decoded < 0 && (grids.length === 0 || grids.length < outputs.length)) {
    throw modelInvalid(
      `a YOLO detector has an output [1, 4 + classes, N] or [1, N, 5 + classes], or one grid per size, and its outputs are ${shapesText(outputs)}`,
    );
  }
  if (decoded >= 0 && grids.some(({ shape }) => shape.length === 4)) {
    throw modelInvalid(
      `it is a YOLO that segments (its outputs are ${shapesText(outputs)}); deploy a detector, or this one as Generic`,
    );
  }
  const read: YoloReader =
    decoded < 0 ? anchorOutputs(config, input, outputs) : decodedOutput(config, outputs[decoded], decoded);
  return (tensors, placement) => ({
    detections: detectionsOf(suppress(read(tensors), config.iouThreshold), placement, config),
  });
};
