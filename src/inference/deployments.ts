import { Lifetime } from '../core/lifetime.ts';
import { Deployment, type DeploymentOptions } from './deployment.ts';
import type { InferenceStats } from './inference-stats.ts';
import type { ModelConfig } from './model-config.ts';
import type { ModelStore, ModelUpload } from './model-store.ts';

export interface DeploymentsOptions extends Omit<DeploymentOptions, 'name'> {
  readonly store: ModelStore;
}

/** The models on the sensors, at most one each. What the store keeps is there again after a restart. */
export class Deployments implements AsyncDisposable {
  readonly #options: DeploymentsOptions;
  readonly #deployments = new Map<string, Deployment>();
  /** The last call for each sensor: the next begins when it has ended. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #stopping = new AbortController();

  constructor(options: DeploymentsOptions) {
    this.#options = options;
    for (const [name, model] of options.store.models) {
      this.#deployments.set(name, new Deployment({ ...options, name }, model));
    }
  }

  get(mxid: string, sensor: string): Deployment | undefined {
    return this.#deployments.get(nameOf(mxid, sensor));
  }

  /** What every deployed model does. */
  *figures(): Iterable<{ readonly mxid: string; readonly sensor: string; readonly stats: InferenceStats }> {
    for (const [name, deployment] of this.#deployments) {
      const [mxid = '', sensor = ''] = name.split('/');
      yield { mxid, sensor, stats: deployment.stats() };
    }
  }

  /**
   * Puts a model on a sensor, in place of the one before. It runs only after it has loaded and been kept; until then,
   * and when it does not, the one before goes on.
   * @param upload stays the caller's to dispose.
   * @throws AppError NN_RUNTIME_MISSING, NN_MODEL_INVALID, NN_CONFIG_INVALID, STATE_UNWRITABLE
   */
  deploy(
    mxid: string,
    sensor: string,
    upload: ModelUpload,
    config: ModelConfig,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<void> {
    const name = nameOf(mxid, sensor);
    const { openEngine, store } = this.#options;
    return this.#inTurn(name, async () => {
      const anySignal = AbortSignal.any([signal, this.#stopping.signal]);
      anySignal.throwIfAborted();
      const lifetime = new Lifetime();
      try {
        const engine = lifetime.use(await openEngine(upload.file, config, { signal: anySignal }));
        anySignal.throwIfAborted();
        const model = await store.keep(name, upload, config);
        const running = this.#deployments.get(name);
        if (running !== undefined) running.replace(model, engine);
        else this.#deployments.set(name, new Deployment({ ...this.#options, name }, model, engine));
      } catch (error) {
        await lifetime[Symbol.asyncDispose]();
        throw error;
      }
    });
  }

  /** Takes the model off a sensor; harmless when there is none. Its readers are let go. @throws AppError STATE_UNWRITABLE */
  remove(mxid: string, sensor: string): Promise<void> {
    const name = nameOf(mxid, sensor);
    return this.#inTurn(name, async () => {
      await this.#options.store.forget(name);
      const deployment = this.#deployments.get(name);
      this.#deployments.delete(name);
      await deployment?.[Symbol.asyncDispose]();
    });
  }

  /** Ends what is loaded and what is being loaded. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#turns.values()); // whoever called is told
    const lifetime = new Lifetime();
    for (const deployment of this.#deployments.values()) lifetime.use(deployment);
    await lifetime[Symbol.asyncDispose]();
  }

  #inTurn(name: string, work: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(name) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.#turns.set(name, turn);
    const end = (): void => {
      if (this.#turns.get(name) === turn) this.#turns.delete(name);
    };
    turn.then(end, end);
    return turn;
  }
}

function nameOf(mxid: string, sensor: string): string {
  return `${mxid}/${sensor}`;
}
