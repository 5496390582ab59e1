import type { WebSocket } from 'ws';
import type { AppError } from '../../../core/app-error.ts';
import type { Clock } from '../../../core/clock.ts';
import type { AccessUnit, Track } from '../../../media/coded.ts';
import type { Reader } from '../../reader.ts';
import type { Stream } from '../../stream.ts';
import type { Fmp4Packager } from '../fmp4/index.ts';
import { parseClientMessage } from './client-message.ts';
import { Heartbeat } from './heartbeat.ts';

/** Close codes of the video socket, see openapi/websocket.md. */
export const CLOSE_GOING_AWAY = 1001;
export const CLOSE_STREAM_FAILED = 4503;

/** While more than this waits in the socket, units stay in the reader's queue, where they can be dropped. */
const HIGH_WATER_BYTES = 256 * 1024;
/** RFC 6455 §5.5: a control frame carries at most 125 bytes, two of them the code. */
const MAX_REASON_BYTES = 123;

export interface VideoSocketOptions {
  readonly stream: Stream;
  readonly packager: Fmp4Packager;
  readonly clock: Clock;
}

/**
 * Sends a stream through a WebSocket: the init segment alone, then one fragment per message; a new init segment
 * whenever the epoch changes. Owns its reader until the socket closes.
 */
export class VideoSocket {
  readonly #socket: WebSocket;
  readonly #options: VideoSocketOptions;
  readonly #reader: Reader;
  readonly #heartbeat: Heartbeat;
  #track: Track | undefined;

  /** @throws AppError STREAM_TOO_MANY_READERS */
  constructor(socket: WebSocket, options: VideoSocketOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('close', () => this.#end());
    socket.on('error', () => socket.terminate());
    socket.on('message', (data, isBinary) => {
      if (!isBinary && Buffer.isBuffer(data)) this.#answer(data);
    });
    this.#heartbeat = new Heartbeat(socket, options.clock);
    this.#reader = options.stream.join('websocket', {
      onReadable: () => this.#pump(),
      onClosed: (reason) => closeSocket(socket, reason),
    });
    this.#pump();
    // Nothing was cached: a player prepares its decoder meanwhile.
    const [track] = options.stream.tracks;
    if (this.#track === undefined && track !== undefined) this.#sendInit(track);
  }

  readonly #pump = (): void => {
    const { OPEN } = this.#socket;
    while (this.#socket.readyState === OPEN && this.#socket.bufferedAmount < HIGH_WATER_BYTES) {
      const unit = this.#reader.take();
      if (unit === undefined) return;
      this.#sendUnit(unit);
    }
  };

  #sendUnit(unit: AccessUnit): void {
    if (unit.track !== this.#track) this.#sendInit(unit.track);
    this.#send(this.#options.packager.fragment(unit));
  }

  #sendInit(track: Track): void {
    this.#track = track;
    this.#send(this.#options.packager.init(track));
  }

  /** Everything goes through here: whatever was last in the socket's way, its departure lets the next units go. */
  #send(message: Uint8Array | string): void {
    this.#socket.send(message, this.#onSent);
  }

  readonly #onSent = (error?: Error | null): void => {
    if (error) return; // 'close' follows
    this.#heartbeat.confirm();
    this.#pump();
  };

  #answer(data: Buffer): void {
    if (this.#socket.bufferedAmount > HIGH_WATER_BYTES) return;
    const message = parseClientMessage(data);
    if (message === undefined) return;
    const { clock, stream } = this.#options;
    const nowUs = clock.monotonicUs();
    if (message.type === 'ping') {
      this.#send(JSON.stringify({ ...message, type: 'pong', serverWallUs: clock.wallUsAt(nowUs) }));
      return;
    }
    const { readers, ...figures } = stream.stats();
    const reader = this.#reader.stats(nowUs);
    this.#send(JSON.stringify({ ...message, reader, stream: { ...figures, readers: readers.length } }));
  }

  #end(): void {
    this.#heartbeat[Symbol.dispose]();
    this.#options.stream.leave(this.#reader);
  }
}

/** Ends a video socket; with a reason when its stream could not start or has no room. */
export function closeSocket(socket: WebSocket, reason: AppError | undefined): void {
  if (reason === undefined) socket.close(CLOSE_GOING_AWAY, 'The stream was closed.');
  else socket.close(CLOSE_STREAM_FAILED, truncate(`${reason.code}: ${reason.message}`, MAX_REASON_BYTES));
}

/** The longest beginning of a text that fits into so many bytes of UTF-8. */
function truncate(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1; // not inside a character
  return bytes.toString('utf8', 0, end);
}
