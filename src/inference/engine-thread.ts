import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { toAppError } from '../core/app-error.ts';
import type { InferencePicture } from './engine.ts';
import type { EngineCommand, EngineEvent, EngineThreadData } from './engine-messages.ts';
import { findingsJson } from './findings-json.ts';
import { type Model, openModel } from './model.ts';

/*
 * Entry of the thread that a model runs in, one picture after the other. It ends when its owner says so.
 */

/**
 * Capture and encoding come first where there is not enough processor for all. On Linux this is the priority of this
 * thread alone (setpriority(2), "C library/kernel differences"), and of those it starts: the runtime's.
 */
const NICE = 10;

const owner = parentPort;
if (owner === null) throw new Error('engine-thread runs as a worker thread only.');

function yieldToVideo(): void {
  try {
    setPriority(NICE);
  } catch {
    // A sandbox may forbid it; models run all the same.
  }
}

function post(event: EngineEvent, transfer: readonly ArrayBuffer[] = []): void {
  owner?.postMessage(event, transfer);
}

async function answer(model: Model, labels: readonly string[], picture: InferencePicture): Promise<void> {
  try {
    const { findings, modelUs, overheadUs } = await model.run(picture);
    const startedAt = performance.now();
    const json = findingsJson(findings, labels);
    const writingUs = Math.round((performance.now() - startedAt) * 1000);
    post({ type: 'ran', findings: json, modelUs, overheadUs: overheadUs + writingUs }, [json.buffer]);
  } catch (error) {
    post({ type: 'failed', reason: error instanceof Error ? error.message : String(error) });
  }
}

const { modelFile, config } = workerData as EngineThreadData; // set by ThreadEngine
let model: Model | undefined;
owner.on('message', (command: EngineCommand) => {
  if (command.type === 'end') process.exit(); // of this thread
  if (model !== undefined) void answer(model, config.labels, command.picture);
});
try {
  yieldToVideo();
  model = await openModel(modelFile, config);
  post({ type: 'opened', info: model.info });
} catch (error) {
  const { code, kind, message } = toAppError(error);
  post({ type: 'refused', code, kind, message });
}
