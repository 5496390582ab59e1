import { RetrySchedule } from '../player/retry-schedule.ts';

export interface IoConnectionListener {
  /** The items of one message; the first one of each connection is a snapshot. */
  onItems(items: readonly unknown[]): void;
  onLive(isLive: boolean): void;
}

/** The event socket of all circuits. It connects anew, ever more slowly, until it is closed. */
export class IoConnection {
  readonly #listener: IoConnectionListener;
  readonly #retries = new RetrySchedule();
  #socket: WebSocket | undefined;
  #timer: number | undefined;
  #isLive = false;

  constructor(listener: IoConnectionListener) {
    this.#listener = listener;
  }

  /** Connected, and the snapshot is here. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** Connects, unless it has or tries already. */
  open(): void {
    if (this.#socket !== undefined || this.#timer !== undefined) return;
    this.#connect();
  }

  /** Connects anew when the service was seen to be away: a socket may not notice for minutes. */
  drop(): void {
    if (this.#isLive) this.#lost();
  }

  /** Idempotent. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#detach();
  }

  #connect(): void {
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/controller/events`);
    socket.onmessage = ({ data }: MessageEvent<unknown>) => this.#onMessage(data);
    socket.onclose = () => this.#lost();
    this.#socket = socket;
  }

  #onMessage(data: unknown): void {
    const items: unknown = JSON.parse(String(data));
    if (!Array.isArray(items)) return;
    this.#listener.onItems(items);
    if (this.#isLive) return;
    this.#isLive = true;
    this.#retries.reset();
    this.#listener.onLive(true);
  }

  #lost(): void {
    this.#detach();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#connect();
    }, this.#retries.next());
  }

  #detach(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined) {
      socket.onmessage = null;
      socket.onclose = null;
      socket.close();
    }
    if (!this.#isLive) return;
    this.#isLive = false;
    this.#listener.onLive(false);
  }
}
