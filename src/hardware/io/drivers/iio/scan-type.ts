/** How a sample lies in the buffer. */
export interface ScanType {
  readonly isBigEndian: boolean;
  readonly isSigned: boolean;
  /** Valid bits, 1 to 64. */
  readonly bits: number;
  readonly storageBytes: 1 | 2 | 4 | 8;
  /** To be shifted right by so many bits before the rest is cut off. */
  readonly shift: number;
}

/**
 * Parses `[be|le]:[s|u]bits/storagebits[>>shift]`.
 * @returns undefined for anything else, repeated elements (quaternions) among it.
 * @see Linux Documentation/ABI/testing/sysfs-bus-iio, in_voltageY_type
 */
export function parseScanType(text: string): ScanType | undefined {
  const [, endian, sign, bitsText, storageText, shiftText = '0'] =
    /^(be|le):([su])(\d{1,2})\/(\d{1,2})(?:>>(\d{1,2}))?$/.exec(text) ?? [];
  const bits = Number(bitsText);
  const shift = Number(shiftText);
  const storageBytes = Number(storageText) / 8;
  if (storageBytes !== 1 && storageBytes !== 2 && storageBytes !== 4 && storageBytes !== 8) return undefined;
  if (bits < 1 || bits + shift > storageBytes * 8) return undefined;
  return { isBigEndian: endian === 'be', isSigned: sign === 's', bits, storageBytes, shift };
}

/** Least and greatest raw value. */
export function rawRange({ isSigned, bits }: ScanType): readonly [number, number] {
  return isSigned ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
}

/** The raw value of a sample. */
export function decodeSample(record: DataView, offset: number, type: ScanType): bigint {
  const stored = storedBits(record, offset, type) >> BigInt(type.shift);
  return type.isSigned ? BigInt.asIntN(type.bits, stored) : BigInt.asUintN(type.bits, stored);
}

function storedBits(record: DataView, offset: number, { storageBytes, isBigEndian }: ScanType): bigint {
  switch (storageBytes) {
    case 1:
      return BigInt(record.getUint8(offset));
    case 2:
      return BigInt(record.getUint16(offset, !isBigEndian));
    case 4:
      return BigInt(record.getUint32(offset, !isBigEndian));
    case 8:
      return record.getBigUint64(offset, !isBigEndian);
  }
}

/**
 * Where the samples of one record lie: each at a multiple of its own size, the whole a multiple of the largest.
 * @param types in the order of their index.
 */
export function layOut(types: readonly ScanType[]): {
  readonly offsets: readonly number[];
  readonly bytes: number;
} {
  const align = (at: number, size: number) => Math.ceil(at / size) * size;
  let end = 0;
  const offsets = types.map(({ storageBytes }) => {
    const offset = align(end, storageBytes);
    end = offset + storageBytes;
    return offset;
  });
  return { offsets, bytes: align(end, Math.max(1, ...types.map(({ storageBytes }) => storageBytes))) };
}
