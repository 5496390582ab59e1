import type { WebSocket } from 'ws';
import type { Clock } from '../../core/clock.ts';
import type { Deployment, InferenceSensor, ResultReader } from '../../inference/index.ts';
import { closeSocket, Heartbeat } from '../../streams/transports/websocket/index.ts';

/** RFC 6455 §7.4.1: the purpose for which the connection was established has been fulfilled. */
const CLOSE_NORMAL = 1000;

export interface NnSocketOptions {
  readonly deployment: Deployment;
  /** The one the model is deployed on. */
  readonly sensor: InferenceSensor;
  readonly clock: Clock;
}

/**
 * Sends a model's results through a WebSocket, one per text message; while one is on its way only the newest waits.
 * What the client sends is ignored. Owns its reader until the socket closes.
 */
export class NnSocket {
  readonly #socket: WebSocket;
  readonly #reader: ResultReader;
  #isSending = false;

  /** @throws AppError STREAM_TOO_MANY_READERS */
  constructor(socket: WebSocket, { deployment, sensor, clock }: NnSocketOptions) {
    this.#socket = socket;
    this.#reader = deployment.join(sensor, {
      onReadable: () => this.#pump(),
      onClosed: (reason) => {
        if (reason === undefined) socket.close(CLOSE_NORMAL, 'The model was removed.');
        else closeSocket(socket, reason);
      },
    });
    // Only a pong counts as a sign of life: bytes are taken by the kernel, too, when the client is gone.
    const heartbeat = new Heartbeat(socket, clock);
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      heartbeat[Symbol.dispose]();
      deployment.leave(this.#reader);
    });
  }

  #pump(): void {
    if (this.#isSending || this.#socket.readyState !== this.#socket.OPEN) return;
    const message = this.#reader.take();
    if (message === undefined) return;
    this.#isSending = true;
    this.#socket.send(message, { binary: false }, (error) => {
      this.#isSending = false;
      if (!error) this.#pump(); // else 'close' follows
    });
  }
}
