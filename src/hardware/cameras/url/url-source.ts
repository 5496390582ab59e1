import { AppError, toAppError } from '../../../core/app-error.ts';
import type { ChildProcesses, ManagedProcess, ProcessExit } from '../../../core/child-process.ts';
import type { Clock, Timer } from '../../../core/clock.ts';
import { withoutPassword } from '../../../core/url-password.ts';
import type { CodecConfig, CodedUnit } from '../../../media/coded.ts';
import type { AccessUnitSource, SourceListener, SourceStats } from '../../../media/source.ts';
import { H264Output } from '../../../streams/encoders/ffmpeg/index.ts';
import { sourceFailed, sourceStalled } from '../errors.ts';
import { InputClock } from './input-clock.ts';

/** Longest time from the start to the first decoder configuration. */
const OPEN_TIMEOUT_MS = 15_000;
/** An input begins with what ffmpeg read while probing it, all at once; this much silence ends it. */
const BURST_SILENCE_MS = 20;
const BURST_LIMIT_US = 300_000;

/** Lines of what ffmpeg said that an error repeats; the last alone often says only that something failed. */
const TOLD_LINES = 4;

export interface UrlSourceOptions {
  readonly processes: ChildProcesses;
  /** Path of ffmpeg. */
  readonly program: string;
  readonly args: readonly string[];
  /** The input's address; its password never appears in an error. */
  readonly url: string;
  /** Longest silence, in milliseconds. */
  readonly stallTimeoutMs: number;
  readonly clock: Clock;
}

type Held = { readonly config: CodecConfig } | { readonly unit: CodedUnit };

/** A running ffmpeg child that reads an input and gives its access units. */
export class UrlSource implements AccessUnitSource {
  readonly kind = 'access-units';
  /** Resolves at the first decoder configuration, rejects when there was none. */
  readonly opened: Promise<void>;
  readonly #where: string;
  readonly #listener: SourceListener;
  readonly #clock: Clock;
  readonly #stallTimeoutMs: number;
  readonly #child: ManagedProcess;
  readonly #output: H264Output;
  readonly #inputClock = new InputClock();
  #settleOpened: { resolve(): void; reject(error: AppError): void } | undefined;
  #watchdog: Timer;
  /** What arrived so far, while the first burst lasts. */
  #held: Held[] | undefined = [];
  #burst: { readonly beganUs: number; readonly newest: CodedUnit; readonly silence: Timer } | undefined;
  #lastArrivalUs = 0;
  #captured = 0;
  #hasEnded = false;

