import type { Clock } from '../../../core/clock.ts';
import type { Log } from '../../../core/log.ts';
import { CIRCUIT_TYPES, type CircuitKey, type CircuitType, circuitKey } from '../circuit.ts';
import type { IoDriver } from '../driver.ts';
import { circuitNotFound, ioPlaceInvalid } from '../errors.ts';
import type { CircuitSettings, Interlocks } from '../settings.ts';
import { AnalogInputCircuit } from './analog-input-circuit.ts';
import { Bus } from './bus.ts';
import type { Circuit } from './circuit.ts';
import { type CircuitPlace, CircuitRecord } from './circuit-record.ts';
import { checkConfiguration } from './configuration-check.ts';
import type { Counters } from './counters.ts';
import { DigitalInputCircuit } from './digital-input-circuit.ts';
import type { EventHub } from './event-hub.ts';
import { InterlockGroups } from './interlocks.ts';
import type { Leases } from './leases.ts';
import { Output } from './output.ts';
import { outputSettings } from './output-settings.ts';
import { OutputWriter } from './output-writer.ts';
import { PlainCircuit } from './plain-circuit.ts';
import { Poller } from './poller.ts';

export interface OpenedDriver {
  readonly name: string;
  readonly kind: string;
  readonly driver: IoDriver;
}

export interface CircuitSetOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly settings: CircuitSettings;
  readonly interlocks: Interlocks;
  readonly counters: Counters;
  readonly leases: Leases;
  readonly events: EventHub;
  readonly isAfterCrash: boolean;
}

/** How often digital inputs are read whose drivers do not tell of changes. */
const DIGITAL_PERIOD_MS = 20;

/** Every circuit of every driver, made from channels and configuration, with the buses they are on. */
export class CircuitSet implements Disposable {
  readonly interlocks: InterlockGroups<Output>;
  readonly #options: CircuitSetOptions;
  readonly #circuits = new Map<string, Circuit>();
  readonly #byAlias = new Map<string, Circuit>();
  readonly #buses = new Map<string, Bus>();
  readonly #writers = new Map<Bus, OutputWriter>();
  readonly #pollers = new Map<string, Poller>();

