import type { Clock, Timer } from '../../../core/clock.ts';
import type { Log } from '../../../core/log.ts';
import type { Bus } from './bus.ts';
import type { Circuit } from './circuit.ts';

/** Reads inputs of one bus at intervals. A round that takes longer than the interval delays the next. */
export class Poller implements Disposable {
  readonly #bus: Bus;
  readonly #periodMs: number;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #circuits: Circuit[] = [];
  #timer: Timer | undefined;
  #isDisposed = false;

  constructor(bus: Bus, periodMs: number, clock: Clock, log: Log) {
    this.#bus = bus;
    this.#periodMs = periodMs;
    this.#clock = clock;
    this.#log = log;
  }

  add(circuit: Circuit): void {
    this.#circuits.push(circuit);
  }

  start(): void {
    this.#wait(this.#clock.monotonicUs() + this.#periodMs * 1000);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#timer?.[Symbol.dispose]();
  }

  #wait(dueUs: number): void {
    if (this.#isDisposed) return;
    const delayMs = Math.max(0, dueUs - this.#clock.monotonicUs()) / 1000;
    this.#timer = this.#clock.after(delayMs, () => {
      void this.#round().then(() => {
        const nextUs = dueUs + this.#periodMs * 1000;
        this.#wait(Math.max(nextUs, this.#clock.monotonicUs()));
      });
    });
  }

  /** Circuit by circuit, so that writes come in between. A failure is the driver's to tell, as health. */
  async #round(): Promise<void> {
    for (const circuit of this.#circuits) {
      if (this.#isDisposed || circuit.record.health.state === 'down') continue;
      try {
        circuit.onReading(await this.#bus.read(circuit.record.key));
      } catch (error) {
        this.#log.debug({ circuit: circuit.record.key, err: error }, 'an input could not be read');
        return;
      }
    }
  }
}
