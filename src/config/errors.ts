import { AppError } from '../core/app-error.ts';

/** CONFIG_UNREADABLE: the file named on the command line is absent, or the file may not be read. */
export function configUnreadable(file: string, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AppError('CONFIG_UNREADABLE', 'invalid', `${file} cannot be read: ${reason}`, { cause });
}

/** CONFIG_TOO_LARGE: more bytes than any sensible configuration has. */
export function configTooLarge(file: string, limitBytes: number): AppError {
  return new AppError(
    'CONFIG_TOO_LARGE',
    'invalid',
    `${file} has more than the ${limitBytes} bytes that a configuration may have.`,
  );
}

/** CONFIG_SYNTAX: not YAML, or YAML that cannot be a configuration. One line per problem. */
export function configSyntax(problems: readonly string[]): AppError {
  return new AppError('CONFIG_SYNTAX', 'invalid', problems.join('\n'));
}

/** CONFIG_INVALID: keys that do not exist or values that are not allowed. One line per problem. */
export function configInvalid(problems: readonly string[]): AppError {
  return new AppError('CONFIG_INVALID', 'invalid', problems.join('\n'));
}
