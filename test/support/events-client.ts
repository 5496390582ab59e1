import { WebSocket } from 'ws';
import { PATIENCE } from './patience.ts';

/** An object of a message, as any client sees it. */
export type EventObject = Readonly<Record<string, unknown>>;

/** A program that opens the events socket, as any user's would. */
export class EventsClient implements Disposable {
  readonly socket: WebSocket;
  readonly messages: (readonly EventObject[])[] = [];
  readonly #waiting = new Set<() => void>();
  #closed: { code: number; reason: string } | undefined;

  constructor(serviceUrl: string, query = '', headers: Record<string, string> = {}) {
    this.socket = new WebSocket(`${serviceUrl.replace('http', 'ws')}/controller/events${query}`, { headers });
    this.socket.on('message', (data: Buffer) => {
      // the service's messages are arrays of objects; what is in them is the test's to check
      this.messages.push(JSON.parse(data.toString()) as readonly EventObject[]);
      this.#wake();
    });
    this.socket.on('close', (code, reason) => {
      this.#closed = { code, reason: reason.toString() };
      this.#wake();
    });
    this.socket.on('error', () => undefined); // 'close' follows
  }

  /** Status and code with which the handshake is refused. */
  static refusal(
    serviceUrl: string,
    query = '',
    headers: Record<string, string> = {},
  ): Promise<readonly [status: number | undefined, code: unknown]> {
    const { socket } = new EventsClient(serviceUrl, query, headers);
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
          resolve([response.statusCode, code]);
        });
      });
    });
  }

  get closed(): { code: number; reason: string } | undefined {
    return this.#closed;
  }

  /** The objects of all messages after the first, which is the snapshot. */
  get events(): readonly EventObject[] {
    return this.messages.slice(1).flat();
  }

  send(command: unknown): void {
    this.socket.send(JSON.stringify(command));
  }

  /** Waits until a condition on this client holds; a closed socket cannot bring it about any more. */
  until(holds: (client: this) => boolean, what: string, limitMs = 15_000 * PATIENCE): Promise<this> {
    return new Promise((resolve, reject) => {
      const fail = (when: string): void => {
        const seen = JSON.stringify(this.messages.slice(-3));
        const closed = JSON.stringify(this.#closed);
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

  /** Waits for an event that has these fields. */
  async event(fields: EventObject): Promise<EventObject> {
    const found = (): EventObject | undefined =>
      this.events.find((event) => Object.entries(fields).every(([name, value]) => event[name] === value));
    await this.until(() => found() !== undefined, `The event ${JSON.stringify(fields)}`);
    return found() ?? {};
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}
