import { ioctl, writeSome } from '../../../core/libc.ts';
import type { PictureFormat } from '../../../media/picture.ts';
import { nutFramePrefix, nutHeader } from '../../../streams/formats/nut/index.ts';
import { FEED_COUNTERS } from './capture-messages.ts';
import type { HeldPicture } from './held-picture.ts';

/** ioctl that tells how many bytes of a pipe are unread (asm-generic/ioctls.h). */
const FIONREAD = 0x541b;

/**
 * Writes pictures into one pipe as a NUT stream, straight from the producer's memory and without ever waiting.
 * What the pipe does not take at once follows with `resume`, when poll says that there is room.
 *
 * A picture begins only when its predecessor has left the pipe: a pipe holds a megabyte, which would otherwise be
 * a queue of a dozen compressed pictures. So at most one picture waits for the reader, and it is never cut short.
 */
export class FeedWriter {
  readonly id: number;
  /** Write end of the pipe, borrowed. */
  readonly fd: number;
  readonly #counters: Float64Array;
  readonly #unreadBytes = Buffer.alloc(4);
  /** What is still to be written of the header or of the picture begun. */
  #rest: Uint8Array[];
  #held: HeldPicture | undefined;
  #isPictureBegun = false;
  #hasReader = true;

  /**
   * Writes the header of the stream.
   * @param fd write end of a pipe, non-blocking; not closed here.
   * @param counters see `FEED_COUNTERS`.
   */
  constructor(id: number, fd: number, format: PictureFormat, counters: SharedArrayBuffer) {
    this.id = id;
    this.fd = fd;
    this.#counters = new Float64Array(counters);
    this.#rest = [nutHeader(format)];
    this.resume();
  }

  /** False once the reading end is closed (EPIPE) or the descriptor does not work: the feed is over. */
  get hasReader(): boolean {
    return this.#hasReader;
  }

  /** True while something is half written. */
  get isWriting(): boolean {
    return this.#rest.length > 0;
  }

  /** Begins this picture, or skips it when the reader still has to fetch an earlier one. */
  offer(held: HeldPicture): void {
    try {
      if (this.isWriting || !this.#isPipeFree()) {
        this.#count('skipped');
        return;
      }
    } catch {
      this.abandon();
      return;
    }
    const { data, capturedUs } = held.picture;
    this.#held = held.retain();
    this.#isPictureBegun = true;
    this.#rest = [nutFramePrefix(capturedUs, data.byteLength), data];
    this.resume();
  }

  /** Writes on as far as the pipe takes it. */
  resume(): void {
    try {
      if (!this.#flush()) return;
    } catch {
      // Whatever fails here is the end of this feed, never of the source.
      this.abandon();
      return;
    }
    if (!this.#isPictureBegun) return;
    this.#isPictureBegun = false;
    this.#letGo();
    this.#count('written');
  }

  /** Copies what is left of a half-written picture, so that the producer gets its memory back. */
  detach(): void {
    if (this.#held === undefined) return;
    this.#rest = this.#rest.map((part) => new Uint8Array(part));
    this.#letGo();
  }

  /** Ends the feed; what is half written stays so. */
  abandon(): void {
    this.#hasReader = false;
    this.#rest = [];
    this.#letGo();
  }

  /** @returns true when everything is written. */
  #flush(): boolean {
    for (let next = this.#rest[0]; next !== undefined; next = this.#rest[0]) {
      const taken = writeSome(this.fd, next);
      if (taken < next.byteLength) {
        this.#rest[0] = next.subarray(taken);
        return false;
      }
      this.#rest.shift();
    }
    return true;
  }

  /** The first picture may wait behind the header: it is there when the reader has started. */
  #isPipeFree(): boolean {
    if (this.#counters[FEED_COUNTERS.written] === 0) return true;
    ioctl(this.fd, FIONREAD, this.#unreadBytes, 'ioctl FIONREAD');
    return this.#unreadBytes.readInt32LE(0) === 0;
  }

  #letGo(): void {
    this.#held?.release();
    this.#held = undefined;
  }

  #count(what: keyof typeof FEED_COUNTERS): void {
    const place = FEED_COUNTERS[what];
    this.#counters[place] = (this.#counters[place] ?? 0) + 1;
  }
}
