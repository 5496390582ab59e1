import { type AppError, toAppError } from '../core/app-error.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { type RetrySchedule, retryDelayMs } from '../core/retry-schedule.ts';
import type { CodedUnit, Track } from '../media/coded.ts';
import type { StartCoding } from './coding/index.ts';
import { isSensorReconfigured, streamStalled, tooManyReaders } from './errors.ts';
import type { GopCacheLimits } from './gop-cache.ts';
import { Hub } from './hub.ts';
import { RateMeter } from './rate-meter.ts';
import type { Reader, ReaderLimits, ReaderListener } from './reader.ts';
import { Run } from './run.ts';
import type { SharedSource } from './shared-source.ts';
import {
  IDLE,
  type StreamEffect,
  type StreamInput,
  type StreamSituation,
  transition,
} from './stream-state.ts';
import type { StreamStats } from './stream-stats.ts';
import { Timeline } from './timeline.ts';

export interface StreamSettings {
  /** How long a stream goes on without readers. */
  readonly lingerMs: number;
  /** Longest silence before the source counts as stalled. */
  readonly stallTimeoutMs: number;
  readonly maxReaders: number;
  readonly gopCache: GopCacheLimits;
  readonly reader: ReaderLimits;
}

export interface StreamOptions {
  /** `MXID/CAM_A`, for messages. */
  readonly name: string;
  readonly source: SharedSource;
  readonly coding: StartCoding;
  readonly settings: StreamSettings;
  readonly clock: Clock;
  readonly log: Log;
  /** From 0 to 1, for the jitter of retries. */
  readonly random: () => number;
}

const RETRY: RetrySchedule = { firstMs: 100, maxMs: 2000, jitter: 0.2 };
/** Duration given to the first pictures; the timeline then follows what it sees. */
const NOMINAL_DURATION_US = 33_333;
/** Longest time a source may take to open. Drivers that can wait have limits of their own, below this one. */
export const LONGEST_OPENING_MS = 20_000;

type LostKind = 'source-failed' | 'source-replaced' | 'silent';

function whyLost(error: AppError): LostKind {
  if (isSensorReconfigured(error)) return 'source-replaced';
  return error.kind === 'timeout' ? 'silent' : 'source-failed';
}

/**
 * One live sensor. Runs its source and encoder while it has readers, restarts them when they fail, and keeps one
 * timeline for all readers meanwhile. The only owner of retries in the way of a picture.
 */
export class Stream implements AsyncDisposable {
  readonly name: string;
  readonly #options: StreamOptions;
  readonly #hub: Hub;
  readonly #rate = new RateMeter();
  #situation: StreamSituation = IDLE;
  #problem: AppError | undefined;
  #timeline = new Timeline(NOMINAL_DURATION_US);
  #run: Run | undefined;
  #closing: Promise<void> = Promise.resolve();
  /** Watchdog while something is open, retry while waiting to open it. */
  #timer: Timer | undefined;
  #lingerTimer: Timer | undefined;
  #lastProgressUs = 0;
  #units = 0;
  #bytes = 0;
  #starts = 0;
  #restarts = 0;
  #isDisposed = false;

