import type { FastifyBaseLogger } from 'fastify';
import { pino } from 'pino';
import { withoutPassword } from '../core/url-password.ts';

/** Where a log goes: standard output, or a test's list. */
export interface LogOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

interface Line {
  readonly time: string;
  readonly level: string;
  readonly msg?: string;
  readonly err?: { readonly message?: string; readonly stack?: string };
}

/**
 * The log of the service: one line for people on a terminal, one JSON object per line anywhere else. Passwords in
 * addresses do not get into it.
 */
export function createLog(level: string, output: LogOutput): FastifyBaseLogger {
  const format = output.isTTY ? readable : (line: string) => line;
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => void output.write(format(withoutPassword(line))) },
  );
}

/** `12:03:04.123 warn  the message`, in local time; an error's stack follows where there is one. */
function readable(json: string): string {
  const { time, level, msg = '', err } = JSON.parse(json) as Line; // what pino has just written
  const clock = new Date(time).toTimeString().slice(0, 8);
  const detail = err === undefined ? '' : `\n${err.stack ?? err.message}`;
  return `${clock}.${time.slice(20, 23)} ${level.padEnd(5)} ${msg}${detail}\n`;
}
