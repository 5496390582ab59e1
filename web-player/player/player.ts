import type { Fragment } from './fragment.ts';
import type { InitSegment } from './init-segment.ts';
import { type EdgeAction, LiveEdge } from './live-edge.ts';
import { MediaBuffer, mediaSourceClass } from './media-buffer.ts';
import { FALLBACK_DURATION_S, type Placement } from './media-timeline.ts';
import { PictureMeter, type PlacedPicture } from './picture-meter.ts';
import type { PlayerState, PlayerStats, VideoFormat } from './player-stats.ts';
import { RetrySchedule } from './retry-schedule.ts';
import { ServerClock } from './server-clock.ts';
import { VideoConnection } from './video-connection.ts';

export interface PlayerListener {
  onState(state: PlayerState, reason: string): void;
  onFormat(format: VideoFormat): void;
  /** A picture has reached the screen. */
  onPicture(picture: PlacedPicture): void;
  onStats(stats: PlayerStats): void;
  /** A fault that the player gets over by itself, unless the state is `error`. */
  onError(message: string): void;
}

/** A late joiner's burst ends with the first pause of this length, or after the longest wait. */
const BURST_PAUSE_MS = 8;
const BURST_LONGEST_MS = 150;
/** Two pictures at 30 a second: with fewer at hand, Chromium's clock stops as soon as it has started. */
const JOIN_BEHIND_S = 0.07;
/** So many pictures at hand start a clock that was caught. */
const HELD_PICTURES = 8;
const STALLED_MS = 1_000;
/** A busy browser needs its time to decode from the sync sample on; after this, the edge is elsewhere. */
const SEEK_LONGEST_MS = 2_000;
/** A connection that has played for so long was a success: the next wait is short again. */
const SETTLED_MS = 5_000;

/**
 * Plays one stream in one video element: connects, buffers, stays at the live edge, reconnects. The last picture
 * stays on the screen while the connection is renewed.
 */
export class Player {
  /** Of the video's WebSocket. */
  readonly url: string;
  readonly #video: HTMLVideoElement;
  readonly #listener: PlayerListener;
  readonly #clock = new ServerClock();
  readonly #meter: PictureMeter;
  readonly #retry = new RetrySchedule();
  readonly #everySecond: number;
  #edge = new LiveEdge();
  #connection: VideoConnection | undefined;
  #buffer: MediaBuffer | undefined;
  #state: PlayerState = 'idle';
  #reason = '';
  #stats: PlayerStats | undefined;
  #format: VideoFormat | undefined;
  #timescale = 1;
  #retryTimer: number | undefined;
  #burstTimer: number | undefined;
  #burstEndMs = 0;
  /** Where joining the live edge stands, on a new connection, with every seek and with every hold. */
  #join: 'collecting' | 'appending' | 'placed' | 'appended' | 'seeking' | 'holding' | 'done' = 'collecting';
  #seekAtMs = 0;
  #held = 0;
  #newestStartS = 0;
  #connectedAtMs = 0;
  #shownAtMs = 0;
  #countedBytes = 0;
  #countedAtMs = performance.now();
  #underflows = 0;
  #reconnects = 0;

