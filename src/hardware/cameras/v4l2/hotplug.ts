import type { AppError } from '../../../core/app-error.ts';
import { PollingThread, type StopCommand } from '../../../core/polling-thread.ts';
import { sourceFailed } from '../errors.ts';
import type { Roots, ScanResult } from './scanner.ts';

/** From the owner to the thread. */
export type HotplugCommand = { readonly type: 'scan'; readonly id: number } | StopCommand;

/** From the thread to the owner. */
export type HotplugEvent =
  /** The cameras as they are now; `answers` are the scans asked for that this one serves. */
  | { readonly type: 'scanned'; readonly result: ScanResult; readonly answers: readonly number[] }
  /** One way of hearing about devices is closed. */
  | { readonly type: 'deaf'; readonly reason: string };

export interface HotplugListener {
  /** After every change of the video nodes, and after every `scan`. */
  onScan(result: ScanResult): void;
  /** Cameras that come or go may be noticed late or not at all, and why. */
  onDeaf(reason: string): void;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: AppError) => void;
}

/** Watches for cameras that come and go, in a thread of its own: nothing here blocks or polls at intervals. */
export class Hotplug implements AsyncDisposable {
  readonly #listener: HotplugListener;
  readonly #thread: PollingThread<Roots, HotplugCommand, HotplugEvent>;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #failure: AppError | undefined;
  #isDisposed = false;

  constructor(roots: Roots, listener: HotplugListener) {
    this.#listener = listener;
    this.#thread = new PollingThread(new URL('./hotplug-thread.js', import.meta.url), {
      name: 'camera hotplug',
      data: roots,
      onEvent: (event: HotplugEvent) => this.#hear(event),
      onEnd: (cause) => this.#end(cause),
    });
  }

  /**
   * Looks into every node again. Resolves once the listener has the result.
   * @throws AppError SOURCE_FAILED when the thread has ended.
   */
  scan(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#thread.send({ type: 'scan', id });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await this.#thread[Symbol.asyncDispose]();
    this.#end();
  }

  #hear(event: HotplugEvent): void {
    if (event.type === 'deaf') {
      this.#listener.onDeaf(event.reason);
      return;
    }
    this.#listener.onScan(event.result);
    for (const id of event.answers) {
      this.#waiting.get(id)?.resolve();
      this.#waiting.delete(id);
    }
  }

  #end(cause?: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = sourceFailed('The watch for cameras', cause?.message ?? 'its thread has ended', cause);
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
    if (!this.#isDisposed) this.#listener.onDeaf(this.#failure.message);
  }
}
