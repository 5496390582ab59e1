import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { AccessUnit, H264Config, Track } from '../../src/media/coded.ts';
import { accessUnitFromAnnexB, codecConfig } from '../../src/streams/formats/h264/index.ts';
import { fragment, initSegment } from '../../src/streams/formats/isobmff/index.ts';
import { encodeX264, X264_PICTURE_TICKS, type X264Request } from './x264.ts';

const TIMESCALE = 90_000;
const PICTURES_PER_SECOND = TIMESCALE / X264_PICTURE_TICKS;
/** A stream that others have watched for a while. */
const FIRST_PTS_TICKS = 1_234_567;

/** Real x264 pictures that are played in a loop. */
export interface Recording {
  readonly config: H264Config;
  readonly pictures: readonly { readonly data: Uint8Array; readonly isSync: boolean }[];
}

/** Encodes two seconds with a sync sample each second. */
export function record(request: Pick<X264Request, 'width' | 'height' | 'profile' | 'filter'>): Recording {
  const parameters = `keyint=${PICTURES_PER_SECOND}:min-keyint=${PICTURES_PER_SECOND}`;
  const units = encodeX264({ ...request, bPictures: 0, pictures: 2 * PICTURES_PER_SECOND, parameters });
  const pictures = units.map(({ annexB }) => accessUnitFromAnnexB(annexB));
  const [first] = pictures;
  return { config: codecConfig(first?.sps ?? [], first?.pps ?? []), pictures };
}

/**
 * A service's video WebSocket and whatever pages a test needs, on a free port of this machine. It plays a recording
 * in real time to everybody, from a group-of-pictures cache for those who join late.
 */
export class StreamServer implements AsyncDisposable {
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  readonly #resultSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  #recording: Recording;
  #track: Track;
  #unitsOfEpoch = 0;
  #sequence = 0;
  #ptsTicks = FIRST_PTS_TICKS;
  #group: Uint8Array[] = [];
  #nextAtMs = performance.now();
  #timer: NodeJS.Timeout | undefined;
  /** Every path that a socket was opened for, in order. */
  readonly connections: string[] = [];
  /** When set, every new socket is closed with it, as a service does whose stream cannot start. */
  refusal: { readonly code: number; readonly reason: string } | undefined;
  /** Called with every picture that is sent: its place in the recording and its time on the stream. */
  onPicture: ((index: number, ptsTicks: number) => void) | undefined;
  /** Whether a socket for inference results is accepted; without, its handshake is refused. */
  hasModel = false;

  private constructor(recording: Recording, page: PageHandler) {
    this.#recording = recording;
    this.#track = { id: 1, timescale: TIMESCALE, epoch: 1, config: recording.config };
    this.#http = createServer(page);
    this.#http.on('upgrade', (request: IncomingMessage, socket, head) => {
      if (request.url?.endsWith('/nn')) {
        if (this.hasModel) this.#resultSockets.handleUpgrade(request, socket, head, () => undefined);
        else socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (client) => this.#join(client, request.url ?? ''));
    });
    this.#tick();
  }

  static async start(recording: Recording, page: PageHandler): Promise<StreamServer> {
    const server = new StreamServer(recording, page);
    server.#http.listen(0, '127.0.0.1');
    await once(server.#http, 'listening');
    return server;
  }

  /** `http://127.0.0.1:PORT` */
  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`; // an address: it listens on TCP
  }

  get openSockets(): number {
    return this.#sockets.clients.size;
  }

  get openResultSockets(): number {
    return this.#resultSockets.clients.size;
  }

  /** Sends inference results to everybody. */
  sendResult(text: string): void {
    for (const client of this.#resultSockets.clients) client.send(text);
  }

  /** Cuts the connections for results, as when a model is removed. */
  cutResults(): void {
    for (const client of this.#resultSockets.clients) client.terminate();
  }

  /** Continues with other pictures: a new epoch for those who watch. */
  switchTo(recording: Recording): void {
    this.#recording = recording;
    this.#track = { ...this.#track, epoch: this.#track.epoch + 1, config: recording.config };
    this.#unitsOfEpoch = 0;
    this.send(initSegment([this.#track]));
  }

  /** Lets the stream's clock run on without pictures. */
  skip(seconds: number): void {
    this.#ptsTicks += seconds * TIMESCALE;
  }

  /** Stops and continues the pictures; the sockets stay open. */
  set isPaused(isPaused: boolean) {
    clearTimeout(this.#timer);
    if (isPaused) return;
    this.#nextAtMs = performance.now();
    this.#tick();
  }

  /** Sends the same bytes to everybody. */
  send(bytes: Uint8Array): void {
    for (const client of this.#sockets.clients) client.send(bytes);
  }

  /** Sends a fragment whose boxes are right and whose NAL units are not. */
  sendGarbledPicture(): void {
    this.send(this.#fragment(Buffer.alloc(2_000, 0xff), true));
  }

  /** Cuts every connection without a word. */
  cut(): void {
    for (const client of this.#sockets.clients) client.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.cut();
    this.cutResults();
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, 'close');
  }

  #join(client: WebSocket, path: string): void {
    this.connections.push(path);
    if (this.refusal !== undefined) {
      client.close(this.refusal.code, this.refusal.reason);
      return;
    }
    client.send(initSegment([this.#track]));
    for (const bytes of this.#group) client.send(bytes);
    client.on('message', (data) => {
      const message: { type?: unknown } = JSON.parse(String(data)); // the player's own JSON
      if (message.type === 'ping') {
        client.send(JSON.stringify({ ...message, type: 'pong', serverWallUs: wallUs() }));
      }
    });
  }

  #tick(): void {
    const { pictures } = this.#recording;
    const picture = pictures[this.#unitsOfEpoch % pictures.length];
    if (picture === undefined) throw new Error('the recording is empty');
    this.onPicture?.(this.#unitsOfEpoch % pictures.length, this.#ptsTicks);
    const bytes = this.#fragment(picture.data, picture.isSync);
    if (picture.isSync) this.#group = [];
    this.#group.push(bytes);
    this.send(bytes);
    this.#unitsOfEpoch += 1;
    this.#nextAtMs += 1000 / PICTURES_PER_SECOND;
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, this.#nextAtMs - performance.now()));
  }

  #fragment(data: Uint8Array, isSync: boolean): Uint8Array {
    const unit: AccessUnit = {
      track: this.#track,
      data,
      ptsTicks: this.#ptsTicks,
      dtsTicks: this.#ptsTicks,
      durationTicks: X264_PICTURE_TICKS,
      isSync,
      sequence: this.#sequence,
      capturedUs: 0,
      capturedWallUs: wallUs(),
    };
    this.#sequence += 1;
    this.#ptsTicks += X264_PICTURE_TICKS;
    return fragment(unit);
  }
}

/** Answers the requests of a test's pages. */
export type PageHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** Unix time with the precision of the monotonic clock. */
function wallUs(): number {
  return (performance.timeOrigin + performance.now()) * 1000;
}
