import type { Clock, Timer } from '../../../core/clock.ts';
import type { Log } from '../../../core/log.ts';
import type { StateFolder } from '../../../core/state-folder.ts';
import type { CircuitKey } from '../circuit.ts';

const DOCUMENT = 'counters';
/** How often counters that change are written, so that a storage card wears little. */
const SAVE_EVERY_MS = 60_000;

/** Keeps the counters of digital inputs over restarts. */
export class Counters {
  readonly #state: StateFolder;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #counters: Map<string, number>;
  #timer: Timer | undefined;
  #isUnsaved = false;
  #isClosed = false;
  #saving: Promise<void> = Promise.resolve();

  private constructor(state: StateFolder, clock: Clock, log: Log, counters: Map<string, number>) {
    this.#state = state;
    this.#clock = clock;
    this.#log = log;
    this.#counters = counters;
  }

  /** @throws AppError STATE_UNREADABLE */
  static async open(state: StateFolder, clock: Clock, log: Log): Promise<Counters> {
    const document = await state.read(DOCUMENT);
    const entries = typeof document === 'object' && document !== null ? Object.entries(document) : [];
    return new Counters(state, clock, log, new Map(entries.filter(([, counter]) => isCounter(counter))));
  }

  get(key: CircuitKey): number {
    return this.#counters.get(key) ?? 0;
  }

  /** Remembers a counter soon. */
  note(key: CircuitKey, counter: number): void {
    if (this.get(key) === counter) return;
    this.#counters.set(key, counter);
    this.#isUnsaved = true;
    this.#saveLater();
  }

  /** Remembers a counter that a client has set. @returns once it is on the disk. @throws AppError STATE_UNWRITABLE */
  async set(key: CircuitKey, counter: number): Promise<void> {
    this.#counters.set(key, counter);
    await this.#save();
  }

  /** Remembers what has changed, for the last time. @throws AppError STATE_UNWRITABLE */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopTimer();
    await this.#saving.catch(() => undefined);
    if (this.#isUnsaved) await this.#save();
  }

  #saveLater(): void {
    if (this.#isClosed) return;
    this.#timer ??= this.#clock.after(SAVE_EVERY_MS, () => {
      this.#save().catch((error) => {
        this.#log.error({ err: error }, 'counters cannot be remembered');
        this.#saveLater();
      });
    });
  }

  #save(): Promise<void> {
    this.#stopTimer();
    this.#isUnsaved = false;
    this.#saving = this.#state.write(DOCUMENT, Object.fromEntries(this.#counters)).catch((error) => {
      this.#isUnsaved = true;
      throw error;
    });
    return this.#saving;
  }

  #stopTimer(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }
}

function isCounter(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 32;
}
