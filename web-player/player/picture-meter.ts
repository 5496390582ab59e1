import { type ServerClock, wallNowMs } from './server-clock.ts';

/** Placed pictures that are remembered until they are shown. */
const MAX_PENDING = 1_000;
/** Media times come back rounded to microseconds. */
const ROUNDING_S = 0.000_5;

interface PlacedPicture {
  readonly startS: number;
  readonly capturedWallMs: number | undefined;
}

/** What the meter saw since it was last read. */
export interface PictureFigures {
  readonly shown: number;
  /** Median from capture to display, in milliseconds; undefined without capture times or clock exchange. */
  readonly latencyMs: number | undefined;
}

/**
 * Watches which pictures reach the screen. With requestVideoFrameCallback each one is measured at the time it is
 * expected to be visible; without, the current time is looked at with every `timeupdate`.
 */
export class PictureMeter {
  readonly #video: HTMLVideoElement;
  readonly #clock: ServerClock;
  readonly #onShown: () => void;
  #pending: PlacedPicture[] = [];
  #latenciesMs: number[] = [];
  #shown = 0;
  #lastMediaTimeS = -1;
  #callback: number | undefined;
  /** Unix time of the service when the picture on the screen was taken. */
  capturedWallMs: number | undefined;
  /** Capture to display of the picture on the screen, in milliseconds. */
  latencyMs: number | undefined;

  /** @param onShown called with every picture that reaches the screen. */
  constructor(video: HTMLVideoElement, clock: ServerClock, onShown: () => void) {
    this.#video = video;
    this.#clock = clock;
    this.#onShown = onShown;
    // Absent from Firefox before 132, whatever the DOM library says.
    if ('requestVideoFrameCallback' in video) this.#request();
    else (video as HTMLVideoElement).addEventListener('timeupdate', this.#onTimeUpdate);
  }

  /** A picture was given to the media element. */
  placed(startS: number, capturedWallMs: number | undefined): void {
    this.#pending.push({ startS, capturedWallMs });
    if (this.#pending.length > MAX_PENDING) this.#pending.shift();
  }

  /** Reads the figures and starts a new interval. */
  take(): PictureFigures {
    const sorted = this.#latenciesMs.sort((a, b) => a - b);
    const figures = { shown: this.#shown, latencyMs: sorted[sorted.length >> 1] };
    this.#latenciesMs = [];
    this.#shown = 0;
    return figures;
  }

  dispose(): void {
    if (this.#callback !== undefined) this.#video.cancelVideoFrameCallback(this.#callback);
    this.#video.removeEventListener('timeupdate', this.#onTimeUpdate);
  }

  #request(): void {
    this.#callback = this.#video.requestVideoFrameCallback((_now, { mediaTime, expectedDisplayTime }) => {
      this.#request();
      this.#see(mediaTime, performance.timeOrigin + expectedDisplayTime);
    });
  }

  readonly #onTimeUpdate = (): void => this.#see(this.#video.currentTime, wallNowMs());

  #see(mediaTimeS: number, shownAtMs: number): void {
    if (mediaTimeS === this.#lastMediaTimeS) return;
    this.#lastMediaTimeS = mediaTimeS;
    this.#shown += 1;
    const next = this.#pending.findIndex(({ startS }) => startS > mediaTimeS + ROUNDING_S);
    const seen = this.#pending.splice(0, next < 0 ? this.#pending.length : next).at(-1);
    this.capturedWallMs = seen?.capturedWallMs;
    const { offsetMs } = this.#clock;
    this.latencyMs =
      seen?.capturedWallMs === undefined || offsetMs === undefined
        ? undefined
        : shownAtMs + offsetMs - seen.capturedWallMs;
    if (this.latencyMs !== undefined) this.#latenciesMs.push(this.latencyMs);
    this.#onShown();
  }
}
