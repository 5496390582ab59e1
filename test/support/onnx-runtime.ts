import { createRequire } from 'node:module';

/** Whether models can run here: the runtime is an optional dependency, and has binaries for some machines only. */
export function hasRuntime(): boolean {
  try {
    createRequire(import.meta.url)('onnxruntime-node');
    return true;
  } catch {
    return false;
  }
}
