import { AppError } from '../../src/core/app-error.ts';

/**
 * Runs a parser over hostile bytes.
 * @returns true when it gave a value, or refused them with the error it is documented to throw.
 */
export function parsesOrRefuses(code: string, parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === code && error.kind === 'invalid') return true;
    throw error;
  }
}
