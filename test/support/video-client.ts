import { WebSocket } from 'ws';
import { realtimeUs } from '../../src/core/libc.ts';
import { findBox, readBoxes, readPrft, readTfdt, readTrun } from '../../src/streams/formats/isobmff/index.ts';
import { PATIENCE } from './patience.ts';

/** A message of the video socket, taken apart. */
export type VideoMessage =
  | { readonly kind: 'init'; readonly bytes: Buffer; readonly atMs: number }
  | {
      readonly kind: 'fragment';
      readonly bytes: Buffer;
      readonly atMs: number;
      /** Unix time of arrival in microseconds. */
      readonly arrivedWallUs: number;
      /** Decoding time in ticks of 1/90000 s. */
      readonly dtsTicks: number;
      readonly isSync: boolean;
      /** Unix time of the capture in microseconds. */
      readonly capturedWallUs: number;
    };

export type VideoFragment = Extract<VideoMessage, { kind: 'fragment' }>;

const NON_SYNC = 0x0001_0000;

function takeApart(bytes: Buffer): VideoMessage {
  const atMs = performance.now();
  const arrivedWallUs = realtimeUs();
  const boxes = readBoxes(bytes);
  if (findBox(boxes, 'moov')) return { kind: 'init', bytes, atMs };
  const prft = findBox(boxes, 'prft');
  const tfdt = findBox(boxes, 'moof', 'traf', 'tfdt');
  const trun = findBox(boxes, 'moof', 'traf', 'trun');
  if (!prft || !tfdt || !trun)
    throw new Error(`Neither an init segment nor a fragment: ${boxes.map((b) => b.type)}`);
  const [sample] = readTrun(trun).samples;
  return {
    kind: 'fragment',
    bytes,
    atMs,
    arrivedWallUs,
    dtsTicks: readTfdt(tfdt).baseMediaDecodeTime,
    isSync: ((sample?.flags ?? 0) & NON_SYNC) === 0,
    capturedWallUs: readPrft(prft).wallUs,
  };
}

/** A program that reads the video socket, as any user's would. */
export class VideoClient implements Disposable {
  readonly socket: WebSocket;
  readonly messages: VideoMessage[] = [];
  readonly texts: unknown[] = [];
  readonly #waiting = new Set<() => void>();
  #closed: { code: number; reason: string } | undefined;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url, { perMessageDeflate: true, headers });
    this.socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.messages.push(takeApart(data));
      else this.texts.push(JSON.parse(data.toString()));
      this.#wake();
    });
    this.socket.on('close', (code, reason) => {
      this.#closed = { code, reason: reason.toString() };
      this.#wake();
    });
    this.socket.on('error', () => undefined); // 'close' follows
  }

  /** The HTTP status with which the handshake is refused. */
  static refusal(url: string, headers: Record<string, string> = {}): Promise<number> {
    const socket = new WebSocket(url, { headers });
    return new Promise((resolve, reject) => {
      socket.on('error', () => undefined);
      socket.on('open', () => {
        socket.terminate();
        reject(new Error('The socket opened.'));
      });
      socket.on('unexpected-response', (_request, response) => {
        response.resume();
        socket.terminate();
        resolve(response.statusCode ?? 0);
      });
    });
  }

  get fragments(): VideoFragment[] {
    return this.messages.filter((message): message is VideoFragment => message.kind === 'fragment');
  }

  get inits(): Buffer[] {
    return this.messages.flatMap((message) => (message.kind === 'init' ? [message.bytes] : []));
  }

  get closed(): { code: number; reason: string } | undefined {
    return this.#closed;
  }

  /** Every byte received, in order: a file that players can open. */
  get file(): Buffer {
    return Buffer.concat(this.messages.map((message) => message.bytes));
  }

  /** Waits until a condition on this client holds; a closed socket cannot bring it about any more. */
  until(holds: (client: VideoClient) => boolean, what: string, limitMs = 20_000 * PATIENCE): Promise<this> {
    return new Promise((resolve, reject) => {
      const fail = (when: string): void => {
        const seen = `${this.messages.length} messages, closed: ${JSON.stringify(this.#closed)}`;
        end(() => reject(new Error(`${what} did not happen ${when}; ${seen}`)));
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

  /** Waits for so many more fragments from now. */
  more(count: number): Promise<this> {
    const target = this.fragments.length + count;
    return this.until((client) => client.fragments.length >= target, `${count} more fragments`);
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}
