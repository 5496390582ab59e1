/** An exception code of a slave. @see Modbus application protocol V1.1b3 §7 */
export interface Exception {
  readonly code: number;
  readonly name: string;
  /** Whether it says that the slave does not work now, rather than that it refuses this request. */
  readonly isSilence: boolean;
}

export const ILLEGAL_FUNCTION = 1;

const NAMES: Readonly<Record<number, string>> = {
  [ILLEGAL_FUNCTION]: 'illegal function',
  2: 'illegal data address',
  3: 'illegal data value',
  4: 'server device failure',
  5: 'acknowledge',
  6: 'server device busy',
  8: 'memory parity error',
  10: 'gateway path unavailable',
  11: 'gateway target device failed to respond',
};
/** Codes after which a slave is tried again later. */
const SILENCE = [5, 6, 10, 11];

/** @param error what modbus-serial rejected with. @returns undefined when it is no exception of a slave. */
export function exceptionOf(error: unknown): Exception | undefined {
  if (!(error instanceof Error && 'modbusCode' in error && typeof error.modbusCode === 'number'))
    return undefined;
  const code = error.modbusCode;
  return { code, name: NAMES[code] ?? 'unknown exception', isSilence: SILENCE.includes(code) };
}
