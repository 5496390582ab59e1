import { readFile, writeFile } from 'node:fs/promises';

const ROOT = '/sys/kernel/tracing';
const EVENT = `${ROOT}/events/v4l2/v4l2_dqbuf/enable`;

/** The kernel's own record of buffers that programs took from video devices (tracefs, event v4l2_dqbuf). */
export class KernelTrace implements AsyncDisposable {
  /** Begins with an empty record. */
  static async ofDequeuedBuffers(): Promise<KernelTrace> {
    await writeFile(`${ROOT}/trace`, '');
    await writeFile(EVENT, '1');
    return new KernelTrace();
  }

  /** The timestamps of the buffers of a node, CLOCK_MONOTONIC in microseconds, oldest first. */
  async stampsUs(node: string): Promise<number[]> {
    const minor = node.replace('/dev/video', '');
    const event = new RegExp(`v4l2_dqbuf: minor = ${minor},.* timestamp = (\\d+),`, 'g');
    return [...(await readFile(`${ROOT}/trace`, 'utf8')).matchAll(event)].map(
      (match) => Number(match[1]) / 1000,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await writeFile(EVENT, '0');
  }
}
