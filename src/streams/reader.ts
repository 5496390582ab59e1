import type { AppError } from '../core/app-error.ts';
import type { AccessUnit } from '../media/coded.ts';
import type { ReaderStats } from './stream-stats.ts';

export interface ReaderLimits {
  /** Most bytes that may wait. */
  readonly maxBytes: number;
  /** Longest that a unit may wait, measured on the stream's timeline, in milliseconds. */
  readonly maxMs: number;
}

/** How often a reader fell behind, and how many access units it missed by that. */
export type ReaderLosses = Pick<ReaderStats, 'lags' | 'unitsDropped'>;

/** What a transport does for its reader. Called synchronously from the hub: take what is there and return. */
export interface ReaderListener {
  /** Units wait to be taken. Called when the queue was empty before. */
  onReadable(): void;
  /** The stream has let go of this reader; with a reason when the stream could not start. */
  onClosed(reason: AppError | undefined): void;
}

interface Waiting {
  readonly unit: AccessUnit;
  /** The live edge when the unit was queued. */
  readonly edgeTicks: number;
}

/**
 * One consumer of a stream, with a bounded queue of references to shared units.
 *
 * A reader that is too slow loses its whole backlog and resumes at the newest sync sample: what it has been given
 * is always decodable. The loss is counted.
 */
export class Reader {
  readonly id: number;
  readonly #transport: string;
  readonly #limits: ReaderLimits;
  readonly #listener: ReaderListener;
  readonly #connectedUs: number;
  #state: ReaderStats['state'] = 'waiting-for-sync';
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  /** Bytes of the first burst still waiting: they do not count against the cap. */
  #burstBytes = 0;
  #unitsSent = 0;
  #bytesSent = 0;
  #unitsDropped = 0;
  #lags = 0;

  constructor(id: number, transport: string, limits: ReaderLimits, listener: ReaderListener, nowUs: number) {
    this.id = id;
    this.#transport = transport;
    this.#limits = limits;
    this.#listener = listener;
    this.#connectedUs = nowUs;
  }

  /** Queues the cached group of pictures for a reader that joins a running stream. */
  burst(units: readonly AccessUnit[]): void {
    const newest = units.at(-1);
    if (newest === undefined) return;
    for (const unit of units) {
      this.#queue.push({ unit, edgeTicks: newest.ptsTicks });
      this.#queuedBytes += unit.data.byteLength;
    }
    this.#burstBytes = this.#queuedBytes;
    this.#state = 'flowing';
  }

  /** Offers the newest unit; never waits. */
  offer(unit: AccessUnit): void {
    if (this.#state !== 'flowing') {
      if (!unit.isSync) {
        if (this.#state === 'lagging') this.#unitsDropped += 1;
        return;
      }
      this.#state = 'flowing';
    } else if (this.#isFullFor(unit)) {
      this.#lags += 1;
      this.#unitsDropped += this.#queue.length;
      this.#clear();
      if (!unit.isSync) {
        this.#unitsDropped += 1;
        this.#state = 'lagging';
        return;
      }
    }
    const wasEmpty = this.#queue.length === 0;
    this.#queue.push({ unit, edgeTicks: unit.ptsTicks });
    this.#queuedBytes += unit.data.byteLength;
    if (wasEmpty) this.#listener.onReadable();
  }

  /** The next unit to send, or undefined when none waits. Taking a unit counts it as sent. */
  take(): AccessUnit | undefined {
    const waiting = this.#queue.shift();
    if (waiting === undefined) return undefined;
    const bytes = waiting.unit.data.byteLength;
    this.#queuedBytes -= bytes;
    this.#burstBytes = Math.max(0, this.#burstBytes - bytes);
    this.#unitsSent += 1;
    this.#bytesSent += bytes;
    return waiting.unit;
  }

  /** Ends the reader from the stream's side. */
  close(reason: AppError | undefined): void {
    this.#clear();
    this.#listener.onClosed(reason);
  }

  get losses(): ReaderLosses {
    return { lags: this.#lags, unitsDropped: this.#unitsDropped };
  }

  stats(nowUs: number): ReaderStats {
    return {
      id: this.id,
      transport: this.#transport,
      state: this.#state,
      connectedMs: Math.round((nowUs - this.#connectedUs) / 1000),
      unitsSent: this.#unitsSent,
      bytesSent: this.#bytesSent,
      queuedUnits: this.#queue.length,
      queuedBytes: this.#queuedBytes,
      unitsDropped: this.#unitsDropped,
      lags: this.#lags,
    };
  }

  #isFullFor(unit: AccessUnit): boolean {
    const [oldest] = this.#queue;
    if (oldest === undefined) return false;
    if (this.#queuedBytes - this.#burstBytes + unit.data.byteLength > this.#limits.maxBytes) return true;
    return ((unit.ptsTicks - oldest.edgeTicks) / unit.track.timescale) * 1000 > this.#limits.maxMs;
  }

  #clear(): void {
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#burstBytes = 0;
  }
}