  /** @throws AppError IO_CONFIG_INVALID */
  constructor(drivers: readonly OpenedDriver[], options: CircuitSetOptions) {
    this.#options = options;
    this.interlocks = new InterlockGroups(options.interlocks, (key) => {
      const circuit = this.#circuits.get(key);
      return circuit instanceof Output ? circuit : undefined;
    });
    const places = drivers.flatMap((driver) => this.#places(driver));
    for (const type of CIRCUIT_TYPES) {
      for (const place of places.filter(({ channel }) => channel.type === type)) this.#add(place);
    }
    checkConfiguration(this.all, options.settings, options.interlocks);
  }

  /** In the order of their types, then of their drivers. */
  get all(): readonly Circuit[] {
    return [...this.#circuits.values()];
  }

  get outputs(): readonly Output[] {
    return this.all.filter((circuit) => circuit instanceof Output);
  }

  get writers(): readonly OutputWriter[] {
    return [...this.#writers.values()];
  }

  get buses(): readonly Bus[] {
    return [...this.#buses.values()];
  }

  get(key: CircuitKey): Circuit | undefined {
    return this.#circuits.get(key);
  }

  /** @param name circuit or alias. @throws AppError CIRCUIT_NOT_FOUND */
  find(type: CircuitType, name: string): Circuit {
    const key = circuitKey(type, name);
    const circuit = this.#circuits.get(key) ?? this.#byAlias.get(key);
    if (circuit !== undefined) return circuit;
    const channels = this.all.map(({ record }) => record.place.channel).filter((one) => one.type === type);
    throw circuitNotFound(
      key,
      channels.map((channel) => channel.circuit),
    );
  }

  writerOf(output: Output): OutputWriter {
    const { bus } = output.record.place;
    let writer = this.#writers.get(bus);
    if (writer === undefined) {
      writer = new OutputWriter(bus, this.#options.clock, this.#options.log);
      this.#writers.set(bus, writer);
    }
    return writer;
  }

  startPolling(): void {
    for (const poller of this.#pollers.values()) poller.start();
  }

  stopPolling(): void {
    for (const poller of this.#pollers.values()) poller[Symbol.dispose]();
  }

  /** Stops every timer. */
  [Symbol.dispose](): void {
    this.stopPolling();
    for (const writer of this.#writers.values()) writer[Symbol.dispose]();
    for (const circuit of this.#circuits.values()) circuit[Symbol.dispose]();
  }

  #places({ name, kind, driver }: OpenedDriver): readonly CircuitPlace[] {
    return driver.channels.map((channel) => {
      const busName = `${name} ${channel.bus}`;
      const bus = this.#buses.get(busName) ?? new Bus(busName, driver, this.#options.clock);
      this.#buses.set(busName, bus);
      const { label, alias } = this.#named(channel.type, channel.circuit);
      const place = { channel, driver: { name, kind }, bus, label: label ?? channel.hardware };
      return { ...place, ...(alias !== undefined && { alias }) };
    });
  }

  #named(type: CircuitType, circuit: string): { readonly label?: string; readonly alias?: string } {
    const { settings } = this.#options;
    const ofType: Readonly<Record<string, { label?: string; alias?: string }>> =
      type in settings ? settings[type as keyof CircuitSettings] : {}; // it is one of them, then
    return ofType[circuit] ?? {};
  }

  #add(place: CircuitPlace): void {
    const { clock, events } = this.#options;
    const record = new CircuitRecord(place, clock, events);
    const other = this.#circuits.get(record.key);
    if (other !== undefined) {
      const names = [other.record.place.driver.name, place.driver.name];
      throw ioPlaceInvalid(`io.drivers.${names[1]}`, `${record.key} is offered by ${names.join(' and ')}`);
    }
    const circuit = this.#make(record);
    this.#circuits.set(record.key, circuit);
    if (place.alias !== undefined) this.#byAlias.set(circuitKey(place.channel.type, place.alias), circuit);
    if (place.channel.direction === 'input' && place.channel.delivery === 'polled') this.#poll(circuit);
  }

  #make(record: CircuitRecord): Circuit {
    const { type, circuit, direction, signal } = record.place.channel;
    const { settings, clock, counters } = this.#options;
    if (direction === 'none' || signal === 'none') return new PlainCircuit(record);
    if (direction === 'output') return this.#makeOutput(record);
    if (signal === 'analog') {
      return new AnalogInputCircuit(
        record,
        type === 'ai' || type === 'sensor' ? settings[type][circuit] : undefined,
      );
    }
    const config = type === 'di' ? settings.di[circuit] : undefined;
    return new DigitalInputCircuit(record, {
      config,
      clock,
      counters,
      onSwitch: (value) => this.#switch(config?.directSwitch ?? '', config?.directSwitchMode, value),
    });
  }

  #makeOutput(record: CircuitRecord): Output {
    const { type, circuit } = record.place.channel;
    const { settings } = this.#options;
    const output: Output = new Output(record, {
      ...this.#options,
      settings: outputSettings(type, circuit, settings),
      interlocks: this.interlocks,
      flush: () => void this.writerOf(output).flush(),
    });
    this.writerOf(output).add(output);
    return output;
  }

  #switch(key: string, how: 'follow' | 'inverted' | 'toggle' = 'follow', value: 0 | 1): void {
    const output = this.#circuits.get(key);
    if (!(output instanceof Output)) return;
    if (how !== 'toggle') output.switch((how === 'follow') === (value === 1) ? 1 : 0);
    else if (value === 1) output.switch('toggle');
  }

  #poll(circuit: Circuit): void {
    const periodMs = circuit instanceof AnalogInputCircuit ? circuit.samplePeriodMs : DIGITAL_PERIOD_MS;
    const { bus, driver, channel } = circuit.record.place;
    const name = `${driver.name} ${channel.bus} ${periodMs}`;
    const { clock, log } = this.#options;
    const poller = this.#pollers.get(name) ?? new Poller(bus, periodMs, clock, log);
    this.#pollers.set(name, poller);
    poller.add(circuit);
  }
}
