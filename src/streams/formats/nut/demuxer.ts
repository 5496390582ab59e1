import { nutInvalid } from '../errors.ts';
import { checksum } from './checksum.ts';
import { Cursor } from './cursor.ts';
import { applySyncpoint, type FrameHeader, readFrameHeader, type StreamState } from './frame-header.ts';
import { type MainHeader, readMainHeader, readStreamHeader, type StreamHeader } from './headers.ts';
import { FILE_ID, START_CODE_BYTE, START_CODES } from './start-codes.ts';

/** Above this size a packet's forward pointer has a checksum of its own. */
const CHECKED_POINTER_BYTES = 4096;
const MAX_HEADER_BYTES = 1 << 17;
const DEFAULT_MAX_PACKET_BYTES = 16 << 20;

/** One packet of a stream: a coded picture or a piece of sound. */
export interface NutPacket {
  readonly streamIndex: number;
  /** In ticks of the stream's time base. */
  readonly pts: number;
  readonly isKey: boolean;
  /** May be a view of the chunk it came in: who keeps it long copies it. */
  readonly data: Uint8Array;
}

export interface NutListener {
  /** A stream's header: once, before its first packet. */
  onStream(stream: StreamHeader): void;
  onPacket(packet: NutPacket): void;
}

/** What is wanted next: a whole structure of bytes, the rest of a picture, or bytes nobody needs. */
type Expectation =
  | { readonly kind: 'file-id' }
  | { readonly kind: 'item' }
  | { readonly kind: 'payload'; readonly frame: FrameHeader; readonly into: Uint8Array; filled: number }
  | { readonly kind: 'skip'; bytes: number };

/**
 * Reads NUT as ffmpeg writes it to a pipe, in whatever pieces it arrives: a packet is handed on the moment its
 * last byte is there, and without a copy when it lay in one piece. Headers and frame headers are checked, info
 * packets and the index are skipped, repeated headers are ignored. Memory is bounded by one packet.
 *
 * After a throw the reader is of no further use.
 */
export class NutDemuxer {
  readonly #listener: NutListener;
  readonly #maxPacketBytes: number;
  #expectation: Expectation = { kind: 'file-id' };
  /** Start of a structure that ended with its chunk; `#carried` bytes of it are valid. */
  #carry = Buffer.alloc(256);
  #carried = 0;
  /** Bytes that the carried structure lacks at least. */
  #missing = 0;
  /** A frame whose header was just read and whose bytes come next. */
  #announced: FrameHeader | undefined;
  #main: MainHeader | undefined;
  readonly #streams: (StreamState | undefined)[] = [];

  /** @param options.maxPacketBytes largest packet accepted (16 MiB). */
  constructor(listener: NutListener, options: { readonly maxPacketBytes?: number } = {}) {
    this.#listener = listener;
    this.#maxPacketBytes = options.maxPacketBytes ?? DEFAULT_MAX_PACKET_BYTES;
  }

