import { expect } from 'vitest';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import type { ChannelInfo, CircuitKey } from '../../src/hardware/io/circuit.ts';
import type { DriverServices, IoDriver } from '../../src/hardware/io/driver.ts';
import { PATIENCE } from '../support/patience.ts';
import { channelOf, keyOf } from './channel-description.ts';
import { driverServices, RecordingListener } from './recording-listener.ts';

/** A driver's hardware as the suite sees it: from outside, at the wire. Made anew for every test. */
export interface IoDriverFixture {
  /** What the driver is given in place of `driverServices`: a clock, roots, a DescriptorWatch. */
  readonly services?: Partial<Omit<DriverServices, 'listener' | 'initialLevel'>>;
  /** Opens the driver over this hardware. Called once more after a disposal. */
  open(services: DriverServices): Promise<IoDriver>;
  /** Outputs whose wire `physical` reads. */
  readonly outputs?: readonly CircuitKey[];
  /** What an output's wire is at, in the circuit's unit, learned without the driver. */
  physical?(key: CircuitKey): number | Promise<number>;
  /** Everything that an output's wire was set to since the fixture was made, in order. */
  history?(key: CircuitKey): readonly number[];
  /** Inputs whose wire `drive` moves; digital ones are at 0. */
  readonly inputs?: readonly CircuitKey[];
  drive?(key: CircuitKey, value: number): void | Promise<void>;
  /** Takes the hardware of all channels away. */
  unplug?(): void | Promise<void>;
  replug?(): void | Promise<void>;
  /** Has the hardware leave calls unanswered from now on. */
  mute?(): void | Promise<void>;
  /** Lets some time pass; called again and again while the suite waits. Some real milliseconds when absent. */
  pass?(): Promise<void>;
  /** Called after the driver's disposal. */
  release?(): void | Promise<void>;
}

/** Longest wait for anything a driver has to do by itself, and for calls. */
export const LIMIT_MS = 10_000 * PATIENCE;
/** How soon an aborted call ends. */
const PROMPT_MS = 1000 * PATIENCE;

/** One fixture with its driver and all that the driver tells. */
export class IoDriverBench {
  readonly fixture: IoDriverFixture;
  listener = new RecordingListener();
  driver: IoDriver | undefined;

  constructor(fixture: IoDriverFixture) {
    this.fixture = fixture;
  }

  get clock(): Clock {
    return this.fixture.services?.clock ?? systemClock;
  }

  get keys(): readonly CircuitKey[] {
    return this.driver?.channels.map(keyOf) ?? [];
  }

  async open(initialLevel: DriverServices['initialLevel'] = () => undefined): Promise<IoDriver> {
    this.listener = new RecordingListener();
    const services = driverServices(this.listener, { ...this.fixture.services, initialLevel });
    this.driver = await this.fixture.open(services);
    return this.driver;
  }

  async openOk(initialLevel?: DriverServices['initialLevel']): Promise<IoDriver> {
    const driver = await this.open(initialLevel);
    await this.allOk();
    return driver;
  }

  allOk(): Promise<void> {
    const isOk = (key: CircuitKey) => this.listener.healthOf(key)?.state === 'ok';
    return this.until(
      () => this.keys.every(isOk),
      () => `all channels being ok (not ${this.keys.filter((key) => !isOk(key)).join(', ')})`,
    );
  }

  channel(key: CircuitKey): ChannelInfo {
    if (this.driver === undefined) throw new Error('the driver is not open');
    return channelOf(this.driver, key);
  }

  async physical(key: CircuitKey): Promise<number> {
    return (await this.fixture.physical?.(key)) ?? Number.NaN;
  }

  async drive(key: CircuitKey, value: number): Promise<void> {
    await this.fixture.drive?.(key, value);
  }

  async pass(): Promise<void> {
    if (this.fixture.pass) await this.fixture.pass();
    await new Promise((next) => setTimeout(next, this.fixture.pass ? 0 : 5));
  }

  call(): { readonly signal: AbortSignal } {
    return { signal: AbortSignal.timeout(LIMIT_MS) };
  }

  async until(isSo: () => boolean | Promise<boolean>, what: string | (() => string)): Promise<void> {
    const deadline = performance.now() + LIMIT_MS;
    while (!(await isSo())) {
      if (performance.now() > deadline) {
        throw new Error(`${typeof what === 'string' ? what : what()} did not happen within ${LIMIT_MS} ms`);
      }
      await this.pass();
    }
  }

  async promptly(call: Promise<unknown>, what: string): Promise<void> {
    let outcome = 'is unsettled';
    call.then(
      () => {
        outcome = 'has resolved';
      },
      () => {
        outcome = 'rejected';
      },
    );
    const deadline = performance.now() + PROMPT_MS;
    await new Promise(setImmediate);
    while (outcome === 'is unsettled' && performance.now() < deadline) await this.pass();
    expect(outcome, what).toBe('rejected');
  }
}
