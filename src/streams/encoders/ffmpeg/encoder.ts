import { AppError, toAppError } from '../../../core/app-error.ts';
import type { ChildProcesses, ManagedProcess, ProcessExit } from '../../../core/child-process.ts';
import { closeFd, openPipe } from '../../../core/libc.ts';
import type { Encoder, EncoderListener } from '../encoder.ts';
import { encoderExited, encoderSpawnFailed } from '../errors.ts';
import type { MediaOutput, OpenOutput } from './media-output.ts';

/** What to run. */
export interface EncoderCommand {
  readonly processes: ChildProcesses;
  /** Path of ffmpeg. */
  readonly program: string;
  readonly args: readonly string[];
  /** Name of the encoder, for messages and diagnosis. */
  readonly codec: string;
  readonly openOutput: OpenOutput;
}

/** An ffmpeg child between two pipes: NUT in, NUT out. Restarting it is its owner's choice. */
export class FfmpegEncoder implements Encoder {
  readonly codec: string;
  readonly #listener: EncoderListener;
  readonly #child: ManagedProcess;
  readonly #output: MediaOutput;
  #inputFd: number | undefined;
  #hasEnded = false;
  #failure: AppError | undefined;
  #unitsOut = 0;
  #bytesOut = 0;

  /** @throws AppError ENCODER_SPAWN_FAILED */
  constructor({ processes, program, args, codec, openOutput }: EncoderCommand, listener: EncoderListener) {
    this.codec = codec;
    this.#listener = listener;
    this.#output = openOutput({
      onConfig: (config) => {
        if (!this.#hasEnded) listener.onConfig(config);
      },
      onUnit: (unit) => {
        if (this.#hasEnded) return;
        this.#unitsOut += 1;
        this.#bytesOut += unit.data.length;
        listener.onUnit(unit);
      },
    });
    const { readFd, writeFd } = openPipe();
    try {
      // ffmpeg waits for input in a way that SIGTERM does not interrupt: only the end of the input or SIGKILL ends it.
      this.#child = processes.start(program, args, { stdin: readFd, stdout: 'pipe', termGraceMs: 50 });
    } catch (cause) {
      closeFd(writeFd);
      throw encoderSpawnFailed(codec, cause);
    } finally {
      closeFd(readFd);
    }
    this.#inputFd = writeFd;
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#read(chunk));
    void this.#child.exited.then((exit) => this.#onExited(exit));
  }

  get pid(): number {
    return this.#child.pid;
  }

  takeInput(): number {
    const fd = this.#inputFd;
    if (fd === undefined) {
      throw new AppError('INTERNAL_ERROR', 'internal', `The input of ${this.codec} was taken before.`);
    }
    this.#inputFd = undefined;
    return fd;
  }

  stats() {
    return { unitsOut: this.#unitsOut, bytesOut: this.#bytesOut };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hasEnded = true;
    this.#closeInput();
    await this.#child[Symbol.asyncDispose]();
  }

  #read(chunk: Buffer): void {
    if (this.#hasEnded || this.#failure !== undefined) return;
    try {
      this.#output.push(chunk);
    } catch (error) {
      this.#failure = toAppError(error);
      void this.#child[Symbol.asyncDispose]();
    }
  }

  #onExited({ code, signal }: ProcessExit): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#closeInput();
    const how = this.#failure?.message ?? (signal === null ? `exit code ${code}` : signal);
    this.#listener.onExit(encoderExited(this.codec, how, this.#child.stderrLines(), this.#failure));
  }

  #closeInput(): void {
    if (this.#inputFd !== undefined) closeFd(this.#inputFd);
    this.#inputFd = undefined;
  }
}
