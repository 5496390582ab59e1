/** Which of a 32-bit value's two registers comes first. */
export type WordOrder = 'low-first' | 'high-first';

/** A 32-bit value in two registers. */
export interface WordFormat {
  readonly type: 'float32' | 'int32' | 'uint32';
  readonly words: WordOrder;
  /** Whether the bytes within a register are swapped; Modbus itself has the high byte first. */
  readonly isByteSwapped: boolean;
}

/** How Unipi's boards hold analog values. */
export const UNIPI_FLOAT32: WordFormat = { type: 'float32', words: 'low-first', isByteSwapped: false };

function place({ words, isByteSwapped }: WordFormat, [first, second]: readonly [number, number]) {
  const bytes = new DataView(new ArrayBuffer(4));
  const [high, low] = words === 'high-first' ? [first, second] : [second, first];
  bytes.setUint16(0, high, isByteSwapped);
  bytes.setUint16(2, low, isByteSwapped);
  return bytes;
}

/** @param registers as they follow each other in the map. */
export function decodeWords(format: WordFormat, registers: readonly [number, number]): number {
  const bytes = place(format, registers);
  switch (format.type) {
    case 'float32':
      return bytes.getFloat32(0);
    case 'int32':
      return bytes.getInt32(0);
    case 'uint32':
      return bytes.getUint32(0);
  }
}

/** @returns the registers of a value as they follow each other in the map. */
export function encodeFloat32(value: number, words: WordOrder): readonly [number, number] {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setFloat32(0, value);
  const [high, low] = [bytes.getUint16(0), bytes.getUint16(2)];
  return words === 'high-first' ? [high, low] : [low, high];
}
