import type { Clock, Timer } from '../../../core/clock.ts';
import type { Log } from '../../../core/log.ts';
import type { CallOptions, ChannelWrite } from '../driver.ts';
import { interlockHeld, ioUnsupported } from '../errors.ts';
import type { Bus } from './bus.ts';
import type { Call } from './call-queue.ts';
import type { Output } from './output.ts';
import type { Target } from './output-state.ts';

interface Begun {
  readonly output: Output;
  readonly target: Target;
}

/**
 * Writes the outputs of one bus: what clients ask, and whatever else differs from what the hardware has, until it
 * has it. Outputs that change together go in one call of the driver; every one is read back.
 */
export class OutputWriter implements Disposable {
  readonly #bus: Bus;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #outputs: Output[] = [];
  #flushing: Promise<void> | undefined;
  #timer: Timer | undefined;
  #waiters: (() => void)[] = [];

  constructor(bus: Bus, clock: Clock, log: Log) {
    this.#bus = bus;
    this.#clock = clock;
    this.#log = log;
  }

  add(output: Output): void {
    this.#outputs.push(output);
  }

  /**
   * Writes what is tried for outputs of this bus.
   * @throws AppError of the driver; those that could not be written have what was before in force again.
   */
  write(outputs: readonly Output[]): Promise<void> {
    return this.#bus.queue.run((call) => this.#attempt(call, outputs, true));
  }

  /** Writes what is due. @returns once that has been tried; failures are tried again later. */
  flush(): Promise<void> {
    this.#flushing ??= Promise.resolve() // lets those that change together be written together
      .then(() => this.#bus.queue.run((call) => this.#flush(call), { isUrgent: true }))
      .catch(() => {
        this.#flushing = undefined; // dropped, because the service stops: what is due now are safe values
        return this.flush();
      });
    return this.#flushing;
  }

  /** @returns once nothing is due any more. */
  async settled(): Promise<void> {
    while (this.#outputs.some(({ isDue }) => isDue)) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  async #flush(call: Call): Promise<void> {
    this.#flushing = undefined;
    const nowUs = this.#clock.monotonicUs();
    const due = this.#outputs.filter(({ isDue, notBeforeUs }) => isDue && notBeforeUs <= nowUs);
    const together = due.filter(({ problem }) => problem === undefined);
    const apart = due.filter(({ problem }) => problem !== undefined).map((output) => [output]);
    for (const outputs of [together, ...apart]) {
      // an output that failed has been told so, and is tried again
      await this.#attempt(call, outputs, false).catch(() => undefined);
    }
    this.#schedule();
    for (const done of this.#waiters.splice(0)) done();
  }

  async #attempt(call: Call, outputs: readonly Output[], isTry: boolean): Promise<void> {
    const begun: Begun[] = [];
    try {
      for (const output of outputs) {
        if (output.needsPosition) await this.#readBack(call, output);
      }
      this.#begin(outputs, isTry, begun);
      await this.#writeLevels(call, begun);
      await this.#startBlinking(call, begun);
    } catch (error) {
      for (const output of isTry ? begun.map((one) => one.output) : outputs) output.failed(error, isTry);
      throw error;
    }
    await this.#confirm(call, begun, isTry);
  }

  /** @throws AppError INTERLOCK_HELD for a client; what is due otherwise waits for the other output. */
  #begin(outputs: readonly Output[], isTry: boolean, begun: Begun[]): void {
    for (const output of outputs) {
      const held = output.withheldBy(isTry);
      if (held !== undefined && isTry) {
        throw interlockHeld(output.key, held.output.key, held.group);
      }
      if (held !== undefined) {
        this.#log.debug({ circuit: output.key }, `${output.key} waits until ${held.output.key} is off`);
        continue;
      }
      const target = output.begin(isTry);
      if (target !== undefined) begun.push({ output, target });
    }
  }

  async #writeLevels(call: Call, begun: readonly Begun[]): Promise<void> {
    const writes: ChannelWrite[] = [];
    const levels = begun.filter(({ output, target }) => {
      const told = output.toHardware(target);
      if (told.kind === 'level') writes.push({ key: output.key, level: told.level });
      return told.kind === 'level';
    });
    if (writes.length === 0) return;
    await this.#change(call, levels, (options) => this.#bus.driver.write(writes, options));
  }

  async #startBlinking(call: Call, begun: readonly Begun[]): Promise<void> {
    const { driver } = this.#bus;
    for (const one of begun) {
      const { key } = one.output;
      const told = one.output.toHardware(one.target);
      if (told.kind !== 'blink') continue;
      const { onMs, offMs } = told;
      await this.#change(call, [one], (options) => {
        if (driver.blink === undefined) throw ioUnsupported(key, 'blink by itself');
        return driver.blink(key, { onMs, offMs }, options);
      });
    }
  }

  async #change(
    call: Call,
    begun: readonly Begun[],
    run: (options: CallOptions) => Promise<void>,
  ): Promise<void> {
    let running: Promise<void> | undefined;
    const settled = (): void => {
      running = undefined;
    };
    try {
      await call((options) => {
        running = run(options);
        running.then(settled, settled);
        return running;
      });
    } catch (error) {
      if (running !== undefined) for (const { output, target } of begun) output.abandon(target, running);
      throw error;
    }
  }

  async #confirm(call: Call, begun: readonly Begun[], isTry: boolean): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    for (const { output, target } of begun) {
      try {
        await this.#readBack(call, output);
        output.done(target, isTry);
      } catch (error) {
        failure ??= { error };
        output.done(target, isTry);
        output.failed(error, false);
      }
    }
    if (failure !== undefined) throw failure.error;
  }

  async #readBack(call: Call, output: Output): Promise<void> {
    output.onReading(await call((options) => this.#bus.driver.read(output.key, options)));
  }

  /** Looks again when the first of those that are due may be written. */
  #schedule(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    // what another output withholds is flushed by that one
    const due = this.#outputs.filter((output) => output.isDue && output.withheldBy(false) === undefined);
    if (due.length === 0) return;
    const firstUs = Math.min(...due.map(({ notBeforeUs }) => notBeforeUs));
    const delayMs = Math.max(0, firstUs - this.#clock.monotonicUs()) / 1000;
    this.#timer = this.#clock.after(delayMs, () => void this.flush());
  }
}
