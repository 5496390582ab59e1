import type { AppError } from '../../../core/app-error.ts';
import type { Picture, PictureFormat } from '../../../media/picture.ts';
import type { PictureFeed, PictureSource, SourceListener, SourceStats } from '../../../media/source.ts';
import { CaptureFeed } from './capture-feed.ts';
import { type CaptureEvent, newCounters, SOURCE_COUNTERS } from './capture-messages.ts';
import type { CaptureSpec } from './capture-spec.ts';
import { CaptureWorker, type CaptureWorkerListener } from './capture-worker.ts';

/** The part of a source's listener that a source of pictures speaks to. */
export type CaptureListener = Pick<SourceListener, 'onFormat' | 'onLost'>;

export interface CaptureOptions {
  /** Aborts the opening; a source that is open no longer follows it. */
  readonly signal: AbortSignal;
  /** Silence after which the source counts as lost (SOURCE_STALLED). */
  readonly stallTimeoutMs?: number;
}

const STALL_TIMEOUT_MS = 3000;

/**
 * Opens a producer of pictures in a capture thread of its own.
 * @returns the source once the device is capturing and its format is known.
 * @throws AppError what the producer throws when it opens (CAMERA_BUSY, CAMERA_DENIED, SOURCE_GONE,
 * SOURCE_FORMAT_UNSUPPORTED, …), SOURCE_FAILED when the thread cannot run; the signal's reason when aborted.
 * Whatever was opened by then has been released.
 */
export async function openCapture(
  spec: CaptureSpec,
  listener: CaptureListener,
  { signal, stallTimeoutMs = STALL_TIMEOUT_MS }: CaptureOptions,
): Promise<PictureSource> {
  signal.throwIfAborted();
  const counters = newCounters();
  const worker = new CaptureWorker(spec, { counters, stallTimeoutMs });
  let onAbort = () => {};
  const opening = new Promise<PictureSource>((resolve, reject) => {
    onAbort = () => reject(signal.reason);
    worker.listen({
      onEvent: (event) => {
        if (event.type !== 'opened') return;
        const source = new CaptureSource(worker, event.format, new Float64Array(counters), listener);
        // From here on: an event that follows at once must find the source.
        worker.listen(source);
        resolve(source);
      },
      onLost: reject,
    });
  });
  signal.addEventListener('abort', onAbort);
  try {
    const source = await opening;
    signal.throwIfAborted();
    return source;
  } catch (error) {
    await worker[Symbol.asyncDispose]();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** An open capture thread as a source. */
class CaptureSource implements PictureSource, CaptureWorkerListener {
  readonly kind = 'pictures';
  readonly #worker: CaptureWorker;
  readonly #counters: Float64Array;
  readonly #listener: CaptureListener;
  readonly #feeds = new Map<number, CaptureFeed>();
  readonly #watchers = new Set<(picture: Picture) => void>();
  #format: PictureFormat;
  #epoch = 0;
  #lastFeedId = 0;
  #hasEnded = false;

  constructor(
    worker: CaptureWorker,
    format: PictureFormat,
    counters: Float64Array,
    listener: CaptureListener,
  ) {
    this.#worker = worker;
    this.#format = format;
    this.#counters = counters;
    this.#listener = listener;
  }

  get format(): PictureFormat {
    return this.#format;
  }

  feed(writeFd: number): PictureFeed {
    this.#lastFeedId += 1;
    const feed = new CaptureFeed(this.#lastFeedId, writeFd, this.#worker);
    if (this.#hasEnded) {
      feed.close();
    } else {
      this.#feeds.set(feed.id, feed);
      feed.start(this.#epoch);
    }
    return feed;
  }

  watch(onPicture: (picture: Picture) => void): Disposable {
    // A function of its own for each call, so that watching twice with the same one counts twice.
    const watcher = (picture: Picture) => onPicture(picture);
    this.#watchers.add(watcher);
    if (this.#watchers.size === 1) this.#worker.send({ type: 'watch', enabled: true });
    return {
      [Symbol.dispose]: () => {
        if (!this.#watchers.delete(watcher) || this.#watchers.size > 0) return;
        this.#worker.send({ type: 'watch', enabled: false });
      },
    };
  }

  stats(): SourceStats {
    const { captured, lost } = SOURCE_COUNTERS;
    return { captured: this.#counters[captured] ?? 0, lost: this.#counters[lost] ?? 0 };
  }

  onEvent(event: Exclude<CaptureEvent, { type: 'lost' }>): void {
    switch (event.type) {
      case 'opened':
        break;
      case 'format':
        this.#closeFeeds();
        this.#epoch += 1;
        this.#format = event.format;
        this.#listener.onFormat(event.format);
        break;
      case 'feed-ended':
        this.#feeds.get(event.id)?.close();
        this.#feeds.delete(event.id);
        break;
      case 'picture':
        this.#showPicture(event);
        break;
      default:
        event satisfies never;
    }
  }

  onLost(error: AppError): void {
    this.#hasEnded = true;
    this.#closeFeeds();
    this.#listener.onLost(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hasEnded = true;
    this.#watchers.clear();
    await this.#worker[Symbol.asyncDispose]();
    this.#closeFeeds();
  }

  #showPicture({ data, sequence, capturedUs }: Extract<CaptureEvent, { type: 'picture' }>): void {
    try {
      for (const watcher of this.#watchers) {
        // Each receiver owns its bytes.
        const own = this.#watchers.size > 1 ? data.slice() : data;
        watcher({ format: this.#format, data: own, sequence, capturedUs });
      }
    } finally {
      this.#worker.send({ type: 'picture-handled' });
    }
  }

  #closeFeeds(): void {
    for (const feed of this.#feeds.values()) feed.close();
    this.#feeds.clear();
  }
}
