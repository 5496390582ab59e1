import { WebSocket } from 'ws';

/** A message as it came. */
export interface Message {
  readonly bytes: Buffer;
  readonly isBinary: boolean;
}

const PATIENCE_MS = 30_000;

/** A client of a WebSocket that keeps every message. */
export class SocketRecorder implements Disposable {
  readonly socket: WebSocket;
  readonly messages: Message[] = [];
  /** The close code; undefined while it is open. */
  closeCode: number | undefined;
  /** The HTTP status of a handshake that was refused. */
  refusedWith: number | undefined;
  readonly #waiting = new Set<() => void>();

  /** @param options as those of `ws`; compression is offered, as browsers do. */
  constructor(url: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url, { perMessageDeflate: true, headers });
    this.socket.on('message', (bytes: Buffer, isBinary) => {
      this.messages.push({ bytes, isBinary });
      this.#wake();
    });
    this.socket.on('unexpected-response', (_request, response) => {
      this.refusedWith = response.statusCode;
      response.resume();
      this.socket.terminate();
    });
    this.socket.on('close', (code) => {
      this.closeCode = code;
      this.#wake();
    });
    this.socket.on('error', () => undefined); // 'close' follows
  }

  /** Waits until a condition holds or the socket is closed. @throws after half a minute. */
  async until(holds: () => boolean, what: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const late = (): Error => new Error(`${what}: not within ${PATIENCE_MS} ms, ${this.#state()}`);
      const timer = setTimeout(() => end(() => reject(late())), PATIENCE_MS);
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        settle();
      };
      const look = (): void => {
        try {
          if (holds() || this.closeCode !== undefined) end(resolve);
        } catch (error) {
          end(() => reject(error));
        }
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Waits for so many messages from now. @throws when the socket closes before. */
  async more(count: number): Promise<void> {
    const target = this.messages.length + count;
    await this.until(() => this.messages.length >= target, `${count} messages`);
    if (this.messages.length < target) throw new Error(`${count} messages: ${this.#state()}`);
  }

  async closed(): Promise<void> {
    await this.until(() => false, 'The socket closing');
  }

  #state(): string {
    const state = this.closeCode === undefined ? 'open' : `closed with ${this.closeCode}`;
    return `${this.messages.length} messages, ${state}, refused with ${this.refusedWith ?? 'nothing'}`;
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}
