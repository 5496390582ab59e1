import { controlOverloaded } from './errors.ts';

/** What may wait for one sensor. */
const MAX_WAITING = 16;

/** Whatever reads and sets the controls, or the configuration, of one sensor goes one after the other, or two changes would mix. */
export class Turns {
  readonly #last = new Map<string, { readonly done: Promise<unknown>; count: number }>();

  /**
   * Runs when all before it has ended, well or not.
   * @throws AppError CONTROL_OVERLOADED when too many wait.
   */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const count = (before?.count ?? 0) + 1;
    if (count > MAX_WAITING) throw controlOverloaded(key, count - 1);
    const result = (before?.done ?? Promise.resolve()).then(work, work);
    const turn = { done: result, count };
    this.#last.set(key, turn);
    const end = (): void => {
      const last = this.#last.get(key);
      if (last === turn) this.#last.delete(key);
      else if (last !== undefined) last.count -= 1;
    };
    result.then(end, end);
    return result;
  }
}
