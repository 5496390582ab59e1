import type { PictureProducer, ProducedPicture } from './picture-producer.ts';

/**
 * A picture still in its producer's memory, shared by feeds and watch until the last of them lets go.
 * It is born with one holder, the loop that took it.
 */
export class HeldPicture {
  readonly picture: ProducedPicture;
  readonly #giveBack: () => void;
  #holders = 1;

  constructor(picture: ProducedPicture, giveBack: () => void) {
    this.picture = picture;
    this.#giveBack = giveBack;
  }

  /** Adds a holder, who must `release` once. */
  retain(): this {
    this.#holders += 1;
    return this;
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#giveBack();
  }
}

/** Takes pictures from a producer and knows how many are out. */
export class PictureHold {
  readonly #producer: PictureProducer;
  #out = 0;

  constructor(producer: PictureProducer) {
    this.#producer = producer;
  }

  /** True when the producer lends no further picture until one comes back. */
  get isFull(): boolean {
    return this.#out === 2;
  }

  /** As `PictureProducer.take`; the caller is the picture's first holder. */
  take(): HeldPicture | 'format-changed' | undefined {
    const taken = this.#producer.take();
    if (taken === undefined || taken === 'format-changed') return taken;
    this.#out += 1;
    return new HeldPicture(taken, () => {
      this.#out -= 1;
      this.#producer.release(taken);
    });
  }
}
