import { AppError, type ErrorKind, toAppError } from '../../../core/app-error.ts';
import type { Clock, Timer } from '../../../core/clock.ts';
import { PollingThread, type StopCommand } from '../../../core/polling-thread.ts';
import type { ControlValue, SensorControl } from '../camera.ts';
import { controlOverloaded, controlTimeout, sourceFailed } from '../errors.ts';

/** From the owner to the thread: set these, if any, and read all. */
export type ControlCommand =
  | { readonly type: 'exchange'; readonly node: string; readonly values: readonly ControlValue[] }
  | StopCommand;

/** From the thread to the owner, one for each `exchange`. */
export type ControlAnswer =
  | { readonly type: 'controls'; readonly controls: readonly SensorControl[] }
  | { readonly type: 'failed'; readonly code: string; readonly kind: ErrorKind; readonly message: string };

/** Requests that wait or are under way, of all cameras together; more are refused. */
export const MAX_REQUESTS = 32;

/** Longest wait for an answer, in milliseconds, a place in the queue included. */
export const TIME_LIMIT_MS = 10_000;

interface Request {
  readonly node: string;
  readonly values: readonly ControlValue[];
  readonly resolve: (controls: readonly SensorControl[]) => void;
  readonly reject: (error: AppError) => void;
  readonly timer: Timer;
}

/**
 * Reads and sets the controls of all cameras through one thread, which the first request starts. One request is
 * with the thread at a time, so that one whose time has run out while it waited is never carried out.
 */
export class ControlRequests implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #module: URL;
  #thread: PollingThread<undefined, ControlCommand, ControlAnswer> | undefined;
  /** With the thread now; stays here after its time has run out, because the thread is still at it. */
  #current: Request | undefined;
  #waiting: Request[] = [];
  #isDisposed = false;

  /** @param module the thread's entry. */
  constructor(clock: Clock, module = new URL('./control-thread.js', import.meta.url)) {
    this.#clock = clock;
    this.#module = module;
  }

  /**
   * Sets controls in this order, if any, and reads all of them.
   * @throws AppError CONTROL_TIMEOUT, CONTROL_OVERLOADED, and what the thread reports.
   */
  exchange(node: string, values: readonly ControlValue[]): Promise<readonly SensorControl[]> {
    const underWay = this.#waiting.length + (this.#current === undefined ? 0 : 1);
    if (this.#isDisposed) return Promise.reject(stopped());
    if (underWay >= MAX_REQUESTS) return Promise.reject(controlOverloaded(node, underWay));
    return new Promise((resolve, reject) => {
      const timer = this.#clock.after(TIME_LIMIT_MS, () => {
        this.#waiting = this.#waiting.filter((waiting) => waiting !== request);
        reject(controlTimeout(node, TIME_LIMIT_MS));
      });
      const request: Request = { node, values, resolve, reject, timer };
      this.#waiting.push(request);
      this.#next();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await this.#thread?.[Symbol.asyncDispose]();
    this.#fail(stopped());
  }

  #next(): void {
    if (this.#current !== undefined) return;
    this.#current = this.#waiting.shift();
    if (this.#current === undefined) return;
    const { node, values } = this.#current;
    try {
      this.#thread ??= this.#start();
      this.#thread.send({ type: 'exchange', node, values });
    } catch (error) {
      this.#fail(sourceFailed('The thread for controls', toAppError(error).message, error));
    }
  }

  #start(): PollingThread<undefined, ControlCommand, ControlAnswer> {
    return new PollingThread(this.#module, {
      name: 'camera controls',
      data: undefined,
      onEvent: (answer: ControlAnswer) => this.#hear(answer),
      onEnd: (cause) => {
        this.#thread = undefined;
        this.#fail(sourceFailed('The thread for controls', cause?.message ?? 'it has ended', cause));
      },
    });
  }

  #hear(answer: ControlAnswer): void {
    const request = this.#current;
    this.#current = undefined;
    request?.timer[Symbol.dispose]();
    if (answer.type === 'controls') request?.resolve(answer.controls);
    else request?.reject(new AppError(answer.code, answer.kind, answer.message));
    this.#next();
  }

  /** Whatever is under way ends with this error. */
  #fail(error: AppError): void {
    const requests = [this.#current, ...this.#waiting];
    this.#current = undefined;
    this.#waiting = [];
    for (const request of requests) {
      request?.timer[Symbol.dispose]();
      request?.reject(error);
    }
  }
}

const stopped = (): AppError => sourceFailed('The thread for controls', 'it has been stopped');
