import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '../../support/service.ts';

/** Another program that has a GPIO line: gpioset, until it is disposed. */
export class LineHolder implements AsyncDisposable {
  readonly #gpioset: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(gpioset: ChildProcess) {
    this.#gpioset = gpioset;
    this.#ended = once(gpioset, 'exit');
  }

  /** Drives a line low. @returns once the kernel names gpioset as its consumer. */
  static async start(label: string, offset: number): Promise<LineHolder> {
    const holder = new LineHolder(spawn('gpioset', ['--mode=signal', label, `${offset}=0`]));
    await eventually(
      () => execFileSync('gpioinfo', [label], { encoding: 'utf8' }).split('\n')[offset + 1],
      (line) => line?.includes('gpioset') === true,
      `gpioset holding line ${offset}`,
    );
    return holder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gpioset.kill('SIGKILL');
    await this.#ended;
  }
}
