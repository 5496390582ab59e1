import { setMaxListeners } from 'node:events';
import { type AppError, toAppError } from '../../../../core/app-error.ts';
import type { Clock } from '../../../../core/clock.ts';
import { type RetrySchedule, retryDelayMs } from '../../../../core/retry-schedule.ts';
import type { CallOptions } from '../../driver.ts';
import { ioFailed, ioOverloaded } from '../../errors.ts';
import type { Connection } from './connection.ts';
import type { Slave } from './slave.ts';

/** Calls that may wait for one bus. */
const MAX_CALLS = 512;
/** Calls after which a block that is due comes in between. */
const CALLS_IN_A_ROW = 16;
const RECONNECT: RetrySchedule = { firstMs: 100, maxMs: 10_000, jitter: 0.2 };

interface Call {
  readonly slave: Slave;
  readonly run: () => Promise<void>;
  readonly reject: (error: unknown) => void;
}

/**
 * One line and its slaves. One request is under way at a time; calls come before the scan, and slaves take turns.
 * Calls to a slave that does not answer wait for its next attempt and share its fate, so that it costs the others one
 * time-out per attempt, whoever asks for it.
 */
export class Bus implements AsyncDisposable {
  readonly #name: string;
  readonly #connection: Connection;
  readonly #slaves: readonly Slave[];
  readonly #clock: Clock;
  readonly #calls: Call[] = [];
  #callsInARow = 0;
  #turn = 0;
  #connectErrors = 0;
  #isClosed = false;
  #wake: () => void = () => undefined;
  #loop: Promise<void> | undefined;

  constructor(name: string, connection: Connection, slaves: readonly Slave[], clock: Clock) {
    this.#name = name;
    this.#connection = connection;
    this.#slaves = slaves;
    this.#clock = clock;
  }

  /** Begins to scan. */
  start(): void {
    if (!this.#isClosed) this.#loop ??= this.#run();
  }

  /**
   * Runs something on a slave when its turn comes.
   * @throws AppError of what runs; IO_OVERLOADED when too much waits already.
   */
  call<T>(slave: Slave, run: () => Promise<T>, { signal }: CallOptions): Promise<T> {
    return new Promise((resolve, reject) => {
      // A caller may wait for all circuits of a bus with one signal.
      setMaxListeners(0, signal);
      if (signal.aborted) return reject(signal.reason);
      if (this.#isClosed) return reject(this.#closed());
      if (this.#calls.length >= MAX_CALLS) return reject(ioOverloaded(`bus ${this.#name}`, MAX_CALLS));
      const onAbort = () => {
        const index = this.#calls.indexOf(call);
        if (index >= 0) this.#calls.splice(index, 1);
        reject(signal.reason);
      };
      const settled = <V>(settle: (value: V) => void) => {
        return (value: V) => {
          signal.removeEventListener('abort', onAbort);
          settle(value);
        };
      };
      const call: Call = {
        slave,
        run: () => run().then(settled(resolve), settled(reject)),
        reject: settled(reject),
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#calls.push(call);
      this.#wake();
    });
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      const nowUs = this.#clock.monotonicUs();
      const due = this.#due(nowUs);
      const call = due !== undefined && this.#callsInARow >= CALLS_IN_A_ROW ? undefined : this.#takeCall();
      this.#callsInARow = call === undefined ? 0 : this.#callsInARow + 1;
      const slave = call?.slave ?? due;
      if (slave === undefined) {
        await this.#rest(nowUs);
        continue;
      }
      if (!(await this.#connect(call))) continue;
      await (call === undefined ? slave.step() : call.run());
      if (slave.outage !== undefined && slave.outage.retryUs > this.#clock.monotonicUs())
        this.#rejectCalls(slave, slave.outage.problem);
    }
  }

  /** The slave whose turn it is among those that have something to do. */
  #due(nowUs: number): Slave | undefined {
    for (let step = 1; step <= this.#slaves.length; step += 1) {
      const index = (this.#turn + step) % this.#slaves.length;
      const slave = this.#slaves[index];
      if (slave === undefined || (slave.dueUs ?? Number.POSITIVE_INFINITY) > nowUs) continue;
      this.#turn = index;
      return slave;
    }
    return undefined;
  }

  #takeCall(): Call | undefined {
    const index = this.#calls.findIndex(({ slave }) => slave.outage === undefined);
    return index < 0 ? undefined : this.#calls.splice(index, 1)[0];
  }

  #rejectCalls(slave: Slave, problem: AppError): void {
    for (const call of this.#calls.filter((one) => one.slave === slave)) {
      this.#calls.splice(this.#calls.indexOf(call), 1);
      call.reject(problem);
    }
  }

  /** @returns whether the line is open. If not, no slave answers, and all are tried when the line is. */
  async #connect(call: Call | undefined): Promise<boolean> {
    try {
      await this.#connection.open();
      if (this.#isClosed) throw this.#closed();
      this.#connectErrors = 0;
      return true;
    } catch (error) {
      const problem = toAppError(error);
      this.#connectErrors += 1;
      const delayMs = retryDelayMs(RECONNECT, this.#connectErrors, Math.random());
      const retryUs = this.#clock.monotonicUs() + delayMs * 1000;
      call?.reject(problem);
      for (const slave of this.#isClosed ? [] : this.#slaves) {
        slave.fail(problem, undefined, retryUs);
        this.#rejectCalls(slave, problem);
      }
      return false;
    }
  }

  /** Waits until a slave is due or something is called. */
  async #rest(nowUs: number): Promise<void> {
    const dueUs = Math.min(...this.#slaves.map((slave) => slave.dueUs ?? Number.POSITIVE_INFINITY));
    let timer: Disposable | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (Number.isFinite(dueUs)) timer = this.#clock.after(Math.max(dueUs - nowUs, 0) / 1000, resolve);
    });
    timer?.[Symbol.dispose]();
  }

  #closed(): AppError {
    return ioFailed(`bus ${this.#name}`, 'the driver is closed');
  }

  /** Ends the request under way and whatever waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const call of this.#calls.splice(0)) call.reject(this.#closed());
    for (const slave of this.#slaves) slave[Symbol.dispose]();
    this.#wake();
    await this.#connection[Symbol.asyncDispose]();
    await this.#loop;
    // The line may have been opened while it was being closed.
    await this.#connection[Symbol.asyncDispose]();
    for (const slave of this.#slaves) slave[Symbol.dispose]();
  }
}