  /** @throws AppError PROCESS_NOT_FOUND, PROCESS_SPAWN_FAILED */
  constructor(options: UrlSourceOptions, listener: SourceListener) {
    const { processes, program, args, url, stallTimeoutMs, clock } = options;
    this.#where = withoutPassword(url);
    this.#listener = listener;
    this.#clock = clock;
    this.#stallTimeoutMs = stallTimeoutMs;
    this.#output = new H264Output({
      onConfig: (config) => this.#onConfig(config),
      onUnit: (unit) => this.#onUnit(unit),
    });
    this.#child = processes.start(program, args, { stdout: 'pipe', endGraceMs: 0 });
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#read(chunk));
    void this.#child.exited.then((exit) => this.#onExited(exit));
    this.opened = new Promise((resolve, reject) => {
      this.#settleOpened = { resolve, reject };
    });
    this.#watchdog = clock.after(OPEN_TIMEOUT_MS, () =>
      this.#end(sourceStalled(this.#where, OPEN_TIMEOUT_MS)),
    );
  }

  stats(): SourceStats {
    return { captured: this.#captured, lost: 0 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    await this.#child[Symbol.asyncDispose]();
  }

  #read(chunk: Buffer): void {
    if (this.#hasEnded) return;
    try {
      this.#output.push(chunk);
    } catch (error) {
      const { code, message } = toAppError(error);
      const isOpening = this.#settleOpened !== undefined;
      // While opening, another codec is the opener's to deal with.
      if (isOpening && error instanceof AppError && code === 'ENCODER_OUTPUT_UNEXPECTED') this.#end(error);
      else this.#end(sourceFailed(this.#where, message, error));
    }
  }

  #onConfig(config: CodecConfig): void {
    if (this.#hasEnded) return;
    if (this.#held === undefined) this.#listener.onConfig(config);
    else this.#held.push({ config });
    const isFirst = this.#settleOpened !== undefined;
    if (!isFirst) return;
    this.#settleOpened?.resolve();
    this.#settleOpened = undefined;
    this.#lastArrivalUs = this.#clock.monotonicUs();
    this.#watch(this.#stallTimeoutMs);
  }

  #onUnit(unit: CodedUnit): void {
    if (this.#hasEnded) return;
    this.#captured += 1;
    const nowUs = this.#clock.monotonicUs();
    this.#lastArrivalUs = nowUs;
    if (this.#held === undefined) {
      this.#deliver(unit, nowUs);
      return;
    }
    this.#held.push({ unit });
    this.#burst?.silence[Symbol.dispose]();
    const silence = this.#clock.after(BURST_SILENCE_MS, () => this.#endBurst());
    this.#burst = { beganUs: this.#burst?.beganUs ?? nowUs, newest: unit, silence };
    if (nowUs - this.#burst.beganUs >= BURST_LIMIT_US) this.#endBurst();
  }

  /** The newest unit of the burst was captured about when it arrived, the others before. */
  #endBurst(): void {
    if (this.#held === undefined || this.#burst === undefined) return;
    const held = this.#held;
    const { newest, silence } = this.#burst;
    silence[Symbol.dispose]();
    this.#held = undefined;
    this.#inputClock.anchor(newest.dtsUs, this.#lastArrivalUs);
    for (const item of held) {
      if (this.#hasEnded) return;
      if ('config' in item) this.#listener.onConfig(item.config);
      else this.#deliver(item.unit, this.#lastArrivalUs - newest.dtsUs + item.unit.dtsUs);
    }
  }

  #deliver(unit: CodedUnit, nowUs: number): void {
    const offsetUs = this.#inputClock.offsetUs(unit.dtsUs, nowUs);
    this.#listener.onUnit({ ...unit, ptsUs: unit.ptsUs + offsetUs, dtsUs: unit.dtsUs + offsetUs });
  }

  /** Looks again when the silence would be long enough. */
  #watch(delayMs: number): void {
    this.#watchdog[Symbol.dispose]();
    this.#watchdog = this.#clock.after(delayMs, () => {
      const silentMs = (this.#clock.monotonicUs() - this.#lastArrivalUs) / 1000;
      if (silentMs >= this.#stallTimeoutMs) this.#end(sourceStalled(this.#where, silentMs));
      else this.#watch(this.#stallTimeoutMs - silentMs);
    });
  }

  #onExited({ code, signal }: ProcessExit): void {
    if (!this.#hasEnded) this.#endBurst();
    const said = this.#child.stderrLines().slice(-TOLD_LINES).join(' | ');
    const how = signal === null ? `ffmpeg ended with code ${code}` : `ffmpeg was ended by ${signal}`;
    const what = said || (code === 0 ? 'its end was reached' : how);
    this.#end(sourceFailed(this.#where, withoutPassword(what)));
  }

  #end(error: AppError): void {
    if (this.#hasEnded) return;
    const opening = this.#settleOpened;
    this.#stop();
    void this.#child[Symbol.asyncDispose]();
    if (opening === undefined) this.#listener.onLost(error);
    else opening.reject(error);
  }

  #stop(): void {
    this.#hasEnded = true;
    this.#settleOpened = undefined;
    this.#watchdog[Symbol.dispose]();
    this.#burst?.silence[Symbol.dispose]();
  }
}
