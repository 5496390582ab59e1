import type { AppError } from '../core/app-error.ts';
import type { AccessUnit } from '../media/coded.ts';
import { GopCache, type GopCacheLimits } from './gop-cache.ts';
import { Reader, type ReaderLimits, type ReaderListener, type ReaderLosses } from './reader.ts';

/**
 * Hands every access unit, by reference, to every reader of one stream. Never waits for any of them, and lets go of
 * one whose transport throws, so that the others and the source go on.
 */
export class Hub {
  readonly cache: GopCache;
  readonly #readerLimits: ReaderLimits;
  readonly #onFault: (error: unknown) => void;
  readonly #readers = new Set<Reader>();
  #lastReaderId = 0;
  #departed: ReaderLosses = { lags: 0, unitsDropped: 0 };

  /** @param onFault is told what a transport threw. */
  constructor(cacheLimits: GopCacheLimits, readerLimits: ReaderLimits, onFault: (error: unknown) => void) {
    this.cache = new GopCache(cacheLimits);
    this.#readerLimits = readerLimits;
    this.#onFault = onFault;
  }

  get readers(): ReadonlySet<Reader> {
    return this.#readers;
  }

  /** Adds a reader; what the cache holds waits for it at once, without a call of `onReadable`. */
  add(transport: string, listener: ReaderListener, nowUs: number): Reader {
    this.#lastReaderId += 1;
    const reader = new Reader(this.#lastReaderId, transport, this.#readerLimits, listener, nowUs);
    reader.burst(this.cache.units);
    this.#readers.add(reader);
    return reader;
  }

  remove(reader: Reader): void {
    if (!this.#readers.delete(reader)) return;
    const { lags, unitsDropped } = reader.losses;
    this.#departed = {
      lags: this.#departed.lags + lags,
      unitsDropped: this.#departed.unitsDropped + unitsDropped,
    };
  }

  /** What readers have lost by being too slow: those that read now, and those that did. */
  get losses(): ReaderLosses {
    let { lags, unitsDropped } = this.#departed;
    for (const reader of this.#readers) {
      lags += reader.losses.lags;
      unitsDropped += reader.losses.unitsDropped;
    }
    return { lags, unitsDropped };
  }

  push(unit: AccessUnit): void {
    this.cache.push(unit);
    for (const reader of this.#readers) {
      try {
        reader.offer(unit);
      } catch (error) {
        this.#onFault(error);
        this.remove(reader);
        reader.close(undefined);
      }
    }
  }

  /** Lets go of every reader. */
  closeAll(reason: AppError | undefined): void {
    for (const reader of [...this.#readers]) {
      this.remove(reader);
      reader.close(reason);
    }
  }
}
