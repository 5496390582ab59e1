export { readMfhd, readPrft, readTfdt, readTfhd, readTrun } from './box-fields.ts';
export { type Box, findBox, readBoxes, readBoxHeader } from './box-reader.ts';
export { fragment } from './fragment.ts';
export { initSegment } from './init-segment.ts';
