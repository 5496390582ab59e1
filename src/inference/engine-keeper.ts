import { type AppError, toAppError } from '../core/app-error.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { type RetrySchedule, retryDelayMs } from '../core/retry-schedule.ts';
import type { Engine, OpenEngine } from './engine.ts';
import type { StoredModel } from './model-store.ts';

/** What a model's engine does, the same words in REST and the log. */
export const ENGINE_STATES = ['idle', 'loading', 'ready', 'backoff'] as const;
export type EngineState = (typeof ENGINE_STATES)[number];

export interface EngineServices {
  readonly openEngine: OpenEngine;
  readonly clock: Clock;
  readonly log: Log;
  /** From 0 to 1, for the jitter of retries. */
  readonly random: () => number;
}

interface EngineListener {
  /** An engine is there to be used. */
  onReady(): void;
  /** The model does not load. One that never did is not tried again: who waits for it waits in vain. */
  onFailed(error: AppError, isTriedAgain: boolean): void;
}

const RETRY: RetrySchedule = { firstMs: 500, maxMs: 30_000, jitter: 0.2 };
/** How long an engine that nobody needs stays loaded for the next who does. */
const LINGER_MS = 10_000;

/** Loads a model's engine while it is wanted, loads it again when it has failed, and ends it. */
export class EngineKeeper implements AsyncDisposable {
  readonly #name: string;
  readonly #services: EngineServices;
  readonly #listener: EngineListener;
  #model: StoredModel;
  #engine: Engine | undefined;
  #loading: AbortController | undefined;
  /** Linger while nobody wants the engine, wait before a retry while somebody does. */
  #timer: Timer | undefined;
  #isWanted = false;
  #hasLoaded = false;
  #attempt = 0;
  #ending: Promise<void> = Promise.resolve();

  /** @param name of the sensor, for messages. */
  constructor(name: string, model: StoredModel, services: EngineServices, listener: EngineListener) {
    this.#name = name;
    this.#model = model;
    this.#services = services;
    this.#listener = listener;
  }

  get model(): StoredModel {
    return this.#model;
  }

  /** Changes when the engine is another one; undefined while there is none. */
  get engine(): Engine | undefined {
    return this.#engine;
  }

  get state(): EngineState {
    if (this.#engine !== undefined) return 'ready';
    if (this.#loading !== undefined) return 'loading';
    return this.#timer === undefined ? 'idle' : 'backoff';
  }

  want(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#setTimer(undefined);
    if (this.#engine === undefined && this.#loading === undefined) this.#load();
  }

  /** What is loaded stays a while. */
  unwant(): void {
    this.#isWanted = false;
    this.#setTimer(undefined);
    if (this.#engine !== undefined) this.#linger();
  }

  /** Takes over an engine that has been loaded elsewhere, with its model. */
  use(model: StoredModel, engine: Engine): void {
    this.#clear();
    this.#model = model;
    this.#attempt = 0;
    this.#take(engine);
  }

  /** The engine has run its model: failures from here on count anew. */
  confirm(): void {
    this.#attempt = 0;
  }

  /** The engine is of no use any more. */
  renew(): void {
    this.#clear();
    if (this.#isWanted) this.#retry();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isWanted = false;
    this.#clear();
    await this.#ending;
  }

  #load(): void {
    const loading = new AbortController();
    this.#loading = loading;
    const { openEngine, log } = this.#services;
    const { file, config } = this.#model;
    const opening = openEngine(file, config, { signal: loading.signal }).then(
      async (engine) => {
        if (this.#loading !== loading) return engine[Symbol.asyncDispose](); // not wanted any more
        this.#loading = undefined;
        return this.#take(engine);
      },
      (error) => {
        if (this.#loading !== loading) return;
        this.#loading = undefined;
        const problem = toAppError(error);
        log.error({ sensor: this.#name, err: problem }, `the model of ${this.#name} does not load`);
        if (this.#hasLoaded && this.#isWanted) this.#retry();
        this.#listener.onFailed(problem, this.#hasLoaded);
      },
    );
    this.#endAfter(() => opening);
  }

  #take(engine: Engine): void {
    this.#engine = engine;
    this.#hasLoaded = true;
    if (this.#isWanted) this.#listener.onReady();
    else this.#linger();
  }

  #retry(): void {
    this.#attempt += 1;
    const delayMs = retryDelayMs(RETRY, this.#attempt, this.#services.random());
    this.#setTimer(
      this.#services.clock.after(delayMs, () => {
        this.#timer = undefined;
        this.#load();
      }),
    );
  }

  #linger(): void {
    this.#setTimer(this.#services.clock.after(LINGER_MS, () => this.#clear()));
  }

  #setTimer(timer: Timer | undefined): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = timer;
  }

  #clear(): void {
    this.#setTimer(undefined);
    this.#loading?.abort();
    this.#loading = undefined;
    const engine = this.#engine;
    this.#engine = undefined;
    if (engine !== undefined) this.#endAfter(async () => engine[Symbol.asyncDispose]());
  }

  #endAfter(work: () => Promise<void>): void {
    const { log } = this.#services;
    this.#ending = Promise.all([this.#ending, work()]).then(
      () => undefined,
      (error) =>
        log.error({ sensor: this.#name, err: error }, `the model of ${this.#name} did not end cleanly`),
    );
  }
}
