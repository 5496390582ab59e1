import { join } from 'node:path';
import { Lifetime } from '../../../../core/lifetime.ts';
import {
  type ChannelInfo,
  type ChannelReading,
  type CircuitKey,
  circuitKey,
  type SettingValue,
} from '../../circuit.ts';
import type { CallOptions, ChannelWrite, DriverServices, IoDriver } from '../../driver.ts';
import { circuitNotFound, circuitReadOnly } from '../../errors.ts';
import { Bus } from './bus.ts';
import { Connection } from './connection.ts';
import type { CommChannel, LineConfig, SlaveConfig } from './evok-config.ts';
import { readEvokFile } from './evok-file.ts';
import { type HwDefinition, hwDefinition } from './hw-definition.ts';
import type { ModbusCircuit, SlavePlace } from './modbus-circuit.ts';
import { ScanPlan } from './scan-plan.ts';
import { openSerial } from './serial-link.ts';
import { Slave, type SlaveListener } from './slave.ts';
import { deviceInfo, slaveCircuit } from './slave-circuits.ts';
import { openTcp } from './tcp-link.ts';

/** Who serves a circuit. */
interface Served {
  readonly channel: ChannelInfo;
  readonly bus: Bus;
  readonly slave: Slave;
  /** Whether it is asked for on the wire. */
  readonly hasRegisters: boolean;
}

const keyOf = ({ type, circuit }: ChannelInfo): CircuitKey => circuitKey(type, circuit);

/** Modbus devices as evok describes them. */
export class ModbusDriver implements IoDriver {
  readonly #name: string;
  readonly #folder: string;
  readonly #services: DriverServices;
  readonly #lifetime = new Lifetime();
  readonly #served = new Map<CircuitKey, Served>();
  readonly #buses: Bus[] = [];
  #isClosed = false;

  private constructor(name: string, folder: string, services: DriverServices) {
    this.#name = name;
    this.#folder = folder;
    this.#services = services;
  }

  /** @throws AppError IO_CONFIG_INVALID when a definition is wrong. */
  static async open(
    name: string,
    folder: string,
    channels: readonly CommChannel[],
    services: DriverServices,
  ): Promise<ModbusDriver> {
    const driver = new ModbusDriver(name, folder, services);
    for (const channel of channels) await driver.#addBus(channel);
    driver.#lifetime.use(services.clock.after(0, () => driver.#start()));
    return driver;
  }

  get channels(): readonly ChannelInfo[] {
    return [...this.#served.values()].map(({ channel }) => channel);
  }

  #start(): void {
    for (const bus of this.#buses) bus.start();
  }

  async #addBus({ bus: name, line, timeoutMs, slaves: configs, info }: CommChannel): Promise<void> {
    const { clock } = this.#services;
    const connection = new Connection(
      (options) => this.#openLine(line, name, options),
      name,
      timeoutMs,
      clock,
    );
    const slaves: Slave[] = [];
    const bus = new Bus(name, connection, slaves, clock);
    for (const config of configs) {
      const place = { bus: name, device: config.device, slaveId: config.slaveId };
      const definition = await this.#definition(config.model, place);
      if (definition === undefined) continue;
      // A product of several slaves is told with the first of them.
      const infos = [...(slaves.length === 0 && info ? [info] : []), ...(config.info ? [config.info] : [])];
      const told = infos.map((one) => deviceInfo(one, place));
      slaves.push(this.#addSlave(config, line, place, definition, told, bus, connection));
    }
    this.#buses.push(this.#lifetime.use(bus));
  }

  #openLine(line: LineConfig, bus: string, options: { readonly signal: AbortSignal }) {
    const { clock, roots } = this.#services;
    if (line.kind === 'tcp') return openTcp(line, bus, clock, options);
    return openSerial({ ...line, path: line.path.replace(/^\/dev(?=\/)/, roots.dev) }, bus);
  }

