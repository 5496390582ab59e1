import { parentPort, workerData } from 'node:worker_threads';
import { toAppError } from '../core/app-error.ts';
import type { InferencePicture } from './engine.ts';
import type { EngineEvent, EngineThreadData } from './engine-messages.ts';
import type { Findings } from './heads/index.ts';
import { type Model, openModel } from './model.ts';

/*
 * Entry of the thread that a model runs in, one picture after the other. It ends when its owner ends it.
 */

const owner = parentPort;
if (owner === null) throw new Error('engine-thread runs as a worker thread only.');

function post(event: EngineEvent, transfer: readonly ArrayBufferLike[] = []): void {
  owner?.postMessage(
    event,
    transfer.filter((memory) => memory instanceof ArrayBuffer),
  );
}

async function answer(model: Model, picture: InferencePicture): Promise<void> {
  try {
    const run = await model.run(picture);
    post({ type: 'ran', ...run }, memoryOf(run.findings));
  } catch (error) {
    post({ type: 'failed', reason: error instanceof Error ? error.message : String(error) });
  }
}

/** What can be handed over instead of copied. */
function memoryOf({ detections, outputs = {}, mask }: Findings): ArrayBufferLike[] {
  const arrays = Object.values(outputs).map(({ data }) => data.buffer);
  if (detections instanceof Float64Array) arrays.push(detections.buffer);
  if (mask !== undefined) arrays.push(mask.classes.buffer);
  return arrays;
}

try {
  const { modelFile, config } = workerData as EngineThreadData; // set by ThreadEngine
  const model = await openModel(modelFile, config);
  owner.on('message', (picture: InferencePicture) => void answer(model, picture));
  post({ type: 'opened', info: model.info });
} catch (error) {
  const { code, kind, message } = toAppError(error);
  post({ type: 'refused', code, kind, message });
}
