export type { CaptureListener, CaptureOptions } from './capture-source.ts';
export { openCapture } from './capture-source.ts';
export type { CaptureSpec } from './capture-spec.ts';
