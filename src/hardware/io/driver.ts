import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type {
  ChannelInfo,
  ChannelReading,
  CircuitKey,
  Edge,
  Health,
  Level,
  SettingValue,
} from './circuit.ts';
import type { DescriptorWatch } from './descriptor-watch.ts';

export interface CallOptions {
  /** Aborted when the caller has waited long enough or the service stops. */
  readonly signal: AbortSignal;
}

export interface ChannelWrite {
  readonly key: CircuitKey;
  readonly level: Level;
}

/**
 * Owns one kind of I/O hardware and offers its channels. It knows nothing of leases, safe values, interlocks or
 * clients; the board does.
 *
 * The list of channels is fixed by the configuration. Hardware that is absent or fails makes channels `down`, never
 * the driver: it looks for it again (core/retry-schedule.ts), and tells when it is back. Calls to a channel that is
 * down reject with the reason.
 *
 * Disposal gives everything back (lines are released, exported PWM channels unexported) and is idempotent. Safe values
 * are the board's to write before it.
 */
export interface IoDriver extends AsyncDisposable {
  readonly channels: readonly ChannelInfo[];
  /**
   * Reads a channel from the hardware, now.
   * @throws AppError of src/hardware/io/errors.ts
   */
  read(key: CircuitKey, options: CallOptions): Promise<ChannelReading>;
  /**
   * Sets outputs; those that share a chip in one request, so that they change together. Levels are within the
   * channel's range already. When it rejects, it is unknown which outputs have changed.
   * @throws AppError
   */
  write(writes: readonly ChannelWrite[], options: CallOptions): Promise<void>;
  /**
   * Changes settings of a channel. Names and ranges are those of its `settings`, already checked.
   * @throws AppError
   */
  configure(
    key: CircuitKey,
    settings: Readonly<Record<string, SettingValue>>,
    options: CallOptions,
  ): Promise<void>;
  /**
   * When the hardware last confirmed what was told of a `pushed` channel, CLOCK_MONOTONIC in microseconds: it was seen
   * unchanged, and nothing was told. Absent or undefined: when the last reading was taken.
   */
  confirmedUs?(key: CircuitKey): number | undefined;
  /**
   * Lets the hardware blink an output by itself; `write` ends it. Only for channels with the feature `blink`.
   * @throws AppError
   */
  blink?(
    key: CircuitKey,
    times: { readonly onMs: number; readonly offMs: number },
    options: CallOptions,
  ): Promise<void>;
}

/** What a driver tells the board. Calls never happen before the factory has resolved, nor after disposal. */
export interface IoListener {
  onEdge(key: CircuitKey, edge: Edge): void;
  /** A value or setting that the driver has seen change, or a sample of a `pushed` analog channel. */
  onReading(key: CircuitKey, reading: ChannelReading): void;
  /** Every channel is `down` with IO_STARTING until its driver says otherwise. */
  onHealth(keys: readonly CircuitKey[], health: Health): void;
}

/** What every driver is given. */
export interface DriverServices {
  readonly listener: IoListener;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * What an output has to be set to at the moment it is taken hold of, so that no other value appears in between;
   * undefined leaves it as it is.
   */
  initialLevel(key: CircuitKey): Level | undefined;
  /** Waits for descriptors to turn readable, for all drivers in one thread. */
  readonly descriptors: DescriptorWatch;
  /** Where the kernel's file systems are mounted: `/sys` and `/dev`. Tests put folders of their own there. */
  readonly roots: { readonly sys: string; readonly dev: string };
}

/**
 * Opens a driver.
 * @param name the driver's name in the configuration; no other has it.
 * @throws AppError IO_CONFIG_INVALID when the configuration itself is wrong; absent hardware is no reason to.
 */
export type OpenDriver<Config> = (
  name: string,
  config: Config,
  services: DriverServices,
) => Promise<IoDriver>;
