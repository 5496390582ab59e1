import type { Clock } from '../../../core/clock.ts';
import { Lifetime } from '../../../core/lifetime.ts';
import type { Log } from '../../../core/log.ts';
import type { StateFolder } from '../../../core/state-folder.ts';
import type { Board } from '../board.ts';
import type { CircuitKey, Health, Level } from '../circuit.ts';
import type { DriverServices, IoDriver, IoListener } from '../driver.ts';
import type { CircuitSettings, Interlocks } from '../settings.ts';
import { CircuitSet, type OpenedDriver } from './circuit-set.ts';
import { Counters } from './counters.ts';
import { EventHub } from './event-hub.ts';
import { IoBoard } from './io-board.ts';
import { Leases } from './leases.ts';
import { Output } from './output.ts';
import { configuredLevel } from './output-level.ts';
import { RunRecord } from './run-record.ts';

/** A driver that is ready to be opened. */
export interface BoardDriver {
  /** In the configuration. */
  readonly name: string;
  readonly kind: string;
  open(services: Pick<DriverServices, 'listener' | 'initialLevel'>): Promise<IoDriver>;
}

export interface BoardOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly state: StateFolder;
  readonly circuits: CircuitSettings;
  readonly interlocks: Interlocks;
  /** From 0 to 1, for the jitter of retries; Math.random when absent. */
  readonly random?: () => number;
}

/**
 * Opens drivers side by side and makes a board of their circuits. The board owns the drivers.
 * @throws AppError IO_CONFIG_INVALID, STATE_UNREADABLE, what a driver throws; whatever was opened is closed then.
 */
export async function openBoard(drivers: readonly BoardDriver[], options: BoardOptions): Promise<Board> {
  const { clock, log, state, circuits: settings, interlocks, random = Math.random } = options;
  const lifetime = new Lifetime();
  const counters = await Counters.open(state, clock, log);
  const run = await RunRecord.begin(state, log);
  const gate = new Gate((key) => configuredLevel(key, settings, interlocks, run.isAfterCrash));
  try {
    const opened = await openAll(drivers, gate, lifetime);
    const events = new EventHub(clock, log);
    const leases: Leases = new Leases(clock, (lease, keys) => {
      for (const key of keys) {
        const circuit = circuits.get(key);
        if (circuit instanceof Output) circuit.input({ kind: 'lease-end', lease });
      }
    });
    const { isAfterCrash } = run;
    const shared = { clock, log, random, settings, interlocks, counters, leases, events, isAfterCrash };
    const circuits = new CircuitSet(opened, shared);
    lifetime.defer(() => counters.close());
    const board = new IoBoard({ clock, log, circuits, leases, events, lifetime, onSafe: () => run.end() });
    circuits.startPolling();
    gate.openTo(board);
    return board;
  } catch (error) {
    await lifetime[Symbol.asyncDispose]().catch((failure) =>
      log.error({ err: failure }, 'I/O did not close'),
    );
    await run.withdraw();
    throw error;
  }
}

async function openAll(
  drivers: readonly BoardDriver[],
  gate: Gate,
  lifetime: Lifetime,
): Promise<readonly OpenedDriver[]> {
  const services = { listener: gate, initialLevel: (key: CircuitKey) => gate.initialLevel(key) };
  const results = await Promise.allSettled(
    drivers.map(async ({ name, kind, open }) => {
      const driver = lifetime.use(await open(services));
      return { name, kind, driver };
    }),
  );
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/**
 * What drivers tell while others are still being opened. Health is kept for the board; edges and readings are not:
 * inputs are read once they work.
 */
class Gate implements IoListener {
  readonly #configured: (key: CircuitKey) => Level | undefined;
  readonly #healths = new Map<CircuitKey, Health>();
  #board: IoBoard | undefined;

  constructor(configured: (key: CircuitKey) => Level | undefined) {
    this.#configured = configured;
  }

  openTo(board: IoBoard): void {
    this.#board = board;
    for (const [key, health] of this.#healths) board.onHealth([key], health);
    this.#healths.clear();
  }

  initialLevel(key: CircuitKey): Level | undefined {
    return this.#board === undefined ? this.#configured(key) : this.#board.initialLevel(key);
  }

  onEdge(...args: Parameters<IoListener['onEdge']>): void {
    this.#board?.onEdge(...args);
  }

  onReading(...args: Parameters<IoListener['onReading']>): void {
    this.#board?.onReading(...args);
  }

  onHealth(keys: readonly CircuitKey[], health: Health): void {
    if (this.#board === undefined) for (const key of keys) this.#healths.set(key, health);
    else this.#board.onHealth(keys, health);
  }
}
