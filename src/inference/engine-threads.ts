import type { Clock } from '../core/clock.ts';
import { exitNow } from '../core/libc.ts';
import type { Engine, OpenEngine } from './engine.ts';
import { runtimeFailed } from './errors.ts';
import { ThreadEngine } from './thread-engine.ts';

/** Most threads that may be on their way to their end; each may hold a processor and a model's memory. */
const MOST_ENDING = 8;

/**
 * Opens engines in threads. A runtime that computes cannot be interrupted, so a thread may outlast its engine: these
 * are counted and bounded, and do not keep the process.
 */
export class EngineThreads {
  readonly #clock: Clock;
  /** Engines that were disposed and whose threads are still there, with their model files. */
  readonly #ending = new Map<ThreadEngine, string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * See {@link OpenEngine}. Rejects with the signal's reason when aborted.
   * @throws AppError NN_RUNTIME_FAILED, too, while the model's last thread, or too many others, cannot be ended.
   */
  readonly open: OpenEngine = async (modelFile, config, { signal }) => {
    signal.throwIfAborted();
    await this.#assertFree(modelFile);
    signal.throwIfAborted();
    const engine = new ThreadEngine({ modelFile, config }, this.#clock);
    const end = (): Promise<void> => this.#end(engine, modelFile);
    const abort = (): void => void end();
    signal.addEventListener('abort', abort, { once: true });
    try {
      const { info } = await engine.opened;
      return { info, infer: (picture) => engine.infer(picture), [Symbol.asyncDispose]: end } satisfies Engine;
    } catch (error) {
      await end();
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  };

  async #assertFree(modelFile: string): Promise<void> {
    const [last] = [...this.#ending].find(([, file]) => file === modelFile) ?? [];
    await last?.[Symbol.asyncDispose]();
    if (last !== undefined && this.#ending.has(last)) {
      throw runtimeFailed('the runtime still computes on the picture before');
    }
    if (this.#ending.size >= MOST_ENDING) {
      throw runtimeFailed(`${this.#ending.size} models that were ended still compute; restart the service`);
    }
  }

  #end(engine: ThreadEngine, modelFile: string): Promise<void> {
    // Node would wait for its threads at the end of the process.
    if (this.#ending.size === 0) process.on('exit', exitNow);
    this.#ending.set(engine, modelFile);
    void engine.exited.then(() => {
      this.#ending.delete(engine);
      if (this.#ending.size === 0) process.off('exit', exitNow);
    });
    return engine[Symbol.asyncDispose]();
  }
}
