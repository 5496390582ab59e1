import { nutInvalid } from '../errors.ts';

/** Longest varint accepted: 8 groups of 7 bits, more than a safe integer needs. */
const MAX_VARINT_BYTES = 8;

/**
 * Reads NUT's basic types from a range of bytes. Reading past the end gives zeros and sets `isShort`, so that a
 * caller reads a whole structure first and asks once whether it was all there.
 */
export class Cursor {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;
  isShort = false;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  byte(): number {
    const value = this.at < this.end ? this.bytes[this.at] : undefined;
    if (value === undefined) {
      this.isShort = true;
      return 0;
    }
    this.at += 1;
    return value;
  }

  /**
   * NUT type `v`: 7-bit groups, most significant first.
   * @param limit largest value that makes sense here.
   * @throws AppError FORMAT_NUT_INVALID for a larger value; `name` says which field it was.
   */
  varint(name: string, limit = Number.MAX_SAFE_INTEGER): number {
    let value = 0;
    for (let count = 0; count < MAX_VARINT_BYTES; count++) {
      const byte = this.byte();
      value = value * 128 + (byte & 127);
      if (byte < 128) {
        if (value > limit) throw nutInvalid(`${name} is ${value}, at most ${limit} is expected`);
        return value;
      }
    }
    throw nutInvalid(`${name} does not end within ${MAX_VARINT_BYTES} bytes`);
  }

  /** NUT type `s`: a signed integer folded into `v`. */
  signedVarint(name: string): number {
    const folded = this.varint(name) + 1;
    return folded % 2 === 1 ? -Math.floor(folded / 2) : folded / 2;
  }

  /** A copy of the next bytes. */
  take(length: number): Uint8Array {
    const start = this.at;
    if (start + length > this.end) this.isShort = true;
    this.at = Math.min(start + length, this.end);
    return this.bytes.slice(start, this.at);
  }
}
