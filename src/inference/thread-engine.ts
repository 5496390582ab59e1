import type { Worker } from 'node:worker_threads';
import { AppError } from '../core/app-error.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { startThread } from '../core/thread.ts';
import type { Engine, InferencePicture, ModelInfo } from './engine.ts';
import type { EngineCommand, EngineEvent, EngineThreadData } from './engine-messages.ts';
import { modelInvalid, runtimeFailed } from './errors.ts';
import type { Inference } from './result.ts';

/** How long loading a model and its first run may take. */
const LOAD_LIMIT_MS = 120_000;
/** How long a picture may take. */
const RUN_LIMIT_MS = 30_000;
/** How long ending the thread may take. One that computes ends by itself when the runtime returns. */
const STOP_LIMIT_MS = 1000;

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

/** An engine and its thread, from the owner's side. What takes longer than it may has failed, and so has the engine. */
export class ThreadEngine implements Engine {
  /** Rejects as {@link OpenEngine} does. */
  readonly opened: Promise<this>;
  /** The thread is gone, which may be long after the disposal. */
  readonly exited: Promise<void>;
  readonly #worker: Worker;
  readonly #clock: Clock;
  readonly #open = deferred<this>();
  #info: ModelInfo | undefined;
  #run: Deferred<Inference> | undefined;
  /** Limit of what goes on. */
  #timer: Timer | undefined;
  #failure: AppError | undefined;
  #disposal: Promise<void> | undefined;

  constructor(data: EngineThreadData, clock: Clock) {
    this.#clock = clock;
    this.opened = this.#open.promise;
    this.opened.catch(() => undefined); // whoever opens is told
    this.#limit(LOAD_LIMIT_MS, modelInvalid(`it did not load and run once within ${LOAD_LIMIT_MS / 1000} s`));
    this.#worker = startThread(new URL('./engine-thread.js', import.meta.url), {
      workerData: data,
      name: 'inference',
    });
    this.#worker.on('message', (event: EngineEvent) => this.#receive(event));
    this.#worker.on('error', (error) => this.#fail(runtimeFailed(error.message)));
    this.exited = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#fail(runtimeFailed(`its thread has ended with code ${code}`));
        resolve();
      });
    });
  }

  get info(): ModelInfo {
    if (this.#info === undefined) throw new Error('The engine is not open.');
    return this.#info;
  }

  async infer(picture: InferencePicture): Promise<Inference> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#run !== undefined) throw new Error('A picture came before the one before it was answered.');
    const { buffer, byteLength } = picture.data;
    // What is only a part of its memory is copied.
    const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
    this.#send({ type: 'run', picture }, isWhole ? [buffer] : []);
    this.#run = deferred();
    this.#limit(RUN_LIMIT_MS, runtimeFailed(`it took more than ${RUN_LIMIT_MS / 1000} s for a picture`));
    return this.#run.promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#stop();
    return this.#disposal;
  }

  #send(command: EngineCommand, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(command, transfer);
  }

  #receive(event: EngineEvent): void {
    if (this.#failure !== undefined) return; // too late
    this.#endLimit();
    switch (event.type) {
      case 'opened':
        this.#info = event.info;
        this.#open.resolve(this);
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

  #settle(): Deferred<Inference> | undefined {
    const run = this.#run;
    this.#run = undefined;
    return run;
  }

  #limit(ms: number, error: AppError): void {
    this.#timer = this.#clock.after(ms, () => this.#fail(error));
  }

  #endLimit(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  /** For good: the thread is gone, or will be. */
  #fail(error: AppError): void {
    this.#endLimit();
    this.#failure ??= error;
    this.#open.reject(this.#failure);
    this.#settle()?.reject(this.#failure);
  }

  async #stop(): Promise<void> {
    this.#fail(runtimeFailed('it was closed'));
    this.#send({ type: 'end' });
    const limit = deferred<void>();
    using _timer = this.#clock.after(STOP_LIMIT_MS, () => limit.resolve());
    await Promise.race([this.exited, limit.promise]);
    this.#worker.unref();
  }
}
