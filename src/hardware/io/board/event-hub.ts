import type { Clock } from '../../../core/clock.ts';
import type { Log } from '../../../core/log.ts';
import type { CircuitEvent } from '../circuit-view.ts';

/** Numbers the events of a board and tells its listeners. */
export class EventHub {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #listeners = new Set<(event: CircuitEvent) => void>();
  #count = 0;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  tell(event: Omit<CircuitEvent, 'number' | 'atUs'>): void {
    this.#count += 1;
    const numbered = { number: this.#count, atUs: this.#clock.monotonicUs(), ...event };
    for (const listener of [...this.#listeners]) {
      try {
        listener(numbered);
      } catch (error) {
        this.#log.error({ err: error }, 'a listener to I/O events failed');
      }
    }
  }

  onEvent(listener: (event: CircuitEvent) => void): Disposable {
    const entry = (event: CircuitEvent): void => listener(event); // one listener may be added twice
    this.#listeners.add(entry);
    return { [Symbol.dispose]: () => void this.#listeners.delete(entry) };
  }
}
