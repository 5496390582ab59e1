import { type ServerClock, wallNowMs } from './server-clock.ts';

/** Placed pictures that are remembered: those to come, and some for a seek back. */
const MAX_PLACED = 1_000;
/** Media times come back rounded to microseconds. */
const ROUNDING_S = 0.000_5;

/** A picture that was given to the media element. */
export interface PlacedPicture {
  /** Presentation time on the element's timeline, in seconds. */
  readonly startS: number;
  /** Presentation time on the stream's own timeline, in seconds. */
  readonly ptsS: number;
  /** Nominal duration. */
  readonly durationS: number;
  /** Unix time of the service in milliseconds. */
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
 * expected to be visible; without, the current time is looked at before the screen is drawn.
 */
export class PictureMeter {
  readonly #video: HTMLVideoElement;
  readonly #clock: ServerClock;
  readonly #onShown: (picture: PlacedPicture) => void;
  readonly #hasFrameCallback: boolean;
  #placed: PlacedPicture[] = [];
  #picture: PlacedPicture | undefined;
  #latenciesMs: number[] = [];
  #shown = 0;
  #callback = 0;
  /** Unix time of the service when the picture on the screen was taken. */
  capturedWallMs: number | undefined;
  /** Capture to display of the picture on the screen, in milliseconds. */
  latencyMs: number | undefined;

  /** @param onShown called with every picture that reaches the screen. */
  constructor(video: HTMLVideoElement, clock: ServerClock, onShown: (picture: PlacedPicture) => void) {
    this.#video = video;
    this.#clock = clock;
    this.#onShown = onShown;
    // Absent from Firefox before 132, whatever the DOM library says.
    this.#hasFrameCallback = 'requestVideoFrameCallback' in video;
    this.#request();
  }

  /** A picture was given to the media element. */
  placed(picture: PlacedPicture): void {
    this.#placed.push(picture);
    if (this.#placed.length > MAX_PLACED) this.#placed.shift();
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
    if (this.#hasFrameCallback) this.#video.cancelVideoFrameCallback(this.#callback);
    else cancelAnimationFrame(this.#callback);
  }

  #request(): void {
    this.#callback = this.#hasFrameCallback
      ? this.#video.requestVideoFrameCallback((_now, { mediaTime, expectedDisplayTime }) => {
          this.#request();
          this.#see(mediaTime, performance.timeOrigin + expectedDisplayTime);
        })
      : requestAnimationFrame(() => {
          this.#request();
          this.#see(this.#video.currentTime, wallNowMs());
        });
  }

  #see(mediaTimeS: number, shownAtMs: number): void {
    const picture = this.#placed.findLast(({ startS }) => startS <= mediaTimeS + ROUNDING_S);
    if (picture === undefined || picture === this.#picture) return;
    this.#picture = picture;
    this.#shown += 1;
    this.capturedWallMs = picture.capturedWallMs;
    const { offsetMs } = this.#clock;
    this.latencyMs =
      picture.capturedWallMs === undefined || offsetMs === undefined
        ? undefined
        : shownAtMs + offsetMs - picture.capturedWallMs;
    if (this.latencyMs !== undefined) this.#latenciesMs.push(this.latencyMs);
    this.#onShown(picture);
  }
}
