import type { AppError } from '../../core/app-error.ts';
import type { CodecConfig, CodedUnit } from '../../media/coded.ts';
import type { FeedStats, Source } from '../../media/source.ts';

export interface CodingListener {
  onConfig(config: CodecConfig): void;
  onUnit(unit: CodedUnit): void;
  /** The coding has ended without being asked to; the source may still be good. */
  onFailed(error: AppError): void;
}

/** What turns one open source into access units of a stream: nothing, an encoder, or a transcoder. */
export interface Coding extends AsyncDisposable {
  /** The process at work, where there is one. */
  readonly encoder: { readonly codec: string; readonly pid: number } | undefined;
  feedStats(): FeedStats;
  /** What a source of access units gave; never called for a source of pictures. */
  onSourceConfig(config: CodecConfig): void;
  onSourceUnit(unit: CodedUnit): void;
}

/**
 * Starts a coding for a source in its present format; a new one is started when the format changes.
 * @throws AppError ENCODER_SPAWN_FAILED, ENCODER_UNAVAILABLE
 */
export type StartCoding = (source: Source, listener: CodingListener) => Coding;

export const NOTHING_FED: FeedStats = { written: 0, skipped: 0 };
