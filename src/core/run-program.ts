import { AppError } from './app-error.ts';
import type { ChildProcesses, ProcessExit } from './child-process.ts';

export interface RunOptions {
  /** Written to its standard input, which then ends. */
  readonly input?: Uint8Array | readonly Uint8Array[];
  /** Longest time it may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Most it may write to standard output. */
  readonly maxOutputBytes: number;
  /** Ends it early. */
  readonly signal?: AbortSignal;
}

/** What a program that ran to its end left behind. */
export interface RunResult extends ProcessExit {
  readonly output: Buffer;
  /** The last lines of its standard error. */
  readonly stderrLines: readonly string[];
}

/**
 * Runs a program to its end and collects its output, within limits of time and size; beyond them it is killed.
 * A code other than 0 is a result, not an error.
 * @throws AppError PROCESS_TIMEOUT, PROCESS_OUTPUT_TOO_LARGE, and what `ChildProcesses.start` throws; the
 * signal's reason when it was aborted.
 */
export async function runProgram(
  processes: ChildProcesses,
  program: string,
  args: readonly string[],
  { input, timeoutMs, maxOutputBytes, signal }: RunOptions,
): Promise<RunResult> {
  signal?.throwIfAborted();
  const child = processes.start(program, args, {
    ...(input === undefined ? {} : { stdin: 'pipe' as const }),
    stdout: 'pipe',
    endGraceMs: 0,
    termGraceMs: 100,
  });
  let failure: unknown;
  const stop = (reason: unknown) => {
    failure ??= reason;
    void child[Symbol.asyncDispose]();
  };
  const onAbort = () => stop(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  const timer = setTimeout(() => stop(timedOut(program, timeoutMs)), timeoutMs);
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxOutputBytes) stop(tooLarge(program, maxOutputBytes));
    else chunks.push(chunk);
  });
  if (input !== undefined) {
    for (const part of input instanceof Uint8Array ? [input] : input) child.stdin?.write(part);
    child.stdin?.end();
  }
  const exit = await child.exited;
  clearTimeout(timer);
  signal?.removeEventListener('abort', onAbort);
  if (failure !== undefined) throw failure;
  return { ...exit, output: Buffer.concat(chunks), stderrLines: child.stderrLines() };
}

/** PROCESS_TIMEOUT: a program took longer than it may. */
function timedOut(program: string, timeoutMs: number): AppError {
  return new AppError('PROCESS_TIMEOUT', 'timeout', `${program} did not end within ${timeoutMs} ms.`);
}

/** PROCESS_OUTPUT_TOO_LARGE: a program wrote more than it may. */
function tooLarge(program: string, limit: number): AppError {
  return new AppError('PROCESS_OUTPUT_TOO_LARGE', 'internal', `${program} wrote more than ${limit} bytes.`);
}
