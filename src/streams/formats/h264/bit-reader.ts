import { h264Invalid } from '../errors.ts';

/**
 * Reads the fields of an RBSP: most significant bit first, Exp-Golomb codes as ITU-T H.264 §9.1 has them.
 * Never reads past the end. Every method throws AppError FORMAT_H264_INVALID; `name` says which field it was.
 */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bits read so far. */
  get position(): number {
    return this.#position;
  }

  flag(name: string): boolean {
    return this.#bit(name) === 1;
  }

  /** u(n): an unsigned number of at most 32 bits. */
  bits(count: number, name: string): number {
    let value = 0;
    for (let bit = 0; bit < count; bit += 1) value = value * 2 + this.#bit(name);
    return value;
  }

  /** ue(v): an unsigned Exp-Golomb code, at most `limit`. */
  unsigned(name: string, limit: number): number {
    const value = this.#expGolomb(name);
    if (value > limit) throw h264Invalid(`${name} is ${value}, at most ${limit} is expected`);
    return value;
  }

  /** se(v): a signed Exp-Golomb code, at most `limit` away from zero. */
  signed(name: string, limit: number): number {
    const code = this.#expGolomb(name);
    const value = code % 2 === 0 ? 0 - code / 2 : (code + 1) / 2;
    if (Math.abs(value) > limit) throw h264Invalid(`${name} is ${value}, within ±${limit} is expected`);
    return value;
  }

  #expGolomb(name: string): number {
    let leadingZeros = 0;
    while (this.#bit(name) === 0) {
      leadingZeros += 1;
      if (leadingZeros > 32) throw h264Invalid(`${name} has more than 32 bits`);
    }
    return 2 ** leadingZeros - 1 + this.bits(leadingZeros, name);
  }

  #bit(name: string): number {
    const byte = this.#bytes[this.#position >> 3];
    if (byte === undefined) throw h264Invalid(`the data ends within ${name}`);
    const bit = (byte >> (7 - (this.#position & 7))) & 1;
    this.#position += 1;
    return bit;
  }
}
