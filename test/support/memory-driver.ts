import type { Clock } from '../../src/core/clock.ts';
import type { BoardDriver } from '../../src/hardware/io/board/index.ts';
import type {
  ChannelInfo,
  ChannelReading,
  CircuitKey,
  Edge,
  Health,
  Level,
  Sample,
  SettingValue,
} from '../../src/hardware/io/circuit.ts';
import { circuitKey } from '../../src/hardware/io/circuit.ts';
import type { CallOptions, ChannelWrite, IoDriver } from '../../src/hardware/io/driver.ts';
import { ioFailed, ioGone } from '../../src/hardware/io/errors.ts';

type Services = Parameters<BoardDriver['open']>[0];

/** How a write goes wrong: without effect, after its effect, never answered, or (once) done long after it was given up. */
export type WriteFault = 'no-effect' | 'with-effect' | 'silent' | 'late';

const LATE_MS = 7000;

/** A digital channel of the memory board. */
export function digital(key: CircuitKey, more: Partial<ChannelInfo> = {}): ChannelInfo {
  const [type, circuit] = key.split('/') as [ChannelInfo['type'], string]; // what a key is made of
  return {
    type,
    circuit,
    direction: type === 'di' ? 'input' : 'output',
    signal: 'digital',
    settings: [],
    features: {},
    hardware: `memory ${key}`,
    bus: 'memory',
    delivery: 'pushed',
    ...more,
  };
}

/** An analog channel from 0 to 10 V. */
export function analog(key: CircuitKey, more: Partial<ChannelInfo> = {}): ChannelInfo {
  const direction = key.startsWith('ao/') || key.startsWith('register/') ? 'output' : 'input';
  return { ...digital(key), signal: 'analog', direction, unit: 'V', minimum: 0, maximum: 10, ...more };
}

/** Hardware in memory, at the seam between board and driver: what is written stays, and every change is seen. */
export class MemoryHardware {
  readonly levels = new Map<CircuitKey, Level>();
  readonly settings = new Map<CircuitKey, Record<string, SettingValue>>();
  /** Every call, as text. */
  readonly calls: string[] = [];
  readonly blinks = new Map<CircuitKey, { readonly onMs: number; readonly offMs: number }>();
  writeFault: WriteFault | undefined;
  /** Whose writes go wrong; all when absent. */
  faulty: CircuitKey | undefined;
  readFault: 'fails' | 'silent' | undefined;
  callMs = 0;
  /** Called after every change of a level. */
  onChange: (key: CircuitKey) => void = () => undefined;
  /** Called when a read begins, with how many are under way then. */
  onRead: (running: number) => void = () => undefined;
  disposals = 0;
  /** How often the service that drives it was killed: calls of one before that never get here. */
  #kills = 0;
  isSilentDriverAborted = false;
  readonly #clock: Clock;
  #reads = 0;
  readonly #down = new Set<CircuitKey>();
  readonly #owners = new Map<CircuitKey, Services>();
  readonly #initial = new Map<CircuitKey, Level | undefined>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A driver for these channels. They are up as soon as the board is open, unless said otherwise. */
  driver(
    channels: readonly ChannelInfo[],
    { name = 'memory', isUp = true }: { readonly name?: string; readonly isUp?: boolean } = {},
  ): BoardDriver {
    const open = async (services: Services): Promise<IoDriver> => {
      const keys = channels.map(({ type, circuit }) => circuitKey(type, circuit));
      for (const key of keys) {
        this.#owners.set(key, services);
        this.#initial.set(key, services.initialLevel(key));
        if (!this.levels.has(key)) this.levels.set(key, { value: 0 });
        if (!isUp) this.#down.add(key);
      }
      await Promise.resolve();
      if (isUp) services.listener.onHealth(keys, { state: 'ok' });
      return this.#driver(channels);
    };
    return { name, kind: 'memory', open };
  }

  /** Cuts off all who have opened drivers so far, as a SIGKILL does. Levels stay as they are. */
  kill(): void {
    this.#kills += 1;
    this.#owners.clear();
  }

  value(key: CircuitKey): number | undefined {
    return this.levels.get(key)?.value;
  }

  /** What the driver was told to set an output to when it opened. */
  initialLevel(key: CircuitKey): Level | undefined {
    return this.#initial.get(key);
  }

  /** What the driver would be told if it took hold of an output now. */
  nextInitialLevel(key: CircuitKey): Level | undefined {
    return this.#owners.get(key)?.initialLevel(key);
  }

