import type { ErrorKind } from '../core/app-error.ts';
import type { ModelInfo } from './engine.ts';
import type { ModelRun } from './model.ts';
import type { ModelConfig } from './model-config.ts';

/** What the thread is started with. */
export interface EngineThreadData {
  readonly modelFile: string;
  readonly config: ModelConfig;
}

/** What the thread says: first whether the model is open, then one answer to each picture. */
export type EngineEvent =
  | { readonly type: 'opened'; readonly info: ModelInfo }
  | { readonly type: 'refused'; readonly code: string; readonly kind: ErrorKind; readonly message: string }
  | ({ readonly type: 'ran' } & ModelRun)
  | { readonly type: 'failed'; readonly reason: string };
