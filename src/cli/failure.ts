import { AppError } from '../core/app-error.ts';

/** What a person reads when a command cannot do its work: the reason alone, unless it is our own mistake. */
export function failureText(error: unknown): string {
  if (!(error instanceof AppError) || error.kind === 'internal') {
    return `vidicon: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
  const lines = error.message.split('\n');
  if (lines.length === 1) return `vidicon: ${error.message} [${error.code}]`;
  return [`vidicon: the configuration has ${lines.length} problems [${error.code}]`, ...lines].join('\n');
}