  /** @returns undefined when nobody knows the model, which is logged. */
  async #definition(model: string, place: SlavePlace): Promise<HwDefinition | undefined> {
    const { log } = this.#services;
    const path = join(this.#folder, 'hw_definitions', `${model}.yaml`);
    const file = await readEvokFile(this.#name, path);
    const { device } = place;
    if (file === undefined) {
      log.warn({ device, model, path }, 'This model has no definition; the device is left out.');
      return undefined;
    }
    const definition = hwDefinition(file, place);
    for (const type of definition.unknown)
      log.warn({ device, model, type }, 'A feature of this type is unknown and left out.');
    return definition;
  }

  #addSlave(
    { slaveId, scanIntervalMs, isScanned }: SlaveConfig,
    line: LineConfig,
    place: SlavePlace,
    { blocks, circuits: defined, saveCoil }: HwDefinition,
    infos: readonly ModbusCircuit[],
    bus: Bus,
    connection: Connection,
  ): Slave {
    const { clock } = this.#services;
    const coils = defined.flatMap(({ value }) => value.filter(({ table }) => table === 'coil'));
    const plan = new ScanPlan(blocks, coils);
    const facts = {
      modbusType: line.kind === 'tcp' ? 'TCP' : 'RTU',
      modbusSpec: line.kind === 'tcp' ? line.hostname : line.path,
      scanIntervalMs,
      lastAnswerAge: () => {
        const { answeredUs } = slave;
        return answeredUs === undefined ? undefined : (clock.monotonicUs() - answeredUs) / 1e6;
      },
    } as const;
    const all = [...defined, slaveCircuit(place, facts, saveCoil), ...infos];
    const circuits = this.#usable(all, plan);
    const slave: Slave = new Slave({
      ...{ slaveId, circuits, plan, isScanned, connection, clock },
      intervalMs: scanIntervalMs,
      listener: this.#slaveListener(),
    });
    for (const { channel, value } of circuits)
      this.#served.set(keyOf(channel), { channel, bus, slave, hasRegisters: value.length > 0 });
    return slave;
  }

  /** Those that have every register in a block, and a name of their own. */
  #usable(circuits: readonly ModbusCircuit[], plan: ScanPlan): readonly ModbusCircuit[] {
    const { log } = this.#services;
    const taken = new Set(this.#served.keys());
    return circuits.filter(({ channel, value, settings }) => {
      const circuit = keyOf(channel);
      const missing = [...value, ...settings].find((range) => plan.blockOf(range) === undefined);
      if (missing !== undefined)
        log.warn({ circuit, ...missing }, 'No register block has what this circuit needs; it is left out.');
      else if (taken.has(circuit))
        log.warn({ circuit }, 'There is a circuit of this name already; this one is left out.');
      else return taken.add(circuit);
      return false;
    });
  }

  #slaveListener(): SlaveListener {
    const { listener, initialLevel } = this.#services;
    return {
      onReading: (key, reading) => {
        if (!this.#isClosed) listener.onReading(key, reading);
      },
      onHealth: (keys, health) => {
        if (!this.#isClosed) listener.onHealth(keys, health);
      },
      initialLevel,
    };
  }

  /** @throws AppError CIRCUIT_NOT_FOUND, or why the circuit cannot be used now. */
  #find(key: CircuitKey): Served {
    const served = this.#served.get(key);
    if (served === undefined) throw circuitNotFound(key, []);
    served.slave.check(key);
    return served;
  }

  async read(key: CircuitKey, options: CallOptions): Promise<ChannelReading> {
    const { bus, slave, hasRegisters } = this.#find(key);
    options.signal.throwIfAborted();
    if (!hasRegisters) return slave.reading(key);
    const sinceUs = this.#services.clock.monotonicUs();
    return await bus.call(slave, () => slave.read(key, sinceUs), options);
  }

  confirmedUs(key: CircuitKey): number | undefined {
    return this.#served.get(key)?.slave.readUs(key);
  }

  async write(writes: readonly ChannelWrite[], options: CallOptions): Promise<void> {
    const bySlave = new Map<Slave, { readonly bus: Bus; readonly writes: ChannelWrite[] }>();
    for (const write of writes) {
      const { channel, bus, slave } = this.#find(write.key);
      if (channel.direction !== 'output') throw circuitReadOnly(write.key, 'value');
      const group = bySlave.get(slave) ?? { bus, writes: [] };
      group.writes.push(write);
      bySlave.set(slave, group);
    }
    const calls = [...bySlave].map(([slave, group]) =>
      group.bus.call(slave, () => slave.write(group.writes), options),
    );
    // All have ended before the first failure is told.
    for (const outcome of await Promise.allSettled(calls))
      if (outcome.status === 'rejected') throw outcome.reason;
  }

  async configure(
    key: CircuitKey,
    settings: Readonly<Record<string, SettingValue>>,
    options: CallOptions,
  ): Promise<void> {
    const { bus, slave } = this.#find(key);
    await bus.call(slave, () => slave.configure(key, settings), options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#lifetime[Symbol.asyncDispose]();
  }
}
