import { createRequire } from 'node:module';

/** Whether models can be run here: the runtime is an optional dependency. */
export function hasRuntime(): boolean {
  try {
    createRequire(import.meta.url).resolve('onnxruntime-node');
    return true;
  } catch {
    return false;
  }
}
