import type { Worker } from 'node:worker_threads';
import { AppError } from '../core/app-error.ts';
import { startThread } from '../core/thread.ts';
import type { Engine, InferencePicture, ModelInfo, OpenEngine } from './engine.ts';
import type { EngineEvent, EngineThreadData } from './engine-messages.ts';
import { runtimeFailed } from './errors.ts';
import type { Findings } from './heads/index.ts';
import type { ModelRun } from './model.ts';
import type { Inference } from './result.ts';

/** How long ending the thread may take. One that computes ends by itself when the runtime returns. */
const STOP_TIMEOUT_MS = 1000;

/** See {@link OpenEngine}. Rejects with the signal's reason when aborted. */
export const openEngine: OpenEngine = async (modelFile, config, { signal }) => {
  signal.throwIfAborted();
  const thread = new EngineThread({ modelFile, config });
  const abort = () => void thread[Symbol.asyncDispose]();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return new ThreadEngine(thread, await thread.opened);
  } catch (error) {
    await thread[Symbol.asyncDispose]();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
};

class ThreadEngine implements Engine {
  readonly info: ModelInfo;
  readonly #thread: EngineThread;

  constructor(thread: EngineThread, info: ModelInfo) {
    this.#thread = thread;
    this.info = info;
  }

  async infer(picture: InferencePicture): Promise<Inference> {
    const { findings, modelUs, overheadUs } = await this.#thread.run(picture);
    return { ...plain(findings), modelUs, overheadUs };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#thread[Symbol.asyncDispose]();
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** What Promise.withResolvers makes, which Node has only from 22. */
function deferred<T>(): Deferred<T> {
  let [resolve, reject]: [Deferred<T>['resolve'], Deferred<T>['reject']] = [() => {}, () => {}];
  const promise = new Promise<T>((resolved, rejected) => {
    resolve = resolved;
    reject = rejected;
  });
  return { promise, resolve, reject };
}

/** Findings as JSON can carry them. */
function plain({ detections, mask, outputs }: Findings): Omit<Inference, 'modelUs' | 'overheadUs'> {
  return {
    detections: detections instanceof Float64Array ? Array.from(detections) : detections,
    ...(mask && { mask }),
    ...(outputs && {
      outputs: Object.fromEntries(
        Object.entries(outputs).map(([name, { shape, data }]) => [name, { shape, data: Array.from(data) }]),
      ),
    }),
  };
}

/** The owner's side of the thread. */
class EngineThread implements AsyncDisposable {
  /** What the model is, once it is open. */
  readonly opened: Promise<ModelInfo>;
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #open = deferred<ModelInfo>();
  #run: Deferred<ModelRun> | undefined;
  #failure: AppError | undefined;
  #disposal: Promise<void> | undefined;

  constructor(data: EngineThreadData) {
    this.opened = this.#open.promise;
    this.opened.catch(() => undefined); // whoever opens is told
    this.#worker = startThread(new URL('./engine-thread.js', import.meta.url), {
      workerData: data,
      name: 'inference',
    });
    this.#worker.on('message', (event: EngineEvent) => this.#receive(event));
    this.#worker.on('error', (error) => this.#fail(error.message));
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#fail(`its thread has ended with code ${code}`);
        resolve();
      });
    });
  }

  async run(picture: InferencePicture): Promise<ModelRun> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#run !== undefined) throw new Error('A picture came before the one before it was answered.');
    const { buffer, byteLength } = picture.data;
    // What is only a part of its memory is copied.
    const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
    this.#worker.postMessage(picture, isWhole ? [buffer] : []);
    this.#run = deferred();
    return this.#run.promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#stop();
    return this.#disposal;
  }

  #receive(event: EngineEvent): void {
    switch (event.type) {
      case 'opened':
        this.#open.resolve(event.info);
        break;
      case 'refused':
        this.#open.reject(new AppError(event.code, event.kind, event.message));
        break;
      case 'ran':
        this.#settle()?.resolve(event);
        break;
      case 'failed':
        this.#settle()?.reject(runtimeFailed(event.reason));
        break;
      default:
        event satisfies never;
    }
  }

  #settle(): Deferred<ModelRun> | undefined {
    const run = this.#run;
    this.#run = undefined;
    return run;
  }

  /** For good: the thread is gone, or will be. */
  #fail(reason: string): void {
    this.#failure ??= runtimeFailed(reason);
    this.#open.reject(this.#failure);
    this.#settle()?.reject(this.#failure);
  }

  async #stop(): Promise<void> {
    this.#fail('it was closed');
    void this.#worker.terminate();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_TIMEOUT_MS);
    });
    await Promise.race([this.#exited, timeout]);
    clearTimeout(timer);
    this.#worker.unref();
  }
}
