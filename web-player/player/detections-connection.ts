import { type DetectionsResult, readDetections } from './detections-message.ts';
import { RetrySchedule } from './retry-schedule.ts';

/** A socket that was never open was refused, most of all because no model is deployed: that may change at any time. */
const REFUSED_MS = 5_000;

/**
 * The results of a sensor's model. It connects again by itself until it is closed, and tells nobody: a model that is
 * not there is no fault.
 */
export class DetectionsConnection {
  readonly #url: string;
  readonly #onResult: (result: DetectionsResult) => void;
  readonly #retry = new RetrySchedule();
  #socket: WebSocket | undefined;
  #timer: number | undefined;

  constructor(url: string, onResult: (result: DetectionsResult) => void) {
    this.#url = url;
    this.#onResult = onResult;
    this.#connect();
  }

  /** Idempotent. */
  close(): void {
    clearTimeout(this.#timer);
    if (this.#socket === undefined) return;
    this.#socket.onmessage = null;
    this.#socket.onopen = null;
    this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = undefined;
  }

  #connect(): void {
    const socket = new WebSocket(this.#url);
    let wasOpen = false;
    socket.onopen = () => {
      wasOpen = true;
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      const result = typeof data === 'string' ? readDetections(data) : undefined;
      if (result === undefined) return;
      this.#retry.reset();
      this.#onResult(result);
    };
    socket.onclose = () => {
      this.#timer = setTimeout(() => this.#connect(), wasOpen ? this.#retry.next() : REFUSED_MS);
    };
    this.#socket = socket;
  }
}
