import { PollingThread } from '../../../core/polling-thread.ts';
import type { DescriptorListener, DescriptorWatch } from '../descriptor-watch.ts';
import { ioFailed } from '../errors.ts';
import { type DescriptorCommand, type DescriptorEvent, windowBytes } from './descriptor-messages.ts';

interface Watch {
  readonly fd: number;
  /** Undefined once nobody wants to hear. */
  listener: DescriptorListener | undefined;
  readonly windowBytes: number;
  /** Dealt with and not yet told to the thread. */
  takenBytes: number;
  readonly released: Promise<void>;
  readonly release: () => void;
}

/**
 * One thread that reads all descriptors.
 *
 * At most `windowBytes` of a descriptor wait for the main thread. When it is later than that, the descriptor is left
 * unread and the kernel's queue drops by its own rule; the numbers it gives its records tell how many.
 */
export class DescriptorThread implements DescriptorWatch, AsyncDisposable {
  #thread: PollingThread<undefined, DescriptorCommand, DescriptorEvent> | undefined;
  readonly #watches = new Map<number, Watch>();
  #lastId = 0;
  #pauses = 0;
  #disposal: Promise<void> | undefined;

  /** How often a descriptor was left unread because the main thread was late. */
  get pauses(): number {
    return this.#pauses;
  }

  /** @throws AppError IO_FAILED after disposal. */
  watch(fd: number, { maxBytes }: { readonly maxBytes: number }, listener: DescriptorListener) {
    if (this.#disposal !== undefined) throw ioFailed(`descriptor ${fd}`, 'its watch has ended');
    this.#thread ??= this.#start();
    this.#lastId += 1;
    const id = this.#lastId;
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const watch = {
      fd,
      listener,
      windowBytes: windowBytes(maxBytes),
      takenBytes: 0,
      released,
      release,
    };
    this.#watches.set(id, watch);
    this.#thread.send({ type: 'watch', id, fd, maxBytes });
    return { [Symbol.asyncDispose]: () => this.#unwatch(id, watch) };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#stop();
    return this.#disposal;
  }

  async #stop(): Promise<void> {
    await this.#thread?.[Symbol.asyncDispose]();
    for (const { release } of this.#watches.values()) release();
    this.#watches.clear();
  }

  #unwatch(id: number, watch: Watch): Promise<void> {
    if (watch.listener !== undefined) {
      watch.listener = undefined;
      if (this.#watches.has(id)) this.#thread?.send({ type: 'unwatch', id });
    }
    return watch.released;
  }

  #start(): PollingThread<undefined, DescriptorCommand, DescriptorEvent> {
    return new PollingThread(new URL('./poll-thread.js', import.meta.url), {
      name: 'descriptors',
      data: undefined,
      onEvent: (event: DescriptorEvent) => this.#hear(event),
      onEnd: (cause) => this.#lose(cause?.message ?? 'the thread that reads it has ended'),
    });
  }

  #hear(event: DescriptorEvent): void {
    const watch = this.#watches.get(event.id);
    if (watch === undefined) return;
    switch (event.type) {
      case 'bytes':
        watch.listener?.onBytes(event.bytes, event.readUs);
        this.#take(event.id, watch, event.bytes.byteLength);
        return;
      case 'paused':
        this.#pauses += 1;
        return;
      case 'ended':
        this.#end(event.id, watch, event.reason);
        return;
      case 'unwatched':
        this.#watches.delete(event.id);
        watch.release();
        return;
      default:
        event satisfies never;
    }
  }

  /** Tells the thread now and then, not each time: it may read on while half of the window is free. */
  #take(id: number, watch: Watch, bytes: number): void {
    watch.takenBytes += bytes;
    if (watch.takenBytes < watch.windowBytes / 2) return;
    this.#thread?.send({ type: 'taken', id, bytes: watch.takenBytes });
    watch.takenBytes = 0;
  }

  #end(id: number, watch: Watch, reason: string): void {
    this.#watches.delete(id);
    watch.release();
    const { listener } = watch;
    watch.listener = undefined;
    listener?.onEnd(ioFailed(`descriptor ${watch.fd}`, reason));
  }

  /** The thread has ended; the next watch starts another. */
  #lose(reason: string): void {
    this.#thread = undefined;
    if (this.#disposal !== undefined) return;
    for (const [id, watch] of [...this.#watches]) this.#end(id, watch, reason);
  }
}