  constructor(url: string, video: HTMLVideoElement, listener: PlayerListener) {
    this.url = url;
    this.#video = video;
    this.#listener = listener;
    this.#meter = new PictureMeter(video, this.#clock, (picture) => this.#onShown(picture));
    video.addEventListener('waiting', this.#onWaiting);
    video.addEventListener('loadedmetadata', this.#seekToEdge);
    video.addEventListener('seeked', this.#onSeeked);
    video.addEventListener('error', this.#onVideoError);
    this.#everySecond = setInterval(() => this.#onSecond(), 1_000);
  }

  get format(): VideoFormat | undefined {
    return this.#format;
  }

  get stats(): PlayerStats | undefined {
    return this.#stats;
  }

  /** Capture to display of the picture on the screen. */
  get latencyMs(): number | undefined {
    return this.#meter.latencyMs;
  }

  /** Unix time of the service when the picture on the screen was taken. */
  get capturedWallMs(): number | undefined {
    return this.#meter.capturedWallMs;
  }

  /** Connects and plays. Does nothing while it already does. */
  start(): void {
    if (this.#connection !== undefined || this.#retryTimer !== undefined) return;
    this.#retry.reset();
    this.#connect('connecting');
  }

  /** Disconnects and keeps the last picture, until `start`. */
  stop(state: 'paused' | 'suspended' | 'blocked', reason = ''): void {
    this.#disconnect();
    this.#video.pause();
    this.#setState(state, reason);
  }

  /** Frees everything and empties the video element. Idempotent. */
  dispose(): void {
    this.#disconnect();
    clearInterval(this.#everySecond);
    this.#video.removeEventListener('waiting', this.#onWaiting);
    this.#video.removeEventListener('loadedmetadata', this.#seekToEdge);
    this.#video.removeEventListener('seeked', this.#onSeeked);
    this.#video.removeEventListener('error', this.#onVideoError);
    this.#meter.dispose();
    this.#buffer?.dispose();
    this.#buffer = undefined;
  }

  #connect(state: 'connecting' | 'reconnecting'): void {
    this.#retryTimer = undefined;
    const mediaSource = mediaSourceClass();
    if (mediaSource === undefined) {
      this.#setState('error', 'this browser has no Media Source Extensions');
      return;
    }
    this.#setState(state, this.#reason);
    this.#buffer ??= new MediaBuffer(this.#video, mediaSource, {
      onPlaced: (fragment, placement) => this.#onPlaced(fragment, placement),
      onAppended: () => this.#onAppended(),
      onFailed: (message) => this.#onBufferFailed(message),
    });
    this.#buffer.hold();
    this.#join = 'collecting';
    this.#burstEndMs = 0;
    this.#edge = new LiveEdge();
    this.#video.playbackRate = 1;
    this.#countedBytes = 0;
    this.#connectedAtMs = performance.now();
    try {
      this.#connection = new VideoConnection(this.url, this.#clock, {
        onSegment: (segment) => this.#onSegment(segment),
        onEnded: (reason, isFault) => this.#onEnded(reason, isFault),
      });
    } catch (error) {
      // A page on https may not open ws: the browser refuses that at once and for good.
      this.#setState('error', String(error));
      this.#listener.onError(String(error));
    }
  }

  #disconnect(): void {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#burstTimer);
    this.#retryTimer = undefined;
    this.#connection?.close();
    this.#connection = undefined;
  }

