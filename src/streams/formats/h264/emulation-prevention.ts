const EMULATION_PREVENTION_BYTE = 0x03;

/**
 * Takes the emulation prevention bytes out of a NAL unit, so that its fields can be read.
 * @returns the same bytes when there are none.
 * @see ITU-T H.264 §7.3.1
 */
export function removeEmulationPrevention(nalUnit: Uint8Array): Uint8Array {
  const out = new Uint8Array(nalUnit.length);
  let size = 0;
  let zeros = 0;
  for (const byte of nalUnit) {
    if (zeros >= 2 && byte === EMULATION_PREVENTION_BYTE) {
      zeros = 0;
      continue;
    }
    out[size++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return size === nalUnit.length ? nalUnit : out.subarray(0, size);
}

/**
 * Puts emulation prevention bytes in, so that no start code appears inside the NAL unit.
 * @param raw NAL unit header and RBSP up to its stop bit; the last byte is not zero.
 * @see ITU-T H.264 §7.4.1
 */
export function insertEmulationPrevention(raw: Uint8Array): Uint8Array {
  const out = new Uint8Array(raw.length + (raw.length >> 1));
  let size = 0;
  let zeros = 0;
  for (const byte of raw) {
    if (zeros === 2 && byte <= EMULATION_PREVENTION_BYTE) {
      out[size++] = EMULATION_PREVENTION_BYTE;
      zeros = 0;
    }
    out[size++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return out.subarray(0, size);
}
