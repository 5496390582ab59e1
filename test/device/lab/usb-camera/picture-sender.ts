/** Where the bytes of a transfer go. */
export type Complete = (seqnum: number, bytes: Buffer) => void;

/** Payload header, UVC 1.1 §2.4.3.3: its length, then flags, of which the lowest changes with each picture. */
const payloadHeader = (count: number): Buffer => Buffer.of(2, 0x82 | (count & 1));

/**
 * The streaming end of the camera: puts pictures at their rate into the transfers that the driver keeps open for
 * them. One payload is one picture.
 */
export class PictureSender {
  readonly #complete: Complete;
  #pictures: readonly Buffer[] = [];
  #intervalMs = 0;
  #isHung = false;
  /** Transfers that wait for pictures, oldest first. */
  #open: { readonly seqnum: number; readonly length: number }[] = [];
  /** What is left to send of a picture. */
  #sending: Buffer | undefined;
  #sent = 0;
  #dueMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(complete: Complete) {
    this.#complete = complete;
  }

  /** Begins to send these pictures, over and over. */
  start(pictures: readonly Buffer[], intervalMs: number): void {
    this.stop();
    this.#pictures = pictures;
    this.#intervalMs = intervalMs;
    this.#dueMs = 0;
    this.#pump();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#pictures = [];
    this.#sending = undefined;
  }

  hang(isHung: boolean): void {
    this.#isHung = isHung;
    this.#pump();
  }

  /** Takes a transfer that the driver opens. */
  offer(seqnum: number, length: number): void {
    this.#open.push({ seqnum, length });
    this.#pump();
  }

  /** Forgets a transfer. @returns whether it was still open. */
  withdraw(seqnum: number): boolean {
    const before = this.#open.length;
    this.#open = this.#open.filter((transfer) => transfer.seqnum !== seqnum);
    return this.#open.length < before;
  }

  #pump(): void {
    clearTimeout(this.#timer);
    while (!this.#isHung) {
      const [transfer] = this.#open;
      if (transfer === undefined) return;
      const picture = this.#sending ?? this.#nextPicture();
      if (picture === undefined) return;
      this.#open.shift();
      this.#complete(transfer.seqnum, picture.subarray(0, transfer.length));
      // A short transfer ends a picture, so one of the full length is followed by an empty one.
      this.#sending = picture.length < transfer.length ? undefined : picture.subarray(transfer.length);
    }
  }

  /** The next picture with its header, or undefined while none is due. */
  #nextPicture(): Buffer | undefined {
    const picture = this.#pictures[this.#sent % this.#pictures.length];
    if (picture === undefined) return undefined;
    const nowMs = performance.now();
    if (nowMs < this.#dueMs) {
      this.#timer = setTimeout(() => this.#pump(), this.#dueMs - nowMs);
      return undefined;
    }
    this.#dueMs = Math.max(this.#dueMs + this.#intervalMs, nowMs);
    this.#sent += 1;
    return Buffer.concat([payloadHeader(this.#sent), picture]);
  }
}
