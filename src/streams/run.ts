import { type AppError, toAppError } from '../core/app-error.ts';
import type { CodecConfig, CodedUnit } from '../media/coded.ts';
import type { Source, SourceListener } from '../media/source.ts';
import type { Coding, StartCoding } from './coding/index.ts';
import type { SharedSource, SourceLease } from './shared-source.ts';

/** What a run tells its stream. */
export interface RunListener {
  onConfig(config: CodecConfig): void;
  onUnit(unit: CodedUnit): void;
  onSourceFailed(error: AppError): void;
  onEncoderFailed(error: AppError): void;
}

/**
 * What is open while a stream runs: a lease of the source, and the coding of what it gives.
 * The coding can be replaced while the source goes on.
 */
export class Run implements AsyncDisposable {
  readonly #shared: SharedSource;
  readonly #startCoding: StartCoding;
  readonly #listener: RunListener;
  #lease: SourceLease | undefined;
  #coding: Coding | undefined;
  #sourceConfig: CodecConfig | undefined;
  #ending: Promise<unknown> = Promise.resolve();
  /** Counts codings; what an ended one still says is not heard. */
  #generation = 0;
  #skippedBefore = 0;
  readonly #disposing = new AbortController();

  constructor(shared: SharedSource, startCoding: StartCoding, listener: RunListener) {
    this.#shared = shared;
    this.#startCoding = startCoding;
    this.#listener = listener;
  }

  /** False before and while the source is opened, and once it is lost. */
  get isOpen(): boolean {
    return this.#lease !== undefined;
  }

  get encoder(): Coding['encoder'] {
    return this.#coding?.encoder;
  }

  /**
   * Opens what is not open.
   * @throws AppError whatever opening the source throws; a failing encoder is reported to the listener.
   */
  async open(): Promise<void> {
    this.#lease ??= await this.#leaseSource();
    if (this.#disposing.signal.aborted) await this.#lease[Symbol.asyncDispose]();
    else if (this.#coding === undefined) this.#code(this.#lease.source);
  }

  /** Ends the encoder and keeps the source. */
  closeEncoder(): void {
    const coding = this.#coding;
    if (coding === undefined) return;
    this.#coding = undefined;
    this.#generation += 1;
    this.#skippedBefore += coding.feedStats().skipped;
    const ended = coding[Symbol.asyncDispose]();
    this.#ending = this.#ending.then(() => ended);
  }

  pictureStats(): { captured: number; lost: number; skipped: number } {
    const source = this.#lease?.source.stats() ?? { captured: 0, lost: 0 };
    const skipped = this.#skippedBefore + (this.#coding?.feedStats().skipped ?? 0);
    return { captured: source.captured, lost: source.lost, skipped };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposing.abort();
    this.closeEncoder();
    const results = await Promise.allSettled([this.#ending, this.#lease?.[Symbol.asyncDispose]()]);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  #leaseSource(): Promise<SourceLease> {
    const { signal } = this.#disposing;
    const listener: SourceListener = {
      onConfig: (config) => {
        this.#sourceConfig = config;
        this.#guard(() => this.#coding?.onSourceConfig(config));
      },
      onUnit: (unit) => this.#coding?.onSourceUnit(unit),
      onFormat: () => {
        if (this.#lease === undefined || this.#coding === undefined) return;
        this.closeEncoder();
        this.#code(this.#lease.source);
      },
      onLost: (error) => {
        this.#lease = undefined;
        this.#listener.onSourceFailed(error);
      },
    };
    return this.#shared.lease(listener, { signal });
  }

  #code(source: Source): void {
    const listener = this.#listener;
    const generation = ++this.#generation;
    const isCurrent = (): boolean => this.#generation === generation;
    this.#guard(() => {
      this.#coding = this.#startCoding(source, {
        onConfig: (config) => isCurrent() && listener.onConfig(config),
        onUnit: (unit) => isCurrent() && listener.onUnit(unit),
        onFailed: (error) => isCurrent() && listener.onEncoderFailed(error),
      });
      if (this.#sourceConfig !== undefined) this.#coding.onSourceConfig(this.#sourceConfig);
    });
  }

  /** A coding that cannot begin has failed like one that ends; neither is the source's to know. */
  #guard(begin: () => void): void {
    try {
      begin();
    } catch (error) {
      this.#listener.onEncoderFailed(toAppError(error));
    }
  }
}
