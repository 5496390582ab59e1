import type { HeldPicture } from './held-picture.ts';

/**
 * Hands pictures to the owner's thread, at most one at a time: the next goes when the owner has handled the last.
 * The newest of those that arrive meanwhile waits; the others are dropped.
 */
export class PictureWatch {
  readonly #send: (held: HeldPicture) => void;
  #isEnabled = false;
  #isOnItsWay = false;
  #waiting: HeldPicture | undefined;

  /** @param send copies the picture out; it does not keep it. */
  constructor(send: (held: HeldPicture) => void) {
    this.#send = send;
  }

  enable(enabled: boolean): void {
    this.#isEnabled = enabled;
    if (!enabled) this.drop();
  }

  offer(held: HeldPicture): void {
    if (!this.#isEnabled) return;
    if (this.#isOnItsWay) {
      this.drop();
      this.#waiting = held.retain();
      return;
    }
    this.#isOnItsWay = true;
    this.#send(held);
  }

  /** The owner is done with the last picture. */
  handled(): void {
    this.#isOnItsWay = false;
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    this.offer(waiting);
    waiting.release();
  }

  /** Forgets the waiting picture. */
  drop(): void {
    this.#waiting?.release();
    this.#waiting = undefined;
  }
}
