import { type AppError, toAppError } from '../core/app-error.ts';
import type { CodecConfig, CodedUnit } from '../media/coded.ts';
import type { PictureFormat } from '../media/picture.ts';
import type { FeedStats, PictureFeed, PictureSource } from '../media/source.ts';
import type { Encoder, EncoderFactory, EncoderSettings } from './encoders/encoder.ts';
import type { SharedSource, SourceLease } from './shared-source.ts';

/** What a run tells its stream. */
export interface RunListener {
  onConfig(config: CodecConfig): void;
  onUnit(unit: CodedUnit): void;
  onSourceFailed(error: AppError): void;
  onEncoderFailed(error: AppError): void;
}

interface Encoding {
  readonly encoder: Encoder;
  readonly feed: PictureFeed;
}

/**
 * What is open while a stream runs: a lease of the source, and an encoder when the source gives pictures.
 * The encoder can be replaced while the source goes on.
 */
export class Run implements AsyncDisposable {
  readonly #shared: SharedSource;
  readonly #encoders: EncoderFactory;
  readonly #settings: EncoderSettings;
  #lease: SourceLease | undefined;
  #encoding: Encoding | undefined;
  #ending: Promise<unknown> = Promise.resolve();
  #skippedBefore = 0;
  #isDisposed = false;

  constructor(shared: SharedSource, encoders: EncoderFactory, settings: EncoderSettings) {
    this.#shared = shared;
    this.#encoders = encoders;
    this.#settings = settings;
  }

  get encoder(): Encoder | undefined {
    return this.#encoding?.encoder;
  }

  /**
   * Opens what is not open.
   * @throws AppError whatever opening the source throws; a failing encoder is reported to the listener.
   */
  async open(listener: RunListener): Promise<void> {
    this.#lease ??= await this.#leaseSource(listener);
    const { source } = this.#lease;
    if (this.#isDisposed) {
      await this.#lease[Symbol.asyncDispose]();
      return;
    }
    if (source.kind === 'pictures' && this.#encoding === undefined)
      this.#startEncoder(source, source.format, listener);
  }

  /** Ends the encoder and keeps the source. */
  closeEncoder(): void {
    const encoding = this.#encoding;
    if (encoding === undefined) return;
    this.#encoding = undefined;
    this.#skippedBefore += encoding.feed.stats().skipped;
    const ended = endEncoding(encoding);
    this.#ending = this.#ending.then(() => ended);
  }

  pictureStats(): { captured: number; lost: number; skipped: number } {
    const feed: FeedStats = this.#encoding?.feed.stats() ?? { written: 0, skipped: 0 };
    const source = this.#lease?.source.stats() ?? { captured: 0, lost: 0 };
    return { captured: source.captured, lost: source.lost, skipped: this.#skippedBefore + feed.skipped };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.closeEncoder();
    const results = await Promise.allSettled([this.#ending, this.#lease?.[Symbol.asyncDispose]()]);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  #leaseSource(listener: RunListener): Promise<SourceLease> {
    return this.#shared.lease({
      onConfig: (config) => listener.onConfig(config),
      onUnit: (unit) => listener.onUnit(unit),
      onFormat: (format) => {
        const source = this.#lease?.source;
        if (source?.kind !== 'pictures' || this.#encoding === undefined) return;
        this.closeEncoder();
        this.#startEncoder(source, format, listener);
      },
      onLost: (error) => {
        this.#lease = undefined;
        listener.onSourceFailed(error);
      },
    });
  }

  #startEncoder(source: PictureSource, format: PictureFormat, listener: RunListener): void {
    let encoder: Encoder | undefined;
    const isCurrent = (): boolean => this.#encoding?.encoder === encoder;
    try {
      encoder = this.#encoders.start(format, this.#settings, {
        onConfig: (config) => isCurrent() && listener.onConfig(config),
        onUnit: (unit) => isCurrent() && listener.onUnit(unit),
        onExit: (error) => isCurrent() && listener.onEncoderFailed(error),
      });
      this.#encoding = { encoder, feed: source.feed(encoder.takeInput()) };
    } catch (error) {
      const started = encoder;
      if (started !== undefined) this.#ending = this.#ending.then(() => started[Symbol.asyncDispose]());
      listener.onEncoderFailed(toAppError(error));
    }
  }
}

/** Closes the encoder's input first, so that it can end by itself. */
async function endEncoding({ encoder, feed }: Encoding): Promise<void> {
  await feed[Symbol.asyncDispose]();
  await encoder[Symbol.asyncDispose]();
}
