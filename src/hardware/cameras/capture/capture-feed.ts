import { closeFd, setNonBlocking } from '../../../core/libc.ts';
import type { FeedStats, PictureFeed } from '../../../media/source.ts';
import { FEED_COUNTERS, newCounters } from './capture-messages.ts';
import type { CaptureWorker } from './capture-worker.ts';

/**
 * A feed as the owner's thread sees it. It owns the descriptor; the capture thread only borrows it, so it is
 * closed exactly once and never while the thread may still write to it.
 */
export class CaptureFeed implements PictureFeed {
  readonly id: number;
  readonly #worker: CaptureWorker;
  readonly #writeFd: number;
  readonly #counters = newCounters();
  readonly #values = new Float64Array(this.#counters);
  readonly #closed: Promise<void>;
  #resolveClosed: (() => void) | undefined;

  /** @param writeFd owned from now on. */
  constructor(id: number, writeFd: number, worker: CaptureWorker) {
    this.id = id;
    this.#writeFd = writeFd;
    this.#worker = worker;
    this.#closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    setNonBlocking(writeFd);
  }

  /** Lends the descriptor to the capture thread. */
  start(epoch: number): void {
    this.#worker.send({
      type: 'add-feed',
      id: this.id,
      writeFd: this.#writeFd,
      epoch,
      counters: this.#counters,
    });
  }

  /** Closes the descriptor; only once the thread has given it back or is gone. Idempotent. */
  close(): void {
    if (this.#resolveClosed === undefined) return;
    closeFd(this.#writeFd);
    this.#resolveClosed();
    this.#resolveClosed = undefined;
  }

  stats(): FeedStats {
    const { written, skipped } = FEED_COUNTERS;
    return { written: this.#values[written] ?? 0, skipped: this.#values[skipped] ?? 0 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#resolveClosed === undefined) return;
    this.#worker.send({ type: 'remove-feed', id: this.id });
    await this.#worker.answerOf(this.#closed);
  }
}
