import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { PATIENCE } from './patience.ts';

const EXAMPLES = resolve(import.meta.dirname, '../../examples');
const TSX = createRequire(import.meta.url).resolve('tsx');
const LONGEST_MS = 60_000 * PATIENCE;

/** Debian's Python, which has Debian's packages; `VIDICON_TEST_PYTHON` names another. */
export const PYTHON = process.env['VIDICON_TEST_PYTHON'] ?? '/usr/bin/python3';

/** Whether Python has these packages. */
export function hasPackages(...names: readonly string[]): boolean {
  return spawnSync(PYTHON, ['-c', `import ${names.join(', ')}`]).status === 0;
}

/** A program of examples/ that runs in a folder of its own. */
export class Example implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'vidicon-example-'));
  readonly lines: string[] = [];
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #waiting = new Set<() => void>();

  /**
   * @param file its name in examples/; the ending tells its language.
   * @param files what it finds in its folder.
   */
  constructor(file: string, files: Readonly<Record<string, Uint8Array>>, ...args: readonly string[]) {
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(this.folder, name), bytes);
    const program = join(EXAMPLES, file);
    const [command, ...before] = file.endsWith('.py') ? [PYTHON] : [process.execPath, '--import', TSX];
    this.#process = spawn(command, [...before, program, ...args], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const outputs = [this.#process.stdout, this.#process.stderr].map((stream) => {
      const lines = createInterface({ input: stream ?? process.stdin });
      lines.on('line', (line) => {
        this.lines.push(line);
        for (const look of [...this.#waiting]) look();
      });
      return once(lines, 'close');
    });
    this.#ended = Promise.all([once(this.#process, 'exit'), ...outputs]);
  }

  /** Waits for a line that it prints. */
  line(pattern: RegExp): Promise<string> {
    return new Promise((found, failed) => {
      const seen = (): string => `${pattern} was not printed; there is:\n${this.lines.join('\n')}`;
      const timer = setTimeout(() => failed(new Error(seen())), LONGEST_MS);
      const look = (): void => {
        const line = this.lines.find((each) => pattern.test(each));
        if (line === undefined) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        found(line);
      };
      this.#waiting.add(look);
      look();
      void this.#ended.then(() => failed(new Error(seen())));
    });
  }

  /** Waits for its end. */
  async exitCode(): Promise<number | null> {
    await this.#ended;
    return this.#process.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
