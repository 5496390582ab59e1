/** What a caller can do about an error; the only thing that decides the HTTP status. */
export const ERROR_KINDS = [
  'invalid',
  'too-large',
  'forbidden',
  'not-found',
  'conflict',
  'unavailable',
  'timeout',
  'not-implemented',
  'internal',
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

/**
 * The one error class of the service.
 *
 * `code` is `AREA_WHAT` and never changes once shipped; each area lists its codes in an `errors.ts`,
 * and docs/errors.md explains every one. `message` says what was seen and what was expected.
 */
export class AppError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;

  constructor(code: string, kind: ErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'AppError';
    this.code = code;
    this.kind = kind;
  }
}

/** Any thrown value as an AppError; what is not one already is our own bug (`INTERNAL_ERROR`). */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new AppError('INTERNAL_ERROR', 'internal', message, { cause: error });
}