  #onEnded(reason: string, isFault: boolean): void {
    this.#disconnect();
    this.#reconnects += 1;
    this.#setState('reconnecting', reason);
    this.#retryTimer = setTimeout(() => this.#connect('reconnecting'), this.#retry.next());
    if (isFault) this.#listener.onError(reason);
  }

  #onSegment(segment: InitSegment | Fragment): void {
    if (segment.kind === 'init') this.#setFormat(segment);
    this.#buffer?.push(segment);
    if (this.#join !== 'collecting' || segment.kind === 'init') return;
    // Appended picture by picture, a burst would be decoded and shown as a fast-forward.
    const nowMs = performance.now();
    this.#burstEndMs ||= nowMs + BURST_LONGEST_MS;
    clearTimeout(this.#burstTimer);
    this.#burstTimer = setTimeout(
      () => {
        this.#join = 'appending';
        this.#buffer?.release();
      },
      Math.min(BURST_PAUSE_MS, this.#burstEndMs - nowMs),
    );
  }

  #setFormat({ codec, width, height, timescale }: InitSegment): void {
    this.#timescale = timescale;
    if (this.#state === 'connecting' || this.#state === 'reconnecting') this.#setState('buffering');
    const { format } = this;
    if (format?.codec === codec && format.width === width && format.height === height) return;
    this.#format = { codec, width, height };
    this.#listener.onFormat(this.#format);
  }

  #onPlaced(fragment: Fragment, { startS, offsetS, isShifted }: Placement): void {
    this.#newestStartS = startS;
    if (isShifted) this.#edge.shift();
    const { capturedWallMs, durationTicks } = fragment;
    const durationS = durationTicks / this.#timescale || FALLBACK_DURATION_S;
    this.#meter.placed({ startS, ptsS: startS - offsetS, durationS, capturedWallMs });
    if (this.#join === 'appending') this.#join = 'placed';
    if (this.#join === 'holding') this.#held += 1;
    if (this.#join !== 'done') return;
    this.#follow(this.#edge.observe(startS * 1000, this.#video.currentTime * 1000, performance.now()));
  }

  #follow(action: EdgeAction): void {
    if (action.kind === 'rate') this.#video.playbackRate = action.rate;
    if (action.kind === 'seek') this.#join = 'placed';
    if (action.kind === 'hold') {
      this.#join = 'holding';
      this.#held = 0;
      this.#video.pause();
    }
  }

  #onAppended(): void {
    if (this.#join === 'placed') this.#join = 'appended';
    this.#seekToEdge();
    if (this.#join === 'holding' && this.#held >= HELD_PICTURES) {
      this.#play();
      this.#joined();
    }
  }

  /**
   * Once the newest picture is in the buffer, and the element knows what it plays. Earlier, Chromium takes the seek
   * and forgets it.
   */
  readonly #seekToEdge = (): void => {
    const { readyState, HAVE_METADATA } = this.#video;
    if (this.#join !== 'appended' || readyState < HAVE_METADATA) return;
    this.#join = 'seeking';
    this.#seekAtMs = performance.now();
    this.#video.currentTime = Math.max(0, this.#newestStartS - JOIN_BEHIND_S);
    this.#play();
  };

  #play(): void {
    this.#video.play().catch((error: unknown) => {
      // Anything else is a later pause or source taking precedence.
      const isBlocked = error instanceof DOMException && error.name === 'NotAllowedError';
      if (isBlocked) this.stop('blocked', 'the browser wants a click before it plays');
    });
  }

  readonly #onSeeked = (): void => {
    if (this.#join === 'seeking') this.#joined();
  };

  #joined(): void {
    this.#join = 'done';
    this.#edge.join(performance.now());
  }

  #onShown(picture: PlacedPicture): void {
    this.#shownAtMs = performance.now();
    if (this.#join === 'done' && this.#connection !== undefined) this.#setState('playing');
    this.#listener.onPicture(picture);
  }

  readonly #onWaiting = (): void => {
    if (this.#join !== 'done') return;
    this.#underflows += 1;
    const reserveMs = (this.#newestStartS - this.#video.currentTime) * 1000;
    this.#follow(this.#edge.underflow(reserveMs, performance.now()));
  };

  readonly #onVideoError = (): void => {
    if (this.#video.error)
      this.#onBufferFailed(this.#video.error.message || 'the browser cannot decode this');
  };

  #onBufferFailed(message: string): void {
    this.#buffer?.dispose();
    this.#buffer = undefined;
    if (this.#connection !== undefined) this.#onEnded(message, true);
  }

  #onSecond(): void {
    const nowMs = performance.now();
    const hasSettled = this.#state === 'playing' && nowMs - this.#connectedAtMs > SETTLED_MS;
    if (hasSettled) this.#retry.reset();
    if (this.#join === 'seeking' && nowMs - this.#seekAtMs > SEEK_LONGEST_MS) {
      this.#join = 'appended';
      this.#seekToEdge();
    }
    // Hidden pages are not told of the pictures they would show.
    const isStalled = this.#state === 'playing' && !document.hidden && nowMs - this.#shownAtMs > STALLED_MS;
    if (isStalled) this.#setState('stalled', 'no new picture for a second');
    const bytes = this.#connection?.bytes ?? 0;
    const intervalS = (nowMs - this.#countedAtMs) / 1000;
    const { shown, latencyMs } = this.#meter.take();
    this.#stats = {
      state: this.#state,
      format: this.#format,
      frameRate: shown / intervalS,
      bitrateKbps: Math.max(0, bytes - this.#countedBytes) / 125 / intervalS,
      latencyMs,
      roundTripMs: this.#clock.roundTripMs,
      playbackRate: this.#video.playbackRate,
      picturesDropped: this.#video.getVideoPlaybackQuality().droppedVideoFrames,
      fragmentsDropped: this.#buffer?.dropped ?? 0,
      underflows: this.#underflows,
      reconnects: this.#reconnects,
    };
    this.#countedBytes = bytes;
    this.#countedAtMs = nowMs;
    this.#listener.onStats(this.#stats);
  }

  #setState(state: PlayerState, reason = ''): void {
    if (state === this.#state && reason === this.#reason) return;
    this.#state = state;
    this.#reason = reason;
    this.#listener.onState(state, reason);
  }
}
