import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../../src/core/log.ts';
import { StateFolder } from '../../src/core/state-folder.ts';
import { type BoardDriver, openBoard } from '../../src/hardware/io/board/index.ts';
import type { Board } from '../../src/hardware/io/board.ts';
import type { ChannelInfo } from '../../src/hardware/io/circuit.ts';
import type { CircuitEvent, EventCause } from '../../src/hardware/io/circuit-view.ts';
import type { CircuitSettings, Interlocks } from '../../src/hardware/io/settings.ts';
import { FakeClock, settle } from './fake-clock.ts';
import { MemoryHardware } from './memory-driver.ts';

/** Settings of circuits as a configuration file has them. */
export type SomeSettings = {
  readonly [Type in keyof CircuitSettings]?: Readonly<Record<string, Partial<CircuitSettings[Type][string]>>>;
};

const DIGITAL_OUTPUT = { confirm: false, invert: false };
const ANALOG_INPUT = {
  scale: 1,
  offset: 0,
  calibration: [],
  filter: 'none',
  filterLength: 5,
  deadband: 0,
  samplePeriodMs: 1000,
};
const DEFAULTS: Readonly<Record<keyof CircuitSettings, object>> = {
  di: { invert: false, count: 'rising', report: 'both', directSwitchMode: 'follow' },
  do: DIGITAL_OUTPUT,
  ro: DIGITAL_OUTPUT,
  led: DIGITAL_OUTPUT,
  owpower: DIGITAL_OUTPUT,
  ai: ANALOG_INPUT,
  sensor: ANALOG_INPUT,
  ao: { confirm: false, keep: false },
  register: { confirm: false },
};

/** Settings with the defaults that the configuration's schema gives them. */
export function circuitSettings(some: SomeSettings = {}): CircuitSettings {
  const types = Object.entries(DEFAULTS).map(([type, defaults]) => {
    const ofType: Readonly<Record<string, object>> = some[type as keyof SomeSettings] ?? {};
    const full = Object.entries(ofType).map(([circuit, settings]) => [circuit, { ...defaults, ...settings }]);
    return [type, Object.fromEntries(full)];
  });
  return Object.fromEntries(types);
}

export interface MemoryBoardOptions {
  readonly channels?: readonly ChannelInfo[];
  readonly settings?: SomeSettings;
  readonly interlocks?: Interlocks;
  readonly clock?: FakeClock;
  readonly hardware?: MemoryHardware;
  /** Instead of one driver with all channels. */
  readonly drivers?: (hardware: MemoryHardware) => readonly BoardDriver[];
  /** Where the state of an earlier board is. */
  readonly folder?: string;
  readonly isUp?: boolean;
}

/** A board over hardware in memory, with the time in the test's hands. */
export class MemoryBoard implements AsyncDisposable {
  readonly board: Board;
  readonly hardware: MemoryHardware;
  readonly clock: FakeClock;
  readonly events: CircuitEvent[] = [];
  readonly folder: string;
  readonly logged: string[];

  private constructor(
    board: Board,
    hardware: MemoryHardware,
    clock: FakeClock,
    folder: string,
    logged: string[],
  ) {
    this.board = board;
    this.hardware = hardware;
    this.clock = clock;
    this.folder = folder;
    this.logged = logged;
    board.onEvent((event) => this.events.push(event));
  }

  static async open(options: MemoryBoardOptions = {}): Promise<MemoryBoard> {
    const { channels = [], interlocks = {}, clock = new FakeClock(), isUp = true } = options;
    const { folder = mkdtempSync(join(tmpdir(), 'vidicon-board-')) } = options;
    const hardware = options.hardware ?? new MemoryHardware(clock);
    const logged: string[] = [];
    const write = (_fields: object, message: string): void => void logged.push(message);
    const log: Log = { debug: write, info: write, warn: write, error: write };
    const drivers = options.drivers?.(hardware) ?? [hardware.driver(channels, { isUp })];
    const board = await openBoard(drivers, {
      clock,
      log,
      state: new StateFolder(folder),
      circuits: circuitSettings(options.settings),
      interlocks,
      random: () => 0.5,
    });
    const opened = new MemoryBoard(board, hardware, clock, folder, logged);
    await settle();
    await settle();
    return opened;
  }

  causes(key: string): readonly EventCause[] {
    return this.events.filter((event) => event.key === key).map(({ cause }) => cause);
  }

  /** Lets time pass until the promise settles. */
  async during<T>(promise: Promise<T>, stepMs = 100): Promise<T> {
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    promise.then(done, done);
    for (let turn = 0; turn < 1000 && !isDone; turn += 1) await this.clock.advance(turn < 5 ? 0 : stepMs);
    return await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.during(Promise.resolve(this.board[Symbol.asyncDispose]()));
    // a board that was killed may be writing there still
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
