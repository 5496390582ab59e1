/*
 * Writing of boxes (ISO/IEC 14496-12 §4.2). Fields and boxes are byte strings that are put one after another,
 * so a box is written in the order and with the names of the standard's syntax tables.
 */

export function u8(value: number): Uint8Array {
  return Uint8Array.of(value);
}

export function u16(value: number): Uint8Array {
  const field = Buffer.alloc(2);
  field.writeUInt16BE(value);
  return field;
}

export function u32(value: number): Uint8Array {
  const field = Buffer.alloc(4);
  field.writeUInt32BE(value);
  return field;
}

/** 16.16 fixed point, as large as it gets. */
export function fixed32(value: number): Uint8Array {
  return u32(Math.min(Math.round(value * 0x10000), 0xffffffff));
}

/** One byte per character, without length or end. */
export function text(value: string): Uint8Array {
  return Buffer.from(value, 'latin1');
}

export function zeros(count: number): Uint8Array {
  return new Uint8Array(count);
}

/** `size` and `type`, then the parts. */
export function box(fourcc: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 8);
  return Buffer.concat([u32(size), text(fourcc), ...parts], size);
}

/** A box that begins with `version` and 24 bits of `flags`. */
export function fullBox(
  fourcc: string,
  version: number,
  flags: number,
  ...parts: readonly Uint8Array[]
): Uint8Array {
  return box(fourcc, u32(version * 0x1000000 + flags), ...parts);
}
