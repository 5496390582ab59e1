import { WebSocket } from 'ws';
import { PATIENCE } from './patience.ts';

/** A result, as any client sees it. */
export interface NnResult {
  readonly detections: readonly (
    | number
    | { readonly label: number; readonly confidence: number; readonly coords: readonly number[] }
  )[];
  readonly seq: number;
  readonly capture_ts_us: number;
  readonly pts: number | null;
  readonly timescale: number;
  readonly width: number;
  readonly height: number;
  readonly latency_ms: number;
}

/** A program that opens the socket of a model's results, as any user's would. */
export class NnClient implements Disposable {
  readonly socket: WebSocket;
  readonly results: NnResult[] = [];
  readonly #waiting = new Set<() => void>();
  #closed: { code: number; reason: string } | undefined;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url.replace('http', 'ws'), { headers });
    this.socket.on('message', (data: Buffer) => {
      this.results.push(JSON.parse(data.toString()) as NnResult); // what is in it is the test's to check
      this.#wake();
    });
    this.socket.on('close', (code, reason) => {
      this.#closed = { code, reason: reason.toString() };
      this.#wake();
    });
    this.socket.on('error', () => undefined); // 'close' follows
  }

  /** Status and code with which the handshake is refused. */
  static refusal(url: string, headers: Record<string, string> = {}): Promise<readonly [number, unknown]> {
    const { socket } = new NnClient(url, headers);
    return new Promise((resolve, reject) => {
      socket.on('open', () => {
        socket.terminate();
        reject(new Error('The socket opened.'));
      });
      socket.on('unexpected-response', (_request, response) => {
        let body = '';
        response.on('data', (data: Buffer) => {
          body += data.toString();
        });
        response.on('end', () => {
          socket.terminate();
          const { code } = JSON.parse(body) as { code: unknown }; // every refusal is a problem
          resolve([response.statusCode ?? 0, code]);
        });
      });
    });
  }

  get closed(): { code: number; reason: string } | undefined {
    return this.#closed;
  }

  /** Waits until a condition on this client holds; a closed socket cannot bring about more results. */
  until(holds: (client: this) => boolean, what: string, limitMs = 20_000 * PATIENCE): Promise<this> {
    return new Promise((resolve, reject) => {
      const fail = (when: string): void => {
        const [seen, closed] = [this.results.slice(-2), this.#closed].map((each) => JSON.stringify(each));
        end(() => reject(new Error(`${what} did not happen ${when}; closed: ${closed}; last seen: ${seen}`)));
      };
      const timer = setTimeout(() => fail(`within ${limitMs} ms`), limitMs);
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        settle();
      };
      const look = (): void => {
        if (holds(this)) end(() => resolve(this));
        else if (this.#closed !== undefined) fail('before the socket closed');
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Waits for so many more results from now. */
  more(count: number): Promise<this> {
    const target = this.results.length + count;
    return this.until(({ results }) => results.length >= target, `${count} more results`);
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}
