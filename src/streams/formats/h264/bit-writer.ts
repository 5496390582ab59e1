import type { BitReader } from './bit-reader.ts';

/** Writes the fields of an RBSP, the counterpart of `BitReader`. For parameter sets: simple before fast. */
export class BitWriter {
  readonly #bytes: number[] = [];
  #position = 0;

  flag(value: boolean): void {
    this.bits(value ? 1 : 0, 1);
  }

  /** u(n): the low `count` bits of `value`, at most 32. */
  bits(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit -= 1) this.#bit(Math.floor(value / 2 ** bit) % 2);
  }

  /** ue(v): a number from 0 to 2^32 - 2. */
  unsigned(value: number): void {
    const length = 31 - Math.clz32(value + 1);
    this.bits(0, length);
    this.bits(value + 1, length + 1);
  }

  /** se(v): a number from -(2^31 - 1) to 2^31 - 1. */
  signed(value: number): void {
    this.unsigned(value > 0 ? 2 * value - 1 : -2 * value);
  }

  /** Takes over the next `count` bits as they are. */
  copy(from: BitReader, count: number): void {
    for (let bit = 0; bit < count; bit += 1) this.flag(from.flag('copied bits'));
  }

  /** Ends with rbsp_trailing_bits (ITU-T H.264 §7.3.2.11): a stop bit, then zeros up to the byte. */
  finish(): Uint8Array {
    this.bits(1, 1);
    return Uint8Array.from(this.#bytes);
  }

  #bit(bit: number): void {
    const index = this.#position >> 3;
    this.#bytes[index] = (this.#bytes[index] ?? 0) | (bit << (7 - (this.#position & 7)));
    this.#position += 1;
  }
}
