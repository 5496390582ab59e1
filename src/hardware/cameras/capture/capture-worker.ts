import type { Worker } from 'node:worker_threads';
import { AppError } from '../../../core/app-error.ts';
import { closeFd, EVENTFD_ONE, openEventFd, writeSome } from '../../../core/libc.ts';
import { startThread } from '../../../core/thread.ts';
import { sourceFailed } from '../errors.ts';
import type { CaptureCommand, CaptureEvent, CaptureThreadData } from './capture-messages.ts';
import { type CaptureSpec, placeOf } from './capture-spec.ts';

/** How long a thread may take to answer before it is terminated. */
const ANSWER_TIMEOUT_MS = 1000;

/** Who hears a capture thread. */
export interface CaptureWorkerListener {
  onEvent(event: Exclude<CaptureEvent, { type: 'lost' }>): void;
  /** The source has ended, and so will the thread. Once, and not after disposal. */
  onLost(error: AppError): void;
}

/**
 * Owns one capture thread from the main thread: starts it, speaks with it, and ends it whatever happens.
 * Nothing here blocks.
 */
export class CaptureWorker implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #wakeFd: number;
  readonly #place: string;
  readonly #exited: Promise<void>;
  #hasExited = false;
  /** Why the thread ended, should it end without a word. */
  #endReason = 'its capture thread has ended';
  #isSilent = false;
  #disposal: Promise<void> | undefined;
  #listener: CaptureWorkerListener | undefined;

  constructor(spec: CaptureSpec, settings: Pick<CaptureThreadData, 'counters' | 'stallTimeoutMs'>) {
    this.#place = placeOf(spec);
    this.#wakeFd = openEventFd();
    try {
      const workerData: CaptureThreadData = { ...settings, spec, wakeFd: this.#wakeFd };
      this.#worker = startThread(new URL('./capture-thread.js', import.meta.url), {
        workerData,
        name: `capture ${this.#place}`,
        resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 },
      });
    } catch (error) {
      closeFd(this.#wakeFd);
      throw error;
    }
    this.#worker.on('message', (event: CaptureEvent) => this.#hear(event));
    this.#worker.on('error', (error) => this.#lose(sourceFailed(this.#place, error.message, error)));
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#hasExited = true;
        closeFd(this.#wakeFd);
        this.#lose(sourceFailed(this.#place, this.#endReason));
        resolve();
      });
    });
  }

  /** Sets who hears the thread: at once after construction, and again when someone else takes over. */
  listen(listener: CaptureWorkerListener): void {
    this.#listener = listener;
  }

  /** Sends a command; one that comes after the thread's end goes nowhere. */
  send(command: CaptureCommand): void {
    if (this.#hasExited) return;
    this.#worker.postMessage(command);
    writeSome(this.#wakeFd, EVENTFD_ONE);
  }

  /** Waits for what a command must bring about. A thread that is silent for too long is terminated (SOURCE_FAILED). */
  async answerOf(answer: Promise<void>): Promise<void> {
    if (await settlesWithin(answer, ANSWER_TIMEOUT_MS)) return;
    // The last resort: mappings and descriptors that the producer held stay until the process ends. A thread stuck
    // inside the kernel does not even terminate; it is not waited for.
    this.#endReason = `its capture thread did not answer for ${ANSWER_TIMEOUT_MS} ms`;
    await settlesWithin(this.#worker.terminate(), ANSWER_TIMEOUT_MS);
    this.#lose(sourceFailed(this.#place, this.#endReason));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#isSilent = true;
    this.#disposal ??= this.#stop();
    return this.#disposal;
  }

  async #stop(): Promise<void> {
    this.send({ type: 'stop' });
    await this.answerOf(this.#exited);
  }

  #hear(event: CaptureEvent): void {
    if (event.type === 'lost') this.#lose(new AppError(event.code, event.kind, event.message));
    else if (!this.#isSilent) this.#listener?.onEvent(event);
  }

  #lose(error: AppError): void {
    if (this.#isSilent) return;
    this.#isSilent = true;
    this.#listener?.onLost(error);
  }
}

/** True when the promise settles in time; the timer does not outlive the call. */
async function settlesWithin(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, false);
  });
  try {
    return await Promise.race([promise.then(() => true), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
