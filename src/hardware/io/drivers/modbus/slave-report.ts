import type { Clock } from '../../../../core/clock.ts';
import { type ChannelReading, type CircuitKey, circuitKey, type Health } from '../../circuit.ts';
import type { RegisterBlock } from './hw-definition.ts';
import type { ModbusCircuit } from './modbus-circuit.ts';
import { downUs, healthOf, type Outage } from './outage.ts';
import type { Registers } from './registers.ts';
import type { ScanPlan } from './scan-plan.ts';

/** A circuit, the blocks it is read from, and what was last told of it. */
export interface Entry {
  readonly key: CircuitKey;
  readonly circuit: ModbusCircuit;
  readonly valueBlocks: readonly RegisterBlock[];
  readonly blocks: readonly RegisterBlock[];
  reading?: string;
  health?: string;
}

/** When a block was last read: asked for, and answered. CLOCK_MONOTONIC in microseconds. */
export interface BlockTimes {
  readonly askedUs: number;
  readonly readUs: number;
}

/** How a slave is. */
export interface SlaveState {
  readonly registers: Registers;
  readonly times: ReadonlyMap<RegisterBlock, BlockTimes>;
  /** Whether it works: it has been found, and its outputs are at their initial levels. */
  readonly isWelcome: boolean;
  /** Whether it ever was, so that there are readings to go stale. */
  readonly hasBeenWelcome: boolean;
  readonly outage: Outage | undefined;
  /** Blocks that it refuses to read. */
  readonly refused: ReadonlyMap<RegisterBlock, Outage>;
}

export interface ReportListener {
  onReading(key: CircuitKey, reading: ChannelReading): void;
  onHealth(keys: readonly CircuitKey[], health: Health): void;
}

/** Tells the circuits of one slave: readings and health that differ from what was last told. */
export class SlaveReport {
  readonly #entries = new Map<CircuitKey, Entry>();
  readonly #state: SlaveState;
  readonly #listener: ReportListener;
  readonly #clock: Clock;
  #downTimer: Disposable | undefined;

  /** @param state is looked at whenever something is told. */
  constructor(
    circuits: readonly ModbusCircuit[],
    plan: ScanPlan,
    state: SlaveState,
    listener: ReportListener,
    clock: Clock,
  ) {
    this.#state = state;
    this.#listener = listener;
    this.#clock = clock;
    for (const circuit of circuits) {
      const key = circuitKey(circuit.channel.type, circuit.channel.circuit);
      const find = (ranges: ModbusCircuit['value']) =>
        [...new Set(ranges.map((range) => plan.blockOf(range)))].filter((block) => block !== undefined);
      const valueBlocks = find(circuit.value);
      const blocks = find([...circuit.value, ...circuit.settings]);
      this.#entries.set(key, { key, circuit, valueBlocks, blocks });
    }
  }

  get entries(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  /** @throws Error when the circuit is another slave's, which its driver has to know. */
  entry(key: CircuitKey): Entry {
    const entry = this.#entries.get(key);
    if (entry === undefined) throw new Error(`${key} is a circuit of another slave`);
    return entry;
  }

  reading(entry: Entry): ChannelReading {
    const takenUs = this.readUs(entry) ?? this.#clock.monotonicUs();
    return { ...entry.circuit.reading(this.#state.registers), takenUs };
  }

  /** When its value was last read; undefined when it has no registers. */
  readUs({ valueBlocks }: Entry): number | undefined {
    const readUs = valueBlocks.map((block) => this.#state.times.get(block)?.readUs ?? 0);
    return readUs.length === 0 ? undefined : Math.min(...readUs);
  }

  /** What is wrong with a circuit: with the slave, or with a block of its own. */
  trouble({ blocks }: Entry): Outage | undefined {
    const { outage, refused } = this.#state;
    return outage ?? blocks.map((block) => refused.get(block)).find((one) => one !== undefined);
  }

  /** @returns undefined while it has not been found and nothing is known to be wrong. */
  health(entry: Entry): Health | undefined {
    const { isWelcome, hasBeenWelcome, times } = this.#state;
    const trouble = this.trouble(entry);
    const hasBeenRead = hasBeenWelcome && entry.blocks.every((block) => times.has(block));
    if (trouble !== undefined) return healthOf(trouble, hasBeenRead, this.#clock.monotonicUs());
    return isWelcome ? { state: 'ok' } : undefined;
  }

  /**
   * @param block whose circuits are told if they differ from what was told of them; absent: all are told.
   * @param isChanged whether anything in the block has. Analog inputs are told anyway: filters count samples.
   */
  tellReadings(block?: RegisterBlock, isChanged = true): void {
    for (const entry of this.#entries.values()) {
      if (block !== undefined && !entry.blocks.includes(block)) continue;
      const isSample = block !== undefined && isAnalogInput(entry) && entry.valueBlocks.includes(block);
      if (!isChanged && !isSample) continue;
      if (entry.blocks.some((one) => !this.#state.times.has(one))) continue;
      const reading = this.reading(entry);
      const { takenUs: _, ...told } = reading;
      const shown = JSON.stringify(told);
      if (block !== undefined && !isSample && shown === entry.reading) continue;
      entry.reading = shown;
      this.#listener.onReading(entry.key, reading);
    }
  }

  /** Tells health, and again when something stale turns down. */
  tellHealth(): void {
    const changed = new Map<string, { readonly health: Health; readonly keys: CircuitKey[] }>();
    let nextUs = Number.POSITIVE_INFINITY;
    for (const entry of this.#entries.values()) {
      const health = this.health(entry);
      if (health === undefined) continue;
      const trouble = this.trouble(entry);
      if (health.state === 'stale' && trouble !== undefined) nextUs = Math.min(nextUs, downUs(trouble));
      const shown = JSON.stringify(health);
      if (shown === entry.health) continue;
      entry.health = shown;
      const same = changed.get(shown) ?? { health, keys: [] };
      same.keys.push(entry.key);
      changed.set(shown, same);
    }
    this.#downTimer?.[Symbol.dispose]();
    this.#downTimer = Number.isFinite(nextUs)
      ? this.#clock.after((nextUs - this.#clock.monotonicUs()) / 1000, () => this.tellHealth())
      : undefined;
    for (const { health, keys } of changed.values()) this.#listener.onHealth(keys, health);
  }

  [Symbol.dispose](): void {
    this.#downTimer?.[Symbol.dispose]();
  }
}

function isAnalogInput({ circuit: { channel } }: Entry): boolean {
  return channel.direction === 'input' && channel.signal === 'analog';
}
