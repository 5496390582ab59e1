import { once } from 'node:events';
import { Socket } from 'node:net';
import type { PictureFormat } from '../../src/media/picture.ts';
import { nutFramePrefix, nutHeader } from '../../src/streams/formats/nut/index.ts';

/** Writes pictures into an encoder's pipe as a source's feed does, but waits until everything is taken. */
export class PictureFeeder {
  readonly #socket: Socket;

  /** @param fd write end of the pipe, owned from now on. */
  constructor(fd: number, format: PictureFormat) {
    this.#socket = new Socket({ fd, readable: false, writable: true });
    this.#socket.on('error', () => {});
    this.#socket.write(nutHeader(format));
  }

  async write(capturedUs: number, data: Uint8Array): Promise<void> {
    this.#socket.write(nutFramePrefix(capturedUs, data.length));
    if (!this.#socket.write(data)) await this.#taken();
  }

  /** Until there is room again, or nobody to write to. */
  async #taken(): Promise<void> {
    const settled = new AbortController();
    const { signal } = settled;
    const drain = once(this.#socket, 'drain', { signal });
    const close = once(this.#socket, 'close', { signal });
    await Promise.race([drain, close]);
    for (const wait of [drain, close]) wait.catch(() => {}); // the one that is called off
    settled.abort();
  }

  end(): void {
    this.#socket.end();
  }
}
