import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { AppError } from './app-error.ts';

const DEFAULT_END_GRACE_MS = 100;
const DEFAULT_TERM_GRACE_MS = 400;
/** What is kept of a child's standard error: its last lines, each cut to a length. */
const MAX_LINES = 40;
const MAX_LINE_LENGTH = 500;

export interface ProcessOptions {
  /** A pipe, or a descriptor that the child gets a copy of (the caller still closes its own). Nothing by default. */
  readonly stdin?: 'pipe' | number;
  readonly stdout?: 'pipe' | number;
  /** On disposal: time between the end of its standard input and SIGTERM, in milliseconds (100). */
  readonly endGraceMs?: number;
  /** On disposal: time between SIGTERM and SIGKILL, in milliseconds (400). */
  readonly termGraceMs?: number;
}

/** How a child ended: with a code, or by a signal. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Looks a program up as execvp(3) does: a name with a slash as it is, any other along PATH.
 * @returns the file, or undefined when there is none that may be executed.
 */
export function findExecutable(name: string): string | undefined {
  const directories = name.includes('/') ? [''] : (process.env['PATH'] ?? '').split(delimiter);
  return directories
    .map((directory) => join(directory, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** The children a service has running, so that their number can be seen and none outlives it. */
export class ChildProcesses implements AsyncDisposable {
  readonly #running = new Set<ManagedProcess>();

  get count(): number {
    return this.#running.size;
  }

  /**
   * Starts a program. The caller disposes the process; whatever is still running ends with this collection.
   * @throws AppError PROCESS_NOT_FOUND (no such program), PROCESS_SPAWN_FAILED.
   */
  start(program: string, args: readonly string[], options: ProcessOptions = {}): ManagedProcess {
    const started = new ManagedProcess(program, args, options);
    this.#running.add(started);
    void started.exited.then(() => this.#running.delete(started));
    return started;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running].map((running) => running[Symbol.asyncDispose]()));
  }
}

/** A running child process. Made by `ChildProcesses.start`. */
export class ManagedProcess implements AsyncDisposable {
  readonly pid: number;
  /** Resolves when the child is gone and its output has been read to the end. Never rejects. */
  readonly exited: Promise<ProcessExit>;
  readonly #child: ChildProcess;
  readonly #endGraceMs: number;
  readonly #termGraceMs: number;
  readonly #lines: string[] = [];
  #unfinishedLine = '';
  #hasExited = false;
  #disposal: Promise<void> | undefined;

  constructor(program: string, args: readonly string[], options: ProcessOptions) {
    this.#endGraceMs = options.endGraceMs ?? DEFAULT_END_GRACE_MS;
    this.#termGraceMs = options.termGraceMs ?? DEFAULT_TERM_GRACE_MS;
    this.#child = spawnChild(program, args, options);
    const { pid } = this.#child;
    if (pid === undefined) throw spawnFailure(program);
    this.pid = pid;
    // Writing to a child that has ended is not an error of its own: the exit tells.
    this.#child.stdin?.on('error', () => {});
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#keepLines(text));
    this.exited = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#hasExited = true;
        this.#child.stdin?.removeAllListeners();
        this.#child.stdout?.removeAllListeners();
        this.#child.stderr?.removeAllListeners();
        resolve({ code, signal });
      });
    });
  }

  /** Present when asked for as a pipe. */
  get stdin(): Writable | undefined {
    return this.#child.stdin ?? undefined;
  }

  /** Present when asked for as a pipe. */
  get stdout(): Readable | undefined {
    return this.#child.stdout ?? undefined;
  }

  /** The last lines of its standard error, oldest first. */
  stderrLines(): readonly string[] {
    return this.#unfinishedLine === '' ? this.#lines : [...this.#lines, this.#unfinishedLine];
  }

  /** Ends the child: end of its standard input, then SIGTERM, then SIGKILL. Resolves when it is gone. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#end();
    return this.#disposal;
  }

  async #end(): Promise<void> {
    this.#child.stdin?.end();
    // A pipe nobody reads any more would block the child, and keep it from ending.
    this.#child.stdout?.resume();
    if (await this.#exitsWithin(this.#endGraceMs)) return;
    this.#child.kill('SIGTERM');
    if (await this.#exitsWithin(this.#termGraceMs)) return;
    this.#child.kill('SIGKILL');
    // A grandchild may hold the pipes open, long after the child itself has gone.
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    await this.exited;
  }

  async #exitsWithin(timeMs: number): Promise<boolean> {
    if (this.#hasExited) return true;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeMs);
    });
    await Promise.race([this.exited, timeout]);
    clearTimeout(timer);
    return this.#hasExited;
  }

  #keepLines(text: string): void {
    const lines = (this.#unfinishedLine + text).split(/[\r\n]+/);
    this.#unfinishedLine = (lines.pop() ?? '').slice(0, MAX_LINE_LENGTH);
    this.#lines.push(...lines.filter((line) => line !== '').map((line) => line.slice(0, MAX_LINE_LENGTH)));
    this.#lines.splice(0, this.#lines.length - MAX_LINES);
  }
}

function spawnChild(program: string, args: readonly string[], options: ProcessOptions): ChildProcess {
  try {
    const child = spawn(program, args, {
      stdio: [options.stdin ?? 'ignore', options.stdout ?? 'ignore', 'pipe'],
    });
    // A failed start is seen by its missing pid, at once; the event that follows says no more.
    child.on('error', () => {});
    return child;
  } catch (cause) {
    throw spawnFailure(program, cause);
  }
}

/** PROCESS_NOT_FOUND: there is no such program. PROCESS_SPAWN_FAILED: there is, but the system did not start it. */
function spawnFailure(program: string, cause?: unknown): AppError {
  if (findExecutable(program) === undefined) {
    return new AppError(
      'PROCESS_NOT_FOUND',
      'unavailable',
      `There is no executable program ${program}; expected a path, or a name found along PATH.`,
    );
  }
  return new AppError(
    'PROCESS_SPAWN_FAILED',
    'unavailable',
    `The program ${program} could not be started: out of processes, memory or file descriptors.`,
    { cause },
  );
}
