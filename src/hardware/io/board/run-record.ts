import type { Log } from '../../../core/log.ts';
import type { StateFolder } from '../../../core/state-folder.ts';

const DOCUMENT = 'io';

/** Remembers that outputs are in use, so that the next start knows whether they were left safe. */
export class RunRecord {
  /** The last run ended without leaving its outputs safe, or it cannot be told how this one will. */
  readonly isAfterCrash: boolean;
  readonly #state: StateFolder;
  readonly #wasRunning: boolean;

  private constructor(state: StateFolder, wasRunning: boolean, isAfterCrash: boolean) {
    this.#state = state;
    this.#wasRunning = wasRunning;
    this.isAfterCrash = isAfterCrash;
  }

  /** @throws AppError STATE_UNREADABLE */
  static async begin(state: StateFolder, log: Log): Promise<RunRecord> {
    const before = await state.read(DOCUMENT);
    const wasRunning =
      typeof before === 'object' && before !== null && 'isRunning' in before && before.isRunning === true;
    try {
      await state.write(DOCUMENT, { isRunning: true });
      return new RunRecord(state, wasRunning, wasRunning);
    } catch (error) {
      log.error(
        { err: error },
        'a crash could not be told from an orderly stop: outputs start at their safe values',
      );
      return new RunRecord(state, wasRunning, true);
    }
  }

  /** The outputs are safe. */
  end(): Promise<void> {
    return this.#state.write(DOCUMENT, { isRunning: false });
  }

  /** Outputs were never in use. */
  async withdraw(): Promise<void> {
    await this.#state.write(DOCUMENT, { isRunning: this.#wasRunning }).catch(() => undefined);
  }
}
