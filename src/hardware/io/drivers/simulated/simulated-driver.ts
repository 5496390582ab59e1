import type { AppError } from '../../../../core/app-error.ts';
import type { Timer } from '../../../../core/clock.ts';
import {
  type ChannelInfo,
  type ChannelReading,
  type CircuitKey,
  circuitKey,
  type Health,
  type SettingValue,
} from '../../circuit.ts';
import type { CallOptions, ChannelWrite, DriverServices, IoDriver } from '../../driver.ts';
import { circuitNotFound, circuitReadOnly, ioFailed, ioGone, ioStarting, ioTimeout } from '../../errors.ts';
import { simulatedChannels } from './channels.ts';
import type { SimulatedBoardConfig } from './config.ts';
import { SimulatedHardware } from './simulated-hardware.ts';

/** A fault that comes by itself, counted from the opening. */
export type ScheduledFault = Readonly<SimulatedBoardConfig['faults'][number]>;
export type SimulatedFault = ScheduledFault['kind'];

const WHERE = 'the simulated board';

/** The built-in board's driver, which can be made to misbehave. */
export class SimulatedDriver implements IoDriver {
  readonly channels: readonly ChannelInfo[];
  readonly #services: DriverServices;
  readonly #keys: ReadonlyMap<CircuitKey, ChannelInfo>;
  readonly #faults = new Set<{ readonly kind: SimulatedFault }>();
  readonly #timers = new Set<Timer>();
  /** Undefined while it is unplugged. */
  #hardware: SimulatedHardware | undefined;
  /** Calls that wait for an answer, with what ends them. */
  readonly #waiting = new Set<(reason: AppError) => void>();
  #reason: AppError = ioStarting(WHERE);
  #isStale = false;
  #isDisposed = false;

  constructor(name: string, faults: readonly ScheduledFault[], services: DriverServices) {
    this.#services = services;
    this.channels = simulatedChannels(name);
    this.#keys = new Map(
      this.channels.map((channel) => [circuitKey(channel.type, channel.circuit), channel]),
    );
    this.#after(0, () => this.#appear());
    for (const fault of faults) this.#schedule(fault);
  }

  async read(key: CircuitKey, { signal }: CallOptions): Promise<ChannelReading> {
    this.#channel(key);
    return this.#call(signal, (hardware) => hardware.read(key));
  }

  async write(writes: readonly ChannelWrite[], { signal }: CallOptions): Promise<void> {
    for (const { key } of writes) {
      if (this.#channel(key).direction !== 'output') throw circuitReadOnly(key, 'value');
    }
    return this.#call(signal, (hardware) => {
      const isRefused = this.#has('refuse');
      hardware.write(isRefused ? writes.slice(0, Math.ceil(writes.length / 2)) : writes);
      if (isRefused) throw refused();
    });
  }

  async configure(
    key: CircuitKey,
    settings: Readonly<Record<string, SettingValue>>,
    { signal }: CallOptions,
  ): Promise<void> {
    this.#channel(key);
    return this.#call(signal, (hardware) => {
      hardware.configure(key, settings);
      if (this.#has('refuse')) throw refused();
    });
  }

  async blink(
    key: CircuitKey,
    times: { readonly onMs: number; readonly offMs: number },
    { signal }: CallOptions,
  ): Promise<void> {
    this.#channel(key);
    return this.#call(signal, (hardware) => {
      hardware.blink(key, times);
      if (this.#has('refuse')) throw refused();
    });
  }

  /** Makes the board misbehave until disposed. Of `vanish` and others at a time, `vanish` wins. */
  inject(kind: SimulatedFault): Disposable {
    const fault = { kind };
    this.#faults.add(fault);
    if (kind === 'vanish') this.#vanish();
    return {
      [Symbol.dispose]: () => {
        if (!this.#faults.delete(fault) || this.#has(kind)) return;
        if (kind === 'vanish') this.#appear();
        if (kind === 'silent' && this.#isStale) this.#tell({ state: 'ok' });
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    for (const timer of this.#timers) timer[Symbol.dispose]();
    this.#vanish();
  }

  #appear(): void {
    if (this.#isDisposed || this.#has('vanish')) return;
    const { clock, listener, initialLevel } = this.#services;
    this.#hardware = new SimulatedHardware(this.channels, clock, initialLevel, (key, edge) =>
      listener.onEdge(key, edge),
    );
    this.#tell({ state: 'ok' });
  }

  #vanish(): void {
    this.#hardware?.[Symbol.dispose]();
    this.#hardware = undefined;
    this.#reason = ioGone(WHERE);
    for (const end of this.#waiting) end(this.#reason);
    const { code, message } = this.#reason;
    this.#tell({ state: 'down', problem: { code, message } });
  }

  async #call<T>(signal: AbortSignal, run: (hardware: SimulatedHardware) => T): Promise<T> {
    signal.throwIfAborted();
    if (this.#hardware === undefined) throw this.#reason;
    return this.#has('silent') ? await this.#silence(signal) : run(this.#hardware);
  }

  /** Never resolves: what a broken bus has not answered, it does not answer later. */
  #silence(signal: AbortSignal): Promise<never> {
    const sinceUs = this.#services.clock.monotonicUs();
    return new Promise((_resolve, reject) => {
      const onAbort = () => {
        this.#waiting.delete(end);
        const waitedMs = Math.round((this.#services.clock.monotonicUs() - sinceUs) / 1000);
        this.#noticeSilence(ioTimeout(WHERE, waitedMs));
        reject(signal.reason);
      };
      const end = (reason: AppError) => {
        signal.removeEventListener('abort', onAbort);
        this.#waiting.delete(end);
        reject(reason);
      };
      this.#waiting.add(end);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #noticeSilence({ code, message }: AppError): void {
    if (this.#has('silent') && !this.#isStale) this.#tell({ state: 'stale', problem: { code, message } });
  }

  #tell(health: Health): void {
    if (this.#isDisposed) return;
    this.#isStale = health.state === 'stale';
    this.#services.listener.onHealth([...this.#keys.keys()], health);
  }

  #schedule({ kind, afterMs, durationMs }: ScheduledFault): void {
    this.#after(afterMs, () => {
      const fault = this.inject(kind);
      this.#after(durationMs, () => fault[Symbol.dispose]());
    });
  }

  #after(delayMs: number, run: () => void): void {
    const timer = this.#services.clock.after(delayMs, () => {
      this.#timers.delete(timer);
      run();
    });
    this.#timers.add(timer);
  }

  #channel(key: CircuitKey): ChannelInfo {
    const channel = this.#keys.get(key);
    if (channel !== undefined) return channel;
    throw circuitNotFound(key, [...this.#keys.keys()]);
  }

  #has(kind: SimulatedFault): boolean {
    return [...this.#faults].some((fault) => fault.kind === kind);
  }
}

function refused(): AppError {
  return ioFailed(WHERE, 'the fault "refuse" is being rehearsed');
}
