import type { Timer } from '../../../../core/clock.ts';
import { Lifetime } from '../../../../core/lifetime.ts';
import type { Edge } from '../../circuit.ts';
import type { DriverServices } from '../../driver.ts';
import { GpioChip } from './gpio-chip.ts';
import type { GpioSystem } from './gpio-system.ts';
import { type LineAnswer, LineTaker, type LineWish } from './line-taker.ts';
import type { Wiring } from './wiring.ts';

/** Older kernels wake nobody when a chip is removed: it is asked whether it is still there. */
const PRESENCE_CHECK_MS = 1000;

/** Nothing is ever read from a chip, whose lines nobody watches; it is waited for only to be hung up. */
const CHIP_READ_BYTES = 512;

export interface ChipEvents {
  onEdge(wiring: Wiring, edge: Edge): void;
  /** The chip was removed. Once. */
  onGone(cause?: Error): void;
}

/** A chip while it is there, and the lines held of it. Nothing is told once disposal has begun. */
export class ChipSession implements AsyncDisposable {
  readonly #chip: GpioChip;
  readonly #system: GpioSystem;
  readonly #services: DriverServices;
  readonly #events: ChipEvents;
  readonly #lifetime = new Lifetime();
  #check: Timer | undefined;
  #isOver = false;

  /** @throws AppError IO_NOT_PRESENT, IO_DENIED, IO_FAILED, IO_UNSUPPORTED */
  constructor(chip: string, services: DriverServices, system: GpioSystem, events: ChipEvents) {
    this.#system = system;
    this.#services = services;
    this.#events = events;
    this.#chip = this.#lifetime.use(GpioChip.find(system, services.roots.dev, chip));
    const listener = { onBytes: () => undefined, onEnd: (error: Error) => this.#end(error) };
    try {
      const { fd } = this.#chip;
      this.#lifetime.use(services.descriptors.watch(fd, { maxBytes: CHIP_READ_BYTES }, listener));
    } catch (error) {
      this.#chip[Symbol.dispose]();
      throw error;
    }
    this.#lifetime.defer(() => this.#check?.[Symbol.dispose]());
    this.#checkLater();
  }

  /** Takes hold of lines, until disposal. Does not throw. */
  take(wishes: readonly LineWish[]): LineAnswer {
    const events = {
      onEdge: (wiring: Wiring, edge: Edge) => {
        if (!this.#isOver) this.#events.onEdge(wiring, edge);
      },
      onEnd: (error: Error) => this.#end(error),
    };
    const services = { system: this.#system, descriptors: this.#services.descriptors, events };
    const answer = new LineTaker(this.#chip, services, this.#services.log).take(wishes);
    for (const request of answer.requests) this.#lifetime.use(request);
    return answer;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    return this.#lifetime[Symbol.asyncDispose]();
  }

  #end(cause?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.onGone(cause);
  }

  #checkLater(): void {
    this.#check = this.#services.clock.after(PRESENCE_CHECK_MS, () => {
      if (this.#chip.isPresent()) this.#checkLater();
      else this.#end();
    });
  }
}
