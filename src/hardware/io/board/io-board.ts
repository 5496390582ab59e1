import type { Clock } from '../../../core/clock.ts';
import type { Lifetime } from '../../../core/lifetime.ts';
import type { Log } from '../../../core/log.ts';
import type { Board } from '../board.ts';
import type { ChannelReading, CircuitKey, CircuitType, Edge, Health, Level } from '../circuit.ts';
import type { CircuitEvent, CircuitView, CircuitWrite, Lease, LeaseRequest } from '../circuit-view.ts';
import type { IoListener } from '../driver.ts';
import { circuitNotFound, ioStopping } from '../errors.ts';
import type { Bus } from './bus.ts';
import type { Circuit } from './circuit.ts';
import { CircuitLocks } from './circuit-locks.ts';
import type { CircuitSet } from './circuit-set.ts';
import type { EventHub } from './event-hub.ts';
import type { Leases } from './leases.ts';
import { Output } from './output.ts';
import { WriteRequest } from './write-request.ts';

export interface IoBoardOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly circuits: CircuitSet;
  readonly leases: Leases;
  readonly events: EventHub;
  /** Drivers and what else ends after the outputs are safe; the board owns it. */
  readonly lifetime: Lifetime;
  /** Called once every output is safe, before the lifetime ends. */
  readonly onSafe: () => Promise<void>;
}

/** Longest time that switching to safe values may take when the service stops, which has 1.9 s for all it does. */
const SAFE_WITHIN_MS = 1000;

/** The board over circuits that are made already. */
export class IoBoard implements Board, IoListener {
  readonly #options: IoBoardOptions;
  readonly #circuits: CircuitSet;
  readonly #locks = new CircuitLocks();
  #isStopping = false;
  #disposal: Promise<void> | undefined;

  constructor(options: IoBoardOptions) {
    this.#options = options;
    this.#circuits = options.circuits;
  }

  circuits(): readonly CircuitView[] {
    return this.#circuits.all.map((circuit) => circuit.view());
  }

  find(type: CircuitType, name: string): CircuitView {
    return this.#circuits.find(type, name).view();
  }

  async read(keys: readonly CircuitKey[]): Promise<readonly CircuitView[]> {
    const circuits = keys.map((key) => this.#get(key));
    const byBus = new Map<Bus, Circuit[]>();
    for (const circuit of circuits) {
      const { bus } = circuit.record.place;
      byBus.set(bus, [...(byBus.get(bus) ?? []), circuit]);
    }
    const failures: unknown[] = [];
    const readAll = async (ofBus: readonly Circuit[]): Promise<void> => {
      for (const circuit of ofBus) {
        await this.#read(circuit).catch((error) => failures.push(error));
      }
    };
    await Promise.all([...byBus.values()].map(readAll));
    if (failures.length > 0) throw failures[0];
    return circuits.map((circuit) => circuit.view());
  }

  async write(writes: readonly CircuitWrite[], lease?: LeaseRequest): Promise<readonly CircuitView[]> {
    this.#requireRunning();
    const { leases } = this.#options;
    const request = new WriteRequest(writes, lease, {
      find: (key) => this.#get(key),
      writerOf: (output) => this.#circuits.writerOf(output),
      interlocks: this.#circuits.interlocks,
      leases,
    });
    const lock = await this.#locks.acquire(request.keys);
    try {
      this.#requireRunning();
      await request.run();
      this.#requireRunning();
    } finally {
      lock[Symbol.dispose]();
    }
    return request.keys.map((key) => this.#get(key).view());
  }

  leases(): readonly Lease[] {
    return this.#options.leases.list();
  }

  renewLease(id: string): Lease {
    return this.#options.leases.renew(id);
  }

  async endLease(id: string): Promise<void> {
    const outputs = this.#options.leases
      .end(id)
      .map((key) => this.#get(key))
      .filter((circuit) => circuit instanceof Output);
    await Promise.all(
      [...new Set(outputs.map((output) => this.#circuits.writerOf(output)))].map((one) => one.flush()),
    );
    for (const { isDue, problem } of outputs) if (isDue && problem !== undefined) throw problem;
  }

  holdLease(id: string): Disposable {
    return this.#options.leases.hold(id);
  }

  onEvent(listener: (event: CircuitEvent) => void): Disposable {
    return this.#options.events.onEvent(listener);
  }

  /** See `DriverServices.initialLevel`. */
  initialLevel(key: CircuitKey): Level | undefined {
    const circuit = this.#circuits.get(key);
    return circuit instanceof Output ? circuit.initialLevel : undefined;
  }

  onEdge(key: CircuitKey, edge: Edge): void {
    this.#circuits.get(key)?.onEdge(edge);
  }

  onReading(key: CircuitKey, reading: ChannelReading): void {
    this.#circuits.get(key)?.onReading(reading);
  }

  onHealth(keys: readonly CircuitKey[], health: Health): void {
    for (const key of keys) {
      const circuit = this.#circuits.get(key);
      if (circuit !== undefined) this.#setHealth(circuit, health);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#stop();
    return this.#disposal;
  }

  #setHealth(circuit: Circuit, health: Health): void {
    const { record } = circuit;
    const before = record.health;
    const isSame = before.state === health.state && before.problem?.message === health.problem?.message;
    if (isSame && before.problem?.code === health.problem?.code) return;
    record.health = health;
    record.tell('health', circuit.view().value, { health });
    circuit.onHealth(before.state);
    if (health.state !== 'ok' || (circuit instanceof Output && circuit.isDue)) return;
    this.#read(circuit).catch((error) => {
      this.#options.log.debug({ circuit: record.key, err: error }, `${record.key} could not be read`);
    });
  }

  async #read(circuit: Circuit): Promise<void> {
    circuit.record.requirePresence();
    circuit.onReading(await circuit.record.place.bus.read(circuit.record.key));
  }

  #get(key: CircuitKey): Circuit {
    const circuit = this.#circuits.get(key);
    if (circuit === undefined)
      throw circuitNotFound(
        key,
        this.#circuits.all.map(({ record }) => record.key),
      );
    return circuit;
  }

  /** @throws AppError IO_STOPPING */
  #requireRunning(): void {
    if (this.#isStopping) throw ioStopping();
  }

  async #stop(): Promise<void> {
    this.#isStopping = true;
    const { leases, lifetime, clock, log, onSafe } = this.#options;
    this.#circuits.stopPolling();
    leases[Symbol.dispose]();
    for (const { queue } of this.#circuits.buses) queue.clear(ioStopping());
    for (const output of this.#circuits.outputs) output.input({ kind: 'stop' });
    await within(clock, SAFE_WITHIN_MS, Promise.all(this.#circuits.writers.map((one) => one.settled())));
    const unsafe = this.#circuits.outputs.filter(({ isAtRest }) => !isAtRest).map(({ key }) => key);
    if (unsafe.length > 0) {
      log.error({ circuits: unsafe }, `${unsafe.join(', ')} could not be set to the safe value`);
    } else {
      lifetime.defer(onSafe);
    }
    this.#circuits[Symbol.dispose]();
    await lifetime[Symbol.asyncDispose]();
  }
}

async function within(clock: Clock, ms: number, done: Promise<unknown>): Promise<void> {
  let timer: Disposable | undefined;
  const over = new Promise<void>((resolve) => {
    timer = clock.after(ms, resolve);
  });
  await Promise.race([done, over]);
  timer?.[Symbol.dispose]();
}