  constructor(options: StreamOptions) {
    this.name = options.name;
    this.#options = options;
    const { name, log, settings } = options;
    this.#hub = new Hub(settings.gopCache, settings.reader, (error) =>
      log.error({ stream: name, err: error }, `${name} let go of a reader that failed`),
    );
  }

  /** The tracks of the units to come; empty until the encoder has told its configuration. */
  get tracks(): readonly Track[] {
    const { track } = this.#timeline;
    return track === undefined ? [] : [track];
  }

  /** PTS of the picture taken at a moment of CLOCK_MONOTONIC; undefined when it is not part of this run. */
  ticksAt(capturedUs: number): number | undefined {
    return this.#timeline.ticksAt(capturedUs);
  }

  get isRunning(): boolean {
    return this.#situation.state !== 'idle';
  }

  /** @throws AppError STREAM_TOO_MANY_READERS */
  assertRoom(): void {
    const { maxReaders } = this.#options.settings;
    if (this.#hub.readers.size >= maxReaders) throw tooManyReaders(this.name, maxReaders);
  }

  /**
   * Adds a reader and starts the stream for it if need be. The cached group of pictures waits in it at once.
   * @param transport name for statistics.
   * @throws AppError STREAM_TOO_MANY_READERS
   */
  join(transport: string, listener: ReaderListener): Reader {
    this.assertRoom();
    const reader = this.#hub.add(transport, listener, this.#options.clock.monotonicUs());
    this.#lingerTimer?.[Symbol.dispose]();
    this.#lingerTimer = undefined;
    this.#input({ kind: 'wanted' });
    return reader;
  }

  /** Takes a reader out; harmless when it is out already. The last one stops the stream after the linger time. */
  leave(reader: Reader): void {
    this.#hub.remove(reader);
    if (this.#hub.readers.size > 0 || this.#isDisposed) return;
    const { lingerMs } = this.#options.settings;
    this.#lingerTimer?.[Symbol.dispose]();
    if (lingerMs === 0) this.#input({ kind: 'unwanted' });
    else this.#lingerTimer = this.#options.clock.after(lingerMs, () => this.#input({ kind: 'unwanted' }));
  }

  /** Ends a wait between attempts: the camera is there again. */
  retryNow(): void {
    if (this.#run === undefined || this.#situation.state === 'backoff') this.#input({ kind: 'retry' });
  }

  /** Lets go of every reader and comes to rest; whoever joins later starts it again. */
  halt(reason: AppError): void {
    this.#lingerTimer?.[Symbol.dispose]();
    this.#hub.closeAll(reason);
    this.#input({ kind: 'unwanted' });
  }

  stats(): StreamStats {
    const nowUs = this.#options.clock.monotonicUs();
    const config = this.#timeline.track?.config;
    const encoder = this.#run?.encoder;
    const pictures = this.#run?.pictureStats() ?? { captured: 0, lost: 0, skipped: 0 };
    return {
      state: this.#situation.state,
      ...(this.#problem && { problem: { code: this.#problem.code, message: this.#problem.message } }),
      ...(encoder && { encoder: { codec: encoder.codec, pid: encoder.pid } }),
      ...(config && { codec: config.codecString, width: config.width, height: config.height }),
      ...this.#rate.rates(nowUs),
      epoch: this.#timeline.track?.epoch ?? 0,
      units: this.#units,
      bytes: this.#bytes,
      starts: this.#starts,
      restarts: this.#restarts,
      picturesCaptured: pictures.captured,
      picturesLost: pictures.lost,
      picturesSkipped: pictures.skipped,
      gopCache: { units: this.#hub.cache.units.length, bytes: this.#hub.cache.bytes },
      readerLosses: this.#hub.losses,
      readers: [...this.#hub.readers].map((reader) => reader.stats(nowUs)),
    };
  }

  /** Lets go of every reader and closes what is open. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#lingerTimer?.[Symbol.dispose]();
    this.#hub.closeAll(undefined);
    this.#input({ kind: 'unwanted' });
    await this.#closing;
  }

  #input(input: StreamInput): void {
    const before = this.#situation;
    const { situation, effects } = transition(before, input);
    this.#situation = situation;
    if (situation.state !== before.state) {
      const { code, message } = this.#problem ?? {};
      this.#options.log.info(
        {
          stream: this.name,
          from: before.state,
          to: situation.state,
          ...(code && { code, problem: message }),
        },
        `${this.name} is ${situation.state}`,
      );
    }
    const isNew = effects.includes('open') && !situation.wasLive && situation.attempt === 0;
    if (isNew) this.#begin();
    else if (effects.includes('open')) this.#restarts += 1;
    if (situation.state === 'stopping' && before.state !== 'stopping') this.#stop();
    // An effect may fail at once and so be the next input, whose timer is the one that counts.
    this.#setTimer(effects);
    for (const effect of effects) this.#perform(effect);
  }

  #begin(): void {
    this.#starts += 1;
    this.#problem = undefined;
  }

  /** The end of the stream's life: whoever joins from here on gets pictures of the next, whose first has PTS 0. */
  #stop(): void {
    this.#timeline = new Timeline(NOMINAL_DURATION_US);
    this.#hub.cache.clear();
  }

  #perform(effect: StreamEffect): void {
    switch (effect) {
      case 'open':
        this.#open();
        return;
      case 'close-encoder':
        this.#run?.closeEncoder();
        return;
      case 'close':
        this.#close();
        return;
      case 'give-up':
        this.#hub.closeAll(this.#problem);
        return;
      default:
        effect satisfies never;
    }
  }

  #open(): void {
    this.#lastProgressUs = this.#options.clock.monotonicUs();
    this.#run ??= this.#makeRun();
    const run = this.#run;
    run.open().then(
      () => {
        if (this.#run === run) this.#lastProgressUs = this.#options.clock.monotonicUs();
      },
      (error) => {
        if (this.#run === run) this.#fail('source-failed', toAppError(error));
      },
    );
  }

  #makeRun(): Run {
    const { source, coding } = this.#options;
    const run = new Run(source, coding, {
      onConfig: (config) => this.#run === run && this.#timeline.configure(config),
      onUnit: (unit) => this.#run === run && this.#onUnit(unit),
      onSourceFailed: (error) => this.#run === run && this.#fail(whyLost(error), error),
      onEncoderFailed: (error) => this.#run === run && this.#fail('encoder-failed', error),
    });
    return run;
  }

  #close(): void {
    const run = this.#run;
    this.#run = undefined;
    const closing = this.#closing
      .then(() => run?.[Symbol.asyncDispose]())
      .catch((error) =>
        this.#options.log.error({ stream: this.name, err: error }, `${this.name} did not close cleanly`),
      )
      .then(() => {
        if (this.#closing === closing) this.#input({ kind: 'closed' }); // else more is being closed
      });
    this.#closing = closing;
  }

  #fail(kind: LostKind | 'encoder-failed', error: AppError): void {
    this.#problem = error;
    this.#options.log.warn({ stream: this.name, code: error.code }, error.message);
    this.#input({ kind });
  }

  #onUnit(unit: CodedUnit): void {
    const { clock } = this.#options;
    const nowUs = clock.monotonicUs();
    this.#lastProgressUs = nowUs;
    const placed = this.#timeline.place(unit, clock.wallUsAt(unit.ptsUs));
    if (placed === undefined) return;
    this.#units += 1;
    this.#bytes += placed.data.byteLength;
    this.#rate.add(nowUs, placed.data.byteLength);
    if (this.#situation.state !== 'live') {
      this.#problem = undefined;
      this.#input({ kind: 'unit' });
    }
    this.#hub.push(placed);
  }

  #setTimer(effects: readonly StreamEffect[]): void {
    const { state, attempt } = this.#situation;
    if (state === 'idle' || state === 'stopping') this.#setTimerTo(undefined);
    else if (effects.includes('open')) this.#watch(this.#options.settings.stallTimeoutMs);
    else if (effects.includes('close') || effects.includes('close-encoder')) {
      const delayMs = retryDelayMs(RETRY, attempt, this.#options.random());
      this.#setTimerTo(this.#options.clock.after(delayMs, () => this.#input({ kind: 'retry' })));
    }
  }

  #setTimerTo(timer: Timer | undefined): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = timer;
  }

  /** Looks again when the silence could have become too long, so that a unit costs no timer. */
  #watch(delayMs: number): void {
    const { clock, settings } = this.#options;
    const look = (): void => {
      const silentMs = (clock.monotonicUs() - this.#lastProgressUs) / 1000;
      const limitMs = this.#run?.isOpen ? settings.stallTimeoutMs : LONGEST_OPENING_MS;
      if (silentMs < limitMs) {
        this.#input({ kind: 'steady' });
        this.#watch(Math.min(limitMs - silentMs, settings.stallTimeoutMs));
        return;
      }
      this.#problem = streamStalled(this.name, Math.round(silentMs));
      this.#input({ kind: 'silent' });
    };
    this.#setTimerTo(clock.after(delayMs, look));
  }
}
