import type { AppError } from '../../../../core/app-error.ts';
import type { Clock } from '../../../../core/clock.ts';
import type { ChannelReading, CircuitKey, Level } from '../../circuit.ts';
import { ioStarting } from '../../errors.ts';
import type { Connection, Outcome } from './connection.ts';
import type { RegisterBlock } from './hw-definition.ts';
import type { ModbusCircuit, Settings } from './modbus-circuit.ts';
import { ILLEGAL_FUNCTION } from './modbus-exception.ts';
import { downUs, failed, type Outage } from './outage.ts';
import { holding, type Operation, Registers, together, writeCoil, writeRegister } from './registers.ts';
import type { ScanPlan } from './scan-plan.ts';
import {
  type BlockTimes,
  type Entry,
  type ReportListener,
  SlaveReport,
  type SlaveState,
} from './slave-report.ts';

export interface SlaveListener extends ReportListener {
  initialLevel(key: CircuitKey): Level | undefined;
}

export interface SlaveOptions {
  readonly slaveId: number;
  readonly circuits: readonly ModbusCircuit[];
  readonly plan: ScanPlan;
  readonly intervalMs: number;
  readonly isScanned: boolean;
  readonly connection: Connection;
  readonly listener: SlaveListener;
  readonly clock: Clock;
}

/**
 * One slave: scans its blocks and keeps its registers. Its bus calls `step` and what talks to it one at a time.
 *
 * A slave is found by reading all of its blocks once. Then outputs that were gone (or never there) are set to their
 * initial levels, and it works, until a request gets no answer: then it is looked for anew.
 */
export class Slave implements SlaveState, Disposable {
  readonly registers = new Registers();
  readonly times = new Map<RegisterBlock, BlockTimes>();
  readonly refused = new Map<RegisterBlock, Outage>();
  outage: Outage | undefined;
  hasBeenWelcome = false;

  readonly #options: SlaveOptions;
  readonly #clock: Clock;
  readonly #report: SlaveReport;
  #phase: 'finding' | 'initializing' | 'working' = 'finding';
  /** What is left to read of the present cycle. */
  #pending: readonly RegisterBlock[];
  /** Written to since they were read. */
  readonly #dirty = new Set<RegisterBlock>();
  /** Coils that can only be written: they are what was written last. */
  readonly #unreadable = new Set<RegisterBlock>();
  #cycle = 0;
  #cycleUs = 0;
  #answeredUs: number | undefined;

  constructor(options: SlaveOptions) {
    const { circuits, plan, listener, clock } = options;
    this.#options = options;
    this.#clock = clock;
    this.#pending = plan.cycle(0);
    this.#report = new SlaveReport(circuits, plan, this, listener, clock);
  }

  get isWelcome(): boolean {
    return this.#phase === 'working';
  }

  /** When it last answered, CLOCK_MONOTONIC in microseconds. */
  get answeredUs(): number | undefined {
    return this.#answeredUs;
  }

  /** When it next has something to do on the line; undefined: nothing. */
  get dueUs(): number | undefined {
    if (this.outage !== undefined) return this.outage.retryUs;
    if (!this.isWelcome || this.#next !== undefined) return 0;
    return this.#options.isScanned ? this.#cycleUs : undefined;
  }

  get #next(): RegisterBlock | undefined {
    const [dirty] = this.#dirty;
    return dirty ?? this.#pending[0];
  }

  /** Does what is due: reads one block. What fails is told as health. */
  async step(): Promise<void> {
    const nowUs = this.#clock.monotonicUs();
    if (this.isWelcome && this.#next === undefined) {
      this.#cycle += 1;
      this.#cycleUs = Math.max(this.#cycleUs + this.#options.intervalMs * 1000, nowUs);
      this.#pending = this.#blocksOf(this.#cycle);
    }
    const block = this.#next;
    try {
      if (block === undefined) await this.#advance(nowUs);
      else if ((this.refused.get(block)?.retryUs ?? 0) > nowUs) this.#forget(block);
      else await this.#readBlock(block);
    } catch {
      // #settle and #refuse have told it.
    }
  }

