import { type AppError, toAppError } from '../../../../core/app-error.ts';
import type { Clock, Timer } from '../../../../core/clock.ts';
import { type RetrySchedule, retryDelayMs } from '../../../../core/retry-schedule.ts';
import type { Health } from '../../circuit.ts';
import { ioStarting } from '../../errors.ts';

const LOOK_AGAIN: RetrySchedule = { firstMs: 250, maxMs: 5000, jitter: 0.2 };

export interface PresenceOptions {
  readonly where: string;
  readonly clock: Clock;
  /** Finds the hardware and takes hold of it. @throws AppError why it cannot. */
  readonly find: () => Promise<void>;
  /** Tries hardware that is there and failed. @throws AppError why it still does. */
  readonly probe: () => Promise<void>;
  /** Lets go of hardware that was lost. */
  readonly release: () => Promise<void>;
  readonly onHealth: (health: Health) => void;
}

/** Whether a piece of hardware is there and works; looks for it, or tries it, again while it is not so. */
export class Presence implements Disposable {
  readonly #options: PresenceOptions;
  #state: Health['state'] = 'down';
  #problem: AppError | undefined;
  /** The last health told, to tell changes only. */
  #told = '';
  #isTelling = false;
  #isClosed = false;
  #attempt = 0;
  #timer: Timer | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: PresenceOptions) {
    this.#options = options;
    this.#problem = ioStarting(options.where);
  }

  /** Looks once. Resolves in any case. */
  look(): Promise<void> {
    this.#looking = this.#find();
    return this.#looking;
  }

  /** Tells the health from now on, and looks again while the hardware is not there. */
  begin(): void {
    this.#isTelling = true;
    this.#tell();
    this.#lookLater();
  }

  /** @throws AppError why the hardware cannot be used now. */
  check(): void {
    if (this.#state === 'down' && this.#problem !== undefined) throw this.#problem;
  }

  /** A call has succeeded. */
  worked(): void {
    if (this.#state !== 'stale') return;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#attempt = 0;
    this.#become('ok');
  }

  /**
   * A call has failed. What the hardware refused for good reason says nothing of its health.
   * @param isRepeated whether the caller tries again by itself.
   */
  failed(error: AppError, isRepeated = false): void {
    if (this.#state === 'down') return;
    switch (error.code) {
      case 'IO_GONE':
      case 'IO_NOT_PRESENT':
      case 'IO_DENIED':
        this.lost(error);
        break;
      case 'IO_FAILED':
      case 'IO_TIMEOUT':
      case 'IO_BUSY':
        this.#become('stale', error);
        if (!isRepeated && this.#timer === undefined) this.#lookLater();
        break;
    }
  }

  /** The hardware is gone: lets go of it and looks for it. */
  lost(error: AppError): void {
    if (this.#state === 'down') return;
    this.#become('down', error);
    this.#looking = this.#options.release().catch(() => undefined); // it is gone anyway
    this.#lookLater();
  }

  /** Ends looking. What was taken hold of is the caller's to release. */
  [Symbol.dispose](): void {
    this.#isTelling = false;
    this.#isClosed = true;
    this.#state = 'down';
    this.#problem = ioStarting(this.#options.where);
    this.#timer?.[Symbol.dispose]();
  }

  async #find(): Promise<void> {
    if (this.#isClosed) return; // what it would take hold of has been given back
    try {
      await this.#options.find();
      this.#attempt = 0;
      this.#become('ok');
    } catch (error) {
      this.#become('down', toAppError(error));
      this.#lookLater();
    }
  }

  async #probe(): Promise<void> {
    try {
      await this.#options.probe();
      this.worked();
    } catch (error) {
      this.failed(toAppError(error));
    }
  }

  #lookLater(): void {
    if (!this.#isTelling || this.#state === 'ok') return;
    this.#attempt += 1;
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#options.clock.after(retryDelayMs(LOOK_AGAIN, this.#attempt, Math.random()), () => {
      this.#timer = undefined;
      this.#looking = this.#looking.then(async () => {
        if (this.#state === 'down') await this.#find();
        else if (this.#state === 'stale') await this.#probe();
      });
    });
  }

  #become(state: Health['state'], problem?: AppError): void {
    if (this.#isClosed) return;
    this.#state = state;
    this.#problem = problem;
    this.#tell();
  }

  #tell(): void {
    const problem = this.#problem;
    const told = `${this.#state} ${problem?.code} ${problem?.message}`;
    if (!this.#isTelling || told === this.#told) return;
    this.#told = told;
    const { code, message } = problem ?? {};
    this.#options.onHealth({
      state: this.#state,
      ...(code !== undefined && message !== undefined && { problem: { code, message } }),
    });
  }
}
