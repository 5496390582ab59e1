import type { WebSocket } from 'ws';
import type { Clock, Timer } from '../../../core/clock.ts';

const INTERVAL_MS = 15_000;

/**
 * Pings a peer (RFC 6455 §5.5.2) and ends the socket of one that gave no sign of life from one ping to the next.
 * Disposed by whoever owns the socket when it closes.
 */
export class Heartbeat implements Disposable {
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  #timer: Timer;
  #isAlive = true;

  constructor(socket: WebSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.on('pong', () => this.confirm());
    this.#timer = this.#next(INTERVAL_MS);
  }

  /** The peer has shown otherwise that it lives: it takes bytes, for example. */
  confirm(): void {
    this.#isAlive = true;
  }

  /** Pings at once, and from now on at this interval, if that is shorter than 15 s. */
  hurry(intervalMs: number): void {
    this.#timer[Symbol.dispose]();
    this.#ping(Math.min(intervalMs, INTERVAL_MS));
  }

  #ping(intervalMs: number): void {
    this.#isAlive = false;
    this.#socket.ping();
    this.#timer = this.#next(intervalMs);
  }

  #next(intervalMs: number): Timer {
    return this.#clock.after(intervalMs, () => {
      if (this.#isAlive) this.#ping(intervalMs);
      else this.#socket.terminate();
    });
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }
}