  #blocksOf(cycle: number): readonly RegisterBlock[] {
    return this.#options.plan.cycle(cycle).filter((block) => !this.#unreadable.has(block));
  }

  #forget(block: RegisterBlock): void {
    this.#dirty.delete(block);
    this.#pending = this.#pending.filter((other) => other !== block);
  }

  /** Everything is read: from finding to initializing to working. */
  async #advance(nowUs: number): Promise<void> {
    if (this.isWelcome) return;
    const wasGone = !this.hasBeenWelcome || (this.outage !== undefined && nowUs >= downUs(this.outage));
    if (this.#phase === 'finding' && wasGone) {
      this.#phase = 'initializing';
      const writes = this.#report.entries.flatMap((entry) => {
        const level = entry.circuit.write && this.#options.listener.initialLevel(entry.key);
        return level === undefined ? [] : [{ entry, level }];
      });
      if (writes.length > 0) return await this.#writeLevels(writes);
    }
    this.#phase = 'working';
    this.hasBeenWelcome = true;
    this.outage = undefined;
    this.#cycleUs = nowUs + this.#options.intervalMs * 1000;
    this.#report.tellReadings();
    this.#report.tellHealth();
  }

  /** @throws AppError */
  async #readBlock(block: RegisterBlock): Promise<void> {
    const askedUs = this.#clock.monotonicUs();
    const outcome = this.#settle(await this.#options.connection.read(this.#options.slaveId, block), block);
    const readUs = this.#clock.monotonicUs();
    const isNew = !this.times.has(block) || this.#dirty.has(block);
    this.#forget(block);
    if (outcome.kind === 'exception') this.#refuse(block, outcome.problem, readUs);
    const values = outcome.kind === 'values' ? outcome.values : [this.registers.word(block.start, 'coil')];
    this.times.set(block, { askedUs, readUs });
    const isChanged = this.registers.store(block, values);
    if (this.isWelcome) this.#report.tellReadings(block, isChanged || isNew);
    if (this.refused.delete(block)) this.#report.tellHealth();
  }

  /** evok only ever writes coils, so they need not be readable. @throws AppError for any other block. */
  #refuse(block: RegisterBlock, problem: AppError, nowUs: number): void {
    if (block.table === 'coil') {
      this.#unreadable.add(block);
      return;
    }
    this.refused.set(block, failed(this.refused.get(block), problem, nowUs, this.#options.intervalMs));
    this.#report.tellHealth();
    throw problem;
  }

  /** Takes note of an answer. @throws AppError when there was none. */
  #settle(outcome: Outcome, block?: RegisterBlock): Exclude<Outcome, { kind: 'failed' }> {
    if (outcome.kind === 'failed') {
      this.fail(outcome.problem, block);
      throw outcome.problem;
    }
    this.#answeredUs = this.#clock.monotonicUs();
    // What is left to find follows without waiting.
    if (this.outage !== undefined) this.outage = { ...this.outage, retryUs: this.#answeredUs };
    return outcome;
  }

  /**
   * It did not answer, or its line cannot be opened.
   * @param first the block to ask for first when it is looked for again: its answer may still come.
   * @param retryUs when that is, if not after the slave's own pause.
   */
  fail(problem: AppError, first?: RegisterBlock, retryUs?: number): void {
    const outage = failed(this.outage, problem, this.#clock.monotonicUs(), this.#options.intervalMs);
    // What its line does is no failure of the slave: its own pauses do not grow.
    this.outage = retryUs === undefined ? outage : { ...outage, errors: this.outage?.errors ?? 0, retryUs };
    this.#phase = 'finding';
    this.#cycle = 0;
    this.#dirty.clear();
    const others = this.#blocksOf(0).filter((block) => block !== first);
    this.#pending = first === undefined ? others : [first, ...others];
    this.#report.tellHealth();
  }

  /** @throws AppError why the circuit cannot be used now. */
  check(key: CircuitKey): void {
    const entry = this.#report.entry(key);
    const state = this.#report.health(entry)?.state ?? 'down';
    if (state === 'down')
      throw this.#report.trouble(entry)?.problem ?? ioStarting(entry.circuit.channel.hardware);
  }

  /** When a circuit's value was last read; undefined when it has none. */
  readUs(key: CircuitKey): number | undefined {
    return this.#report.readUs(this.#report.entry(key));
  }

  /** A circuit as it is known, without asking. */
  reading(key: CircuitKey): ChannelReading {
    return this.#report.reading(this.#report.entry(key));
  }

  /**
   * Reads a circuit's value, and its settings where they were written to.
   * @param sinceUs what was asked for after this is new enough.
   * @throws AppError
   */
  async read(key: CircuitKey, sinceUs: number): Promise<ChannelReading> {
    const entry = this.#report.entry(key);
    for (const block of entry.blocks) {
      if (this.#unreadable.has(block)) this.times.set(block, { askedUs: sinceUs, readUs: sinceUs });
      const isDirty = this.#dirty.has(block);
      const isOld = entry.valueBlocks.includes(block) && (this.times.get(block)?.askedUs ?? 0) < sinceUs;
      if ((isDirty || isOld) && !this.#unreadable.has(block)) await this.#readBlock(block);
    }
    return this.#report.reading(entry);
  }

  /** @throws AppError */
  write(writes: readonly { readonly key: CircuitKey; readonly level: Level }[]): Promise<void> {
    return this.#writeLevels(writes.map(({ key, level }) => ({ entry: this.#report.entry(key), level })));
  }

  async #writeLevels(writes: readonly { readonly entry: Entry; readonly level: Level }[]): Promise<void> {
    const entries = writes.map(({ entry }) => entry);
    await this.#refresh(entries);
    // Outputs of one section share registers, so that each counts with what those before it do.
    const groups = writes.map(({ entry, level }) => {
      const operations = entry.circuit.write?.(level, this.registers) ?? [];
      for (const operation of operations) if (operation.kind === 'registers') this.registers.apply(operation);
      return operations;
    });
    await this.#execute(together(groups), entries);
  }

  /** @throws AppError */
  async configure(key: CircuitKey, settings: Settings): Promise<void> {
    const entry = this.#report.entry(key);
    await this.#refresh([entry]);
    await this.#execute(entry.circuit.configure?.(settings, this.registers) ?? [], [entry]);
  }

  /** Reads what was written to: what a circuit does next depends on it. */
  async #refresh(entries: readonly Entry[]): Promise<void> {
    for (const block of new Set(entries.flatMap(({ blocks }) => blocks)))
      if (this.#dirty.has(block)) await this.#readBlock(block);
  }

  async #execute(operations: readonly Operation[], entries: readonly Entry[]): Promise<void> {
    try {
      for (const operation of operations) {
        await this.#apply(operation);
        this.registers.apply(operation);
      }
    } finally {
      for (const block of new Set(entries.flatMap((entry) => entry.blocks))) {
        if (this.#unreadable.has(block)) this.#report.tellReadings(block);
        else if (this.#phase !== 'finding') this.#dirty.add(block);
      }
    }
  }

  async #apply(operation: Operation): Promise<void> {
    const { connection, slaveId } = this.#options;
    if (operation.kind === 'bits') {
      const { register, mask, isSet } = operation;
      const present = this.#settle(await connection.read(slaveId, holding(register)));
      if (present.kind === 'exception') throw present.problem;
      const [word = 0] = present.values;
      return this.#apply(writeRegister(register, isSet ? word | mask : word & ~mask));
    }
    const outcome = this.#settle(await connection.write(slaveId, operation));
    if (outcome.kind === 'values') return;
    const isManyCoils = operation.kind === 'coils' && operation.states.length > 1;
    if (!isManyCoils || outcome.exception.code !== ILLEGAL_FUNCTION) throw outcome.problem;
    for (const [index, isOn] of operation.states.entries())
      await this.#apply(writeCoil(operation.start + index, isOn));
  }

  [Symbol.dispose](): void {
    this.#report[Symbol.dispose]();
  }
}
