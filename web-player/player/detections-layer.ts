import { type DetectionsOfPicture, DetectionTrack } from './detection-track.ts';
import { DetectionsConnection } from './detections-connection.ts';
import { drawDetections } from './detections-drawing.ts';
import type { DetectionsMessage, DetectionsResult } from './detections-message.ts';
import type { PlacedPicture } from './picture-meter.ts';

/** Figures of a model's results since they were last read. */
export interface DetectionFigures {
  /** Results per second. */
  readonly rate: number;
  /** Mean time from capture to result, by the service's word; undefined without a result. */
  readonly latencyMs: number | undefined;
  /** The part of the results that was on the screen with the very picture they belong to; undefined without one. */
  readonly matched: number | undefined;
}

const NOTHING: DetectionsOfPicture = { boxes: [], verdict: undefined, isOwn: false };

/** A sensor's detections over its video: each box on the picture that it was computed on. */
export class DetectionsLayer {
  readonly #url: string;
  readonly #video: HTMLVideoElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #onShown: (message: DetectionsMessage) => void;
  readonly #track = new DetectionTrack();
  readonly #sizes = new ResizeObserver(() => this.#draw());
  #connection: DetectionsConnection | undefined;
  #picture: PlacedPicture | undefined;
  #shown: DetectionsOfPicture = NOTHING;
  #received = 0;
  #latencies = 0;
  #latencySumMs = 0;
  #told = 0;
  #matched = 0;
  #takenAtMs = performance.now();

  /**
   * @param url of the results' WebSocket.
   * @param onShown called with every result when its picture is on the screen or has passed.
   */
  constructor(
    url: string,
    video: HTMLVideoElement,
    canvas: HTMLCanvasElement,
    onShown: (message: DetectionsMessage) => void,
  ) {
    this.#url = url;
    this.#video = video;
    this.#canvas = canvas;
    this.#onShown = onShown;
    this.#sizes.observe(canvas);
  }

  /** Whether results are received; without, what is drawn stays with its picture. */
  set isReceiving(isReceiving: boolean) {
    if (isReceiving === (this.#connection !== undefined)) return;
    this.#connection?.close();
    this.#connection = isReceiving
      ? new DetectionsConnection(this.#url, (result) => this.#onResult(result))
      : undefined;
  }

  /** A picture has reached the screen. */
  show(picture: PlacedPicture): void {
    this.#picture = picture;
    this.#look(picture);
  }

  /** Reads the figures and starts a new interval. */
  take(): DetectionFigures {
    const nowMs = performance.now();
    const figures = {
      rate: (this.#received * 1000) / (nowMs - this.#takenAtMs),
      latencyMs: this.#latencies === 0 ? undefined : this.#latencySumMs / this.#latencies,
      matched: this.#told === 0 ? undefined : this.#matched / this.#told,
    };
    this.#received = 0;
    this.#latencies = 0;
    this.#latencySumMs = 0;
    this.#told = 0;
    this.#matched = 0;
    this.#takenAtMs = nowMs;
    return figures;
  }

  /** Disconnects and empties the canvas. Idempotent. */
  dispose(): void {
    this.isReceiving = false;
    this.#sizes.disconnect();
    this.#shown = NOTHING;
    this.#draw();
  }

  #onResult(result: DetectionsResult): void {
    this.#track.push(result, performance.now());
    this.#received += 1;
    if (result.latencyMs !== undefined) {
      this.#latencies += 1;
      this.#latencySumMs += result.latencyMs;
    }
    // It came late, but may tell more of the picture on the screen than was known.
    if (this.#picture !== undefined && !this.#shown.isOwn) this.#look(this.#picture);
  }

  #look({ ptsS, durationS }: PlacedPicture): void {
    this.#shown = this.#track.at(ptsS, durationS / 2, performance.now());
    this.#draw();
    for (const { result, wasOnItsPicture } of this.#track.tell(ptsS, durationS / 2)) {
      this.#told += 1;
      if (wasOnItsPicture) this.#matched += 1;
      this.#onShown(result.message);
    }
  }
  #draw(): void {
    drawDetections(this.#canvas, this.#video, this.#shown);
  }
}
