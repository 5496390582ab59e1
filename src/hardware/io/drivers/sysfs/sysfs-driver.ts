import { type AppError, toAppError } from '../../../../core/app-error.ts';
import {
  type ChannelInfo,
  type ChannelReading,
  type CircuitKey,
  circuitKey,
  type Level,
  type SettingValue,
} from '../../circuit.ts';
import type { CallOptions, ChannelWrite, DriverServices, IoDriver } from '../../driver.ts';
import { circuitNotFound, circuitReadOnly, ioUnsupported } from '../../errors.ts';
import { Presence } from './presence.ts';
import { Turns } from './turns.ts';

/** What a channel tells by itself. */
export interface ChannelEvents {
  onReading(reading: ChannelReading): void;
  /** The hardware is gone. */
  onLost(error: AppError): void;
}

/** One channel of a driver whose hardware is files of sysfs. Calls come one after the other. */
export interface SysfsChannel {
  /** What only the hardware tells (its settings, its range) is filled in by `find`. */
  readonly info: ChannelInfo;
  /**
   * Finds the hardware, takes hold of it, and sets its initial level.
   * @throws AppError why it cannot; it is then called again later.
   */
  find(events: ChannelEvents): Promise<void>;
  read(): Promise<ChannelReading>;
  /** Absent: it is no output. */
  write?(level: Level): Promise<void>;
  /** Absent: it has no settings. */
  configure?(settings: Readonly<Record<string, SettingValue>>): Promise<void>;
  blink?(times: { readonly onMs: number; readonly offMs: number }): Promise<void>;
  /** Gives back what `find` took; the hardware may be gone. Idempotent. */
  release?(): Promise<void>;
}

/** How long disposal waits for hardware that does not answer: the service has 1.9 s for all it ends. */
const GIVE_BACK_MS = 500;

interface Place {
  readonly channel: SysfsChannel;
  readonly presence: Presence;
  readonly turns: Turns;
}

/**
 * Makes a driver of channels. Their hardware has been looked for once when it resolves; whatever is not there then is
 * looked for until disposal.
 */
export async function openSysfsDriver(
  channels: readonly SysfsChannel[],
  services: DriverServices,
): Promise<IoDriver> {
  const driver = new SysfsDriver(channels, services);
  await driver.look();
  setImmediate(() => driver.begin());
  return driver;
}

class SysfsDriver implements IoDriver {
  readonly channels: readonly ChannelInfo[];
  readonly #places: ReadonlyMap<CircuitKey, Place>;
  readonly #services: DriverServices;
  #disposal: Promise<void> | undefined;
  #state: 'opening' | 'open' | 'closed' = 'opening';

  constructor(channels: readonly SysfsChannel[], services: DriverServices) {
    this.#services = services;
    this.channels = channels.map(({ info }) => info);
    this.#places = new Map(channels.map((channel) => this.#place(channel)));
  }

  async look(): Promise<void> {
    await Promise.all([...this.#places.values()].map(({ presence }) => presence.look()));
  }

  begin(): void {
    if (this.#state === 'closed') return;
    this.#state = 'open';
    for (const { presence } of this.#places.values()) presence.begin();
  }

  read(key: CircuitKey, { signal }: CallOptions): Promise<ChannelReading> {
    return this.#call(key, signal, (channel) => channel.read());
  }

  async write(writes: readonly ChannelWrite[], { signal }: CallOptions): Promise<void> {
    for (const { key, level } of writes) {
      const run = async (channel: SysfsChannel) => {
        if (channel.write === undefined) throw circuitReadOnly(key, 'value');
        await channel.write(level);
      };
      await this.#call(key, signal, run, true);
    }
  }

  configure(
    key: CircuitKey,
    settings: Readonly<Record<string, SettingValue>>,
    { signal }: CallOptions,
  ): Promise<void> {
    return this.#call(key, signal, async (channel) => {
      if (channel.configure === undefined) throw circuitReadOnly(key, Object.keys(settings).join(', '));
      await channel.configure(settings);
    });
  }

  blink(
    key: CircuitKey,
    times: { readonly onMs: number; readonly offMs: number },
    { signal }: CallOptions,
  ): Promise<void> {
    return this.#call(key, signal, async (channel) => {
      if (channel.blink === undefined) throw ioUnsupported(channel.info.hardware, 'blink by itself');
      await channel.blink(times);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#state = 'closed';
    this.#disposal ??= this.#giveBack();
    return this.#disposal;
  }

  async #giveBack(): Promise<void> {
    const places = [...this.#places.values()];
    for (const { presence } of places) presence[Symbol.dispose]();
    const patience = new AbortController();
    const timer = this.#services.clock.after(GIVE_BACK_MS, () => patience.abort());
    const releases = places.map(async ({ channel, turns }) => {
      try {
        await turns.take(async () => channel.release?.(), patience.signal);
      } catch (error) {
        const { hardware } = channel.info;
        this.#services.log.warn({ err: error, hardware }, `${hardware} could not be given back.`);
      }
    });
    await Promise.all(releases);
    timer[Symbol.dispose]();
  }

  async #call<T>(
    key: CircuitKey,
    signal: AbortSignal,
    run: (channel: SysfsChannel) => Promise<T>,
    isRepeated = false,
  ): Promise<T> {
    const place = this.#places.get(key);
    if (place === undefined) throw circuitNotFound(key, [...this.#places.keys()]);
    const { channel, presence, turns } = place;
    presence.check();
    try {
      const result = await turns.take(() => run(channel), signal);
      presence.worked();
      return result;
    } catch (error) {
      presence.failed(toAppError(error), isRepeated);
      throw error;
    }
  }

  #place(channel: SysfsChannel): [CircuitKey, Place] {
    const { clock, listener } = this.#services;
    const { type, circuit, hardware } = channel.info;
    const key = circuitKey(type, circuit);
    const turns = new Turns(hardware, clock);
    const presence: Presence = new Presence({
      where: hardware,
      clock,
      find: () => turns.take(() => channel.find(events)),
      probe: async () => events.onReading(await turns.take(() => channel.read())),
      release: () => turns.take(async () => channel.release?.()),
      onHealth: (health) => {
        if (this.#state === 'open') listener.onHealth([key], health);
      },
    });
    const events: ChannelEvents = {
      onReading: (reading) => {
        if (this.#state === 'open') listener.onReading(key, reading);
      },
      onLost: (error) => presence.lost(error),
    };
    return [key, { channel, presence, turns }];
  }
}