  /**
   * Takes the next bytes; the listener is called before it returns.
   * @throws AppError FORMAT_NUT_INVALID
   */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      const expectation = this.#expectation;
      switch (expectation.kind) {
        case 'file-id':
        case 'item':
          at = this.#readStructure(chunk, at, expectation.kind);
          break;
        case 'payload': {
          const taken = Math.min(chunk.length - at, expectation.into.length - expectation.filled);
          expectation.into.set(chunk.subarray(at, at + taken), expectation.filled);
          expectation.filled += taken;
          at += taken;
          if (expectation.filled === expectation.into.length) {
            this.#emit(expectation.frame, expectation.into);
          }
          break;
        }
        case 'skip': {
          const skipped = Math.min(chunk.length - at, expectation.bytes);
          expectation.bytes -= skipped;
          at += skipped;
          if (expectation.bytes === 0) this.#expectation = { kind: 'item' };
          break;
        }
        default:
          expectation satisfies never;
      }
    }
  }

  /**
   * Reads one structure from the chunk, or from what was carried over completed by the chunk's first bytes. The
   * carry only ever takes the bytes known to be missing, so that a structure found there uses it up exactly.
   * @returns where the chunk continues.
   */
  #readStructure(chunk: Uint8Array, at: number, kind: 'file-id' | 'item'): number {
    if (this.#carried === 0) {
      const cursor = new Cursor(chunk, at, chunk.length);
      this.#missing = this.#tryRead(cursor, kind);
      if (this.#missing === 0) return this.#beginPayload(chunk, cursor.at);
      return this.#keep(chunk, at, chunk.length);
    }
    const taken = Math.min(chunk.length - at, this.#missing);
    const next = this.#keep(chunk, at, at + taken);
    this.#missing -= taken;
    if (this.#missing > 0) return next;
    this.#missing = this.#tryRead(new Cursor(this.#carry, 0, this.#carried), kind);
    if (this.#missing > 0) return next;
    this.#carried = 0;
    return this.#beginPayload(chunk, next);
  }

  /** Appends to the carry, doubling it where needed. */
  #keep(chunk: Uint8Array, from: number, to: number): number {
    const needed = this.#carried + to - from;
    if (needed > this.#carry.length) {
      const larger = Buffer.alloc(Math.max(needed, this.#carry.length * 2));
      larger.set(this.#carry.subarray(0, this.#carried));
      this.#carry = larger;
    }
    this.#carry.set(chunk.subarray(from, to), this.#carried);
    this.#carried = needed;
    return to;
  }

  /** @returns how many more bytes are needed at least; 0 when the structure was read and `cursor` stands behind it. */
  #tryRead(cursor: Cursor, kind: 'file-id' | 'item'): number {
    if (kind === 'file-id') return this.#readFileId(cursor);
    return cursor.bytes[cursor.at] === START_CODE_BYTE ? this.#readPacket(cursor) : this.#readFrame(cursor);
  }

  #readFileId(cursor: Cursor): number {
    const missing = cursor.at + FILE_ID.length - cursor.end;
    if (missing > 0) return missing;
    if (Buffer.compare(cursor.take(FILE_ID.length), FILE_ID) !== 0) {
      throw nutInvalid('the stream does not begin with the NUT file id');
    }
    this.#expectation = { kind: 'item' };
    return 0;
  }

  #readPacket(cursor: Cursor): number {
    const start = cursor.at;
    if (start + 8 > cursor.end) return start + 8 - cursor.end;
    const { buffer, byteOffset } = cursor.bytes;
    const startCode = new DataView(buffer, byteOffset + start, 8).getBigUint64(0);
    cursor.at += 8;
    const size = cursor.varint('forward pointer');
    if (!cursor.isShort && size > CHECKED_POINTER_BYTES) {
      for (let rest = 4; rest > 0; rest--) cursor.byte();
      if (!cursor.isShort && checksum(cursor.bytes, start, cursor.at) !== 0) {
        throw nutInvalid('the checksum of a forward pointer is wrong');
      }
    }
    if (cursor.isShort) return 1;
    if (this.#isSkipped(startCode)) {
      this.#expectation = size > 0 ? { kind: 'skip', bytes: size } : { kind: 'item' };
      return 0;
    }
    if (size < 4 || size > MAX_HEADER_BYTES) throw nutInvalid(`a header of ${size} bytes`);
    const end = cursor.at + size;
    if (end > cursor.end) return end - cursor.end;
    if (checksum(cursor.bytes, cursor.at, end) !== 0) throw nutInvalid('the checksum of a header is wrong');
    this.#readContent(startCode, new Cursor(cursor.bytes, cursor.at, end - 4));
    cursor.at = end;
    return 0;
  }

  /** Info packets, the index, and headers that only repeat what is known. */
  #isSkipped(startCode: bigint): boolean {
    switch (startCode) {
      case START_CODES.info:
      case START_CODES.index:
        return true;
      case START_CODES.main:
        return this.#main !== undefined;
      case START_CODES.stream:
        return this.#main !== undefined && this.#streams.filter(Boolean).length === this.#main.streamCount;
      case START_CODES.syncpoint:
        return false;
      default:
        throw nutInvalid(`start code ${startCode.toString(16)} is unknown`);
    }
  }

  #readContent(startCode: bigint, cursor: Cursor): void {
    if (startCode === START_CODES.main) {
      this.#main = readMainHeader(cursor);
      return;
    }
    const main = this.#mainHeader();
    if (startCode === START_CODES.syncpoint) {
      applySyncpoint(cursor, { main, streams: this.#streams, maxPacketBytes: this.#maxPacketBytes });
      return;
    }
    const header = readStreamHeader(cursor, main);
    if (this.#streams[header.streamIndex] !== undefined) return;
    this.#streams[header.streamIndex] = { header, lastPts: 0 };
    this.#listener.onStream(header);
  }

  #mainHeader(): MainHeader {
    if (this.#main === undefined) throw nutInvalid('something stands before the main header');
    return this.#main;
  }

  #readFrame(cursor: Cursor): number {
    const frame = readFrameHeader(cursor, {
      main: this.#mainHeader(),
      streams: this.#streams,
      maxPacketBytes: this.#maxPacketBytes,
    });
    if (frame === undefined) return 1;
    frame.stream.lastPts = frame.pts;
    this.#announced = frame;
    return 0;
  }

  /**
   * Starts on the picture whose header was just read, if it was one.
   * @returns where the chunk continues.
   */
  #beginPayload(chunk: Uint8Array, at: number): number {
    const frame = this.#announced;
    if (frame === undefined) return at;
    this.#announced = undefined;
    const { elided, storedBytes } = frame;
    if (elided.length === 0 && chunk.length - at >= storedBytes) {
      this.#emit(frame, chunk.subarray(at, at + storedBytes));
      return at + storedBytes;
    }
    const into = Buffer.allocUnsafeSlow(elided.length + storedBytes);
    into.set(elided);
    if (storedBytes === 0) this.#emit(frame, into);
    else this.#expectation = { kind: 'payload', frame, into, filled: elided.length };
    return at;
  }

  #emit({ stream, pts, isKey }: FrameHeader, data: Uint8Array): void {
    this.#expectation = { kind: 'item' };
    this.#listener.onPacket({ streamIndex: stream.header.streamIndex, pts, isKey, data });
  }
}