  /** @param problem why not, when the state is another than ok. */
  setHealth(keys: readonly CircuitKey[], state: Health['state'], problem = ioGone('the memory board')): void {
    for (const key of keys) {
      if (state === 'down') this.#down.add(key);
      else this.#down.delete(key);
      const { code, message } = problem;
      this.#owners
        .get(key)
        ?.listener.onHealth([key], { state, ...(state !== 'ok' && { problem: { code, message } }) });
    }
  }

  /** Changes an input; the driver tells of it. */
  edge(key: CircuitKey, edge: Edge['edge']): void {
    this.levels.set(key, { value: edge === 'rising' ? 1 : 0 });
    const timestampNs = BigInt(this.#clock.monotonicUs()) * 1000n;
    this.#owners
      .get(key)
      ?.listener.onEdge(key, { edge, timestampNs, clock: 'monotonic', lineSequence: 1, lost: 0 });
  }

  /** Sets a level from outside; the driver tells of it. */
  set(key: CircuitKey, value: number): void {
    this.levels.set(key, { value });
    this.#owners.get(key)?.listener.onReading(key, this.#reading(key));
  }

  /** Tells what an analog input measured since it was last told of. */
  measure(key: CircuitKey, samples: readonly Sample[]): void {
    this.#owners.get(key)?.listener.onReading(key, { ...this.#reading(key), samples });
  }

  #reading(key: CircuitKey): ChannelReading {
    const settings = this.settings.get(key);
    return {
      level: this.levels.get(key) ?? { value: 0 },
      takenUs: this.#clock.monotonicUs(),
      ...(settings && { settings: { ...settings } }),
    };
  }

  #driver(channels: readonly ChannelInfo[]): IoDriver {
    const born = this.#kills;
    const isKilled = (): boolean => born !== this.#kills;
    return {
      channels,
      read: async (key, options) => {
        this.#reads += 1;
        this.onRead(this.#reads);
        await this.#call(key, this.readFault === 'silent', options, isKilled).finally(() => {
          this.#reads -= 1;
        });
        if (this.readFault === 'fails') throw ioFailed('the memory board', 'it cannot be read');
        return this.#reading(key);
      },
      write: (writes, options) => this.#write(writes, options, isKilled),
      configure: async (key, settings, options) => {
        this.calls.push(`configure ${key} ${JSON.stringify(settings)}`);
        await this.#call(key, false, options, isKilled);
        this.settings.set(key, { ...this.settings.get(key), ...settings });
      },
      blink: async (key, times, options) => {
        this.calls.push(`blink ${key} ${times.onMs} ${times.offMs}`);
        await this.#call(key, false, options, isKilled);
        this.blinks.set(key, times);
      },
      [Symbol.asyncDispose]: async () => {
        this.disposals += 1;
      },
    };
  }

  async #write(
    writes: readonly ChannelWrite[],
    options: CallOptions,
    isKilled: () => boolean,
  ): Promise<void> {
    this.calls.push(`write ${writes.map(({ key, level }) => `${key}=${level.value}`).join(' ')}`);
    const isFaulty = this.faulty === undefined || writes.some(({ key }) => key === this.faulty);
    const fault = isFaulty ? this.writeFault : undefined;
    for (const { key } of writes) await this.#call(key, fault === 'silent', options, isKilled);
    if (fault === 'late') {
      this.writeFault = undefined;
      await new Promise<void>((resolve) => void this.#clock.after(LATE_MS, resolve));
    }
    if (fault !== 'no-effect' && !isKilled()) {
      for (const { key, level } of writes) {
        this.blinks.delete(key);
        this.levels.set(key, level);
        this.onChange(key);
      }
    }
    if (fault !== undefined && fault !== 'late') throw ioFailed('the memory board', 'it refuses');
  }

  async #call(
    key: CircuitKey,
    isSilent: boolean,
    { signal }: CallOptions,
    isKilled: () => boolean,
  ): Promise<void> {
    if (this.#down.has(key) || isKilled()) throw ioGone('the memory board');
    if (isSilent) {
      await new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => {
          this.isSilentDriverAborted = true;
          reject(signal.reason);
        });
      });
    }
    if (this.callMs > 0) await new Promise<void>((resolve) => this.#clock.after(this.callMs, resolve));
    else await Promise.resolve();
    if (this.#down.has(key) || isKilled()) throw ioGone('the memory board');
  }
}
