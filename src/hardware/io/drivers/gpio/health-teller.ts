import type { AppError } from '../../../../core/app-error.ts';
import type { CircuitKey } from '../../circuit.ts';
import type { IoListener } from '../../driver.ts';

/** Tells changes of health, those of one reason together. */
export class HealthTeller {
  readonly #listener: IoListener;
  readonly #told = new Map<CircuitKey, string>();

  constructor(listener: IoListener) {
    this.#listener = listener;
  }

  /** @param problems each channel, with the reason why it is down; undefined: it works. */
  tell(problems: Iterable<readonly [CircuitKey, AppError | undefined]>): void {
    const changed = new Map<
      string,
      { readonly keys: CircuitKey[]; readonly problem: AppError | undefined }
    >();
    for (const [key, problem] of problems) {
      const reason = problem === undefined ? '' : `${problem.code} ${problem.message}`;
      if (this.#told.get(key) === reason) continue;
      this.#told.set(key, reason);
      const group = changed.get(reason) ?? { keys: [], problem };
      group.keys.push(key);
      changed.set(reason, group);
    }
    for (const { keys, problem } of changed.values()) {
      if (problem === undefined) this.#listener.onHealth(keys, { state: 'ok' });
      else {
        const { code, message } = problem;
        this.#listener.onHealth(keys, { state: 'down', problem: { code, message } });
      }
    }
  }
}
