import { type DurationStats, Durations } from './durations.ts';
import type { ModelInfo } from './engine.ts';
import type { EngineState } from './engine-keeper.ts';

/** What a deployment has done since the service started. */
export interface InferenceCounts {
  readonly results: number;
  /** Pictures left out because the model was busy, or for `fps`. */
  readonly dropped: number;
  readonly errors: number;
  /** Results that readers, present and past, did not get because they were too slow. */
  readonly skipped: number;
  /** How often the model was loaded anew because it failed. */
  readonly reloads: number;
  /** Time that the runtime took for the last 1000 results. */
  readonly inferenceMs?: DurationStats;
  /** All that was done for a picture besides: moving and preparing it, reading the output. */
  readonly overheadMs?: DurationStats;
  /** Age of the picture when the work on it began, from its capture. */
  readonly queueMs?: DurationStats;
}

/** A deployment's figures. */
export interface InferenceStats extends InferenceCounts {
  readonly state: EngineState;
  /** Why there are no results, where there is a reason: an error's code and message. */
  readonly problem?: { readonly code: string; readonly message: string };
  /** While it is loaded. */
  readonly model?: ModelInfo;
  readonly readers: number;
}

/** Counters and distributions of one deployment. */
export class InferenceFigures {
  dropped = 0;
  errors = 0;
  reloads = 0;
  /** By readers that have left. */
  skipped = 0;
  #results = 0;
  readonly #model = new Durations();
  readonly #overhead = new Durations();
  readonly #queue = new Durations();

  /** Counts a result. */
  add({
    modelUs,
    overheadUs,
    queueUs,
  }: Readonly<Record<'modelUs' | 'overheadUs' | 'queueUs', number>>): void {
    this.#results += 1;
    this.#model.add(modelUs);
    this.#overhead.add(overheadUs);
    this.#queue.add(queueUs);
  }

  /** @param readers those who are there now. */
  stats(readers: Iterable<{ readonly skipped: number }>): InferenceCounts {
    const [inferenceMs, overheadMs, queueMs] = [this.#model, this.#overhead, this.#queue].map((each) =>
      each.stats(),
    );
    return {
      results: this.#results,
      dropped: this.dropped,
      errors: this.errors,
      skipped: [...readers].reduce((sum, { skipped }) => sum + skipped, this.skipped),
      reloads: this.reloads,
      ...(inferenceMs && { inferenceMs }),
      ...(overheadMs && { overheadMs }),
      ...(queueMs && { queueMs }),
    };
  }
}
