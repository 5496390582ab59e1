import type ModbusSerial from 'modbus-serial';
import type { AppError } from '../../../../core/app-error.ts';
import type { Clock } from '../../../../core/clock.ts';
import { ioFailed, ioTimeout } from '../../errors.ts';
import { type Exception, exceptionOf } from './modbus-exception.ts';
import type { Operation, RegisterRange } from './registers.ts';

export type ModbusClient = ModbusSerial.default;

/** An open line. */
export interface Link extends AsyncDisposable {
  readonly client: ModbusClient;
  /** Whether answers say which request they belong to. */
  readonly isNumbered: boolean;
  /** Resolves with the reason once the line is closed, by whomever. */
  readonly closed: Promise<AppError>;
}

/** @throws AppError why the line cannot be opened. */
export type OpenLink = (options: { readonly signal: AbortSignal }) => Promise<Link>;

/** What came of a request. */
export type Outcome =
  | { readonly kind: 'values'; readonly values: readonly number[] }
  /** The slave answered that it will not. */
  | { readonly kind: 'exception'; readonly exception: Exception; readonly problem: AppError }
  /** Nobody answered, or nothing that makes sense. */
  | { readonly kind: 'failed'; readonly problem: AppError };

/**
 * One line to several slaves, with one request at a time. After a request without a proper answer the line is opened
 * anew: bytes that still come belong to nobody.
 */
export class Connection implements AsyncDisposable {
  readonly #openLink: OpenLink;
  readonly #bus: string;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #abort = new AbortController();
  #link: Link | undefined;
  /** Ends the request under way. */
  #fail: ((problem: AppError) => void) | undefined;
  /** Slaves whose answer may come late. */
  readonly #late = new Set<number>();

  constructor(openLink: OpenLink, bus: string, timeoutMs: number, clock: Clock) {
    this.#openLink = openLink;
    this.#bus = bus;
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
  }

  /** Opens the line unless it is open. @throws AppError why it cannot be. */
  async open(): Promise<void> {
    if (this.#link !== undefined) return;
    const link = await this.#openLink({ signal: this.#abort.signal });
    this.#link = link;
    void link.closed.then((problem) => {
      if (this.#link !== link) return;
      this.#link = undefined;
      this.#fail?.(problem);
    });
  }

  read(slaveId: number, range: RegisterRange): Promise<Outcome> {
    return this.#request(slaveId, async (client) => {
      const { table, start, count } = range;
      if (table === 'coil') return (await client.readCoils(start, count)).data.slice(0, count).map(Number);
      const answer =
        table === 'input'
          ? await client.readInputRegisters(start, count)
          : await client.readHoldingRegisters(start, count);
      return answer.data;
    });
  }

  /** @param operation not `bits`, which is a reading and a writing. */
  write(slaveId: number, operation: Exclude<Operation, { kind: 'bits' }>): Promise<Outcome> {
    return this.#request(slaveId, async (client) => {
      if (operation.kind === 'coils') {
        const { start, states } = operation;
        const [only, ...more] = states;
        if (only !== undefined && more.length === 0) await client.writeCoil(start, only);
        else await client.writeCoils(start, [...states]);
      } else {
        const { start, values } = operation;
        const [only, ...more] = values;
        if (only !== undefined && more.length === 0) await client.writeRegister(start, only);
        else await client.writeRegisters(start, [...values]);
      }
      return [];
    });
  }

  async #request(
    slaveId: number,
    run: (client: ModbusClient) => Promise<readonly number[]>,
  ): Promise<Outcome> {
    const where = `bus ${this.#bus}, slave ${slaveId}`;
    // A late answer on a line without numbers would be taken for the answer of the next request.
    if (this.#late.has(slaveId) && this.#link?.isNumbered === false) await this.close();
    try {
      await this.open();
    } catch (problem) {
      // open() throws nothing else
      return { kind: 'failed', problem: problem as AppError };
    }
    const link = this.#link;
    if (link === undefined) return { kind: 'failed', problem: ioFailed(where, 'the line was closed') };
    link.client.setID(slaveId);
    const outcome = await this.#race(run(link.client), where);
    this.#fail = undefined;
    if (outcome.kind !== 'failed') this.#late.delete(slaveId);
    else {
      this.#late.add(slaveId);
      await this.close();
    }
    return outcome;
  }

  #race(answer: Promise<readonly number[]>, where: string): Promise<Outcome> {
    return new Promise((resolve) => {
      const end = (outcome: Outcome) => {
        timer[Symbol.dispose]();
        resolve(outcome);
      };
      const fail = (problem: AppError) => end({ kind: 'failed', problem });
      const timer = this.#clock.after(this.#timeoutMs, () => fail(ioTimeout(where, this.#timeoutMs)));
      this.#fail = fail;
      answer.then(
        (values) => end({ kind: 'values', values }),
        (error: unknown) => end(refusal(error, where)),
      );
    });
  }

  /** Closes the line; the next request opens it again. */
  async close(): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    this.#fail?.(ioFailed(`bus ${this.#bus}`, 'the line was closed'));
    await link?.[Symbol.asyncDispose]();
  }

  /** For good: an opening under way fails. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    return this.close();
  }
}

function refusal(error: unknown, where: string): Outcome {
  const exception = exceptionOf(error);
  if (exception === undefined) {
    const what = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', problem: ioFailed(where, `its answer makes no sense (${what})`, error) };
  }
  const problem = ioFailed(where, `it answers "${exception.name}" (exception ${exception.code})`, error);
  return exception.isSilence ? { kind: 'failed', problem } : { kind: 'exception', exception, problem };
}
