import type { ErrorKind } from '../core/app-error.ts';
import type { InferencePicture, ModelInfo } from './engine.ts';
import type { ModelConfig } from './model-config.ts';
import type { Inference } from './result.ts';

/** What the thread is started with. */
export interface EngineThreadData {
  readonly modelFile: string;
  readonly config: ModelConfig;
}

/**
 * What the owner says. The thread ends itself: one that is terminated while the runtime computes takes the process
 * along, because the runtime then throws where nobody catches.
 */
export type EngineCommand =
  | { readonly type: 'run'; readonly picture: InferencePicture }
  | { readonly type: 'end' };

/** What the thread says: first whether the model is open, then one answer to each picture. */
export type EngineEvent =
  | { readonly type: 'opened'; readonly info: ModelInfo }
  | { readonly type: 'refused'; readonly code: string; readonly kind: ErrorKind; readonly message: string }
  | ({ readonly type: 'ran' } & Inference)
  | { readonly type: 'failed'; readonly reason: string };
