import { MalformedMedia } from './box.ts';
import type { Fragment } from './fragment.ts';
import type { InitSegment } from './init-segment.ts';
import { type ServerClock, wallNowMs } from './server-clock.ts';
import { WireReader } from './wire-reader.ts';

/** Services that say nothing for so long are gone, even if the connection looks alive. */
const SILENCE_MS = 10_000;
/** The first exchanges follow each other quickly, because the latency is unknown before. */
const FIRST_PINGS_MS = [0, 200, 600, 1_200];
const PING_MS = 3_000;

export interface VideoConnectionListener {
  onSegment(segment: InitSegment | Fragment): void;
  /**
   * The connection is over; called once, and never after `close`.
   * @param reason what to tell a person.
   * @param isFault false when the service closed without complaint.
   */
  onEnded(reason: string, isFault: boolean): void;
}

/** One WebSocket to one stream: parsed segments out, the clock exchange on the side. It does not reconnect. */
export class VideoConnection {
  readonly #socket: WebSocket;
  readonly #listener: VideoConnectionListener;
  readonly #clock: ServerClock;
  readonly #reader = new WireReader();
  readonly #timers: number[] = [];
  #pings = 0;
  #heardAtMs = performance.now();
  #isOver = false;
  /** Bytes of media received. */
  bytes = 0;

  constructor(url: string, clock: ServerClock, listener: VideoConnectionListener) {
    this.#clock = clock;
    this.#listener = listener;
    this.#socket = new WebSocket(url);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => this.#onMessage(data);
    this.#socket.onopen = () => this.#onOpen();
    this.#socket.onclose = ({ code, reason }) => {
      this.#end(reason || `the connection was closed (${code})`, code !== 1000 && code !== 1001);
    };
    this.#timers.push(setInterval(() => this.#checkSilence(), 1_000));
  }

  /** Closes without a further call to the listener. Idempotent. */
  close(): void {
    this.#isOver = true;
    for (const timer of this.#timers) clearInterval(timer); // clears time-outs as well
    this.#socket.onmessage = null;
    this.#socket.onopen = null;
    this.#socket.onclose = null;
    this.#socket.close();
  }

  #onOpen(): void {
    this.#heardAtMs = performance.now();
    for (const afterMs of FIRST_PINGS_MS) this.#timers.push(setTimeout(() => this.#ping(), afterMs));
    this.#timers.push(setInterval(() => this.#ping(), PING_MS));
  }

  #ping(): void {
    this.#pings += 1;
    this.#socket.send(JSON.stringify({ type: 'ping', id: this.#pings, t0: wallNowMs() }));
  }

  #onMessage(data: ArrayBuffer | string): void {
    this.#heardAtMs = performance.now();
    if (typeof data === 'string') {
      this.#onText(data);
      return;
    }
    this.bytes += data.byteLength;
    try {
      const segment = this.#reader.read(new Uint8Array(data));
      if (segment !== undefined) this.#listener.onSegment(segment);
    } catch (error) {
      if (!(error instanceof MalformedMedia)) throw error;
      this.#end(`malformed media: ${error.message}`, true);
    }
  }

  #onText(text: string): void {
    let message: { type?: unknown; t0?: unknown; serverWallUs?: unknown } | null;
    try {
      message = JSON.parse(text); // any: the fields are checked below
    } catch {
      return;
    }
    const { type, t0, serverWallUs } = message ?? {};
    if (type !== 'pong' || typeof t0 !== 'number' || typeof serverWallUs !== 'number') return;
    this.#clock.exchange(t0, wallNowMs(), serverWallUs / 1000);
  }

  #checkSilence(): void {
    if (performance.now() - this.#heardAtMs > SILENCE_MS) this.#end('the service does not answer', true);
  }

  #end(reason: string, isFault: boolean): void {
    if (this.#isOver) return;
    this.close();
    this.#listener.onEnded(reason, isFault);
  }
}
