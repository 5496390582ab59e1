import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { describeIoDriver } from '../../../../../test/contracts/io-driver.ts';
import { driverServices, RecordingListener } from '../../../../../test/contracts/recording-listener.ts';
import { configured } from '../../../../../test/support/configured.ts';
import { FakeClock } from '../../../../../test/support/fake-clock.ts';
import { GpioSysfsConfig } from './config.ts';
import { openLines } from './index.ts';
import type { Onoff, OnoffGpio, OnoffOptions } from './onoff.ts';

interface Pin {
  direction: 'in' | 'out';
  voltage: 0 | 1;
  open: FakeGpio | undefined;
  /** Voltages it was set to. */
  readonly history: number[];
}

/** What the kernel and other programs do with lines, by number. */
class Pins {
  readonly all = new Map<number, Pin>();
  /** Code of Node's error with which lines are refused. */
  refusal: string | undefined;
  isGone = false;

  at(number: number): Pin {
    const pin = this.all.get(number) ?? { direction: 'in', voltage: 0, open: undefined, history: [] };
    this.all.set(number, pin);
    return pin;
  }

  check(code = this.isGone ? 'ENODEV' : undefined): void {
    if (code !== undefined) throw Object.assign(new Error(`${code}: failed`), { code });
  }

  drive(number: number, voltage: 0 | 1): void {
    const pin = this.at(number);
    if (pin.voltage === voltage) return;
    pin.voltage = voltage;
    pin.open?.wake();
  }

  get onoff(): Onoff {
    const pins = this;
    class Gpio extends FakeGpio {
      constructor(...args: ConstructorParameters<Onoff['Gpio']>) {
        super(pins, ...args);
      }
      static accessible = true;
    }
    return { Gpio };
  }
}

/** A line as onoff 6 behaves. */
class FakeGpio implements OnoffGpio {
  readonly #pins: Pins;
  readonly #pin: Pin;
  readonly #activeLow: boolean;
  #listener: ((error: undefined, value: number) => void) | undefined;
  readSync: () => number;

  constructor(
    pins: Pins,
    number: number,
    direction: 'in' | 'high' | 'low',
    _edge: string,
    { activeLow, reconfigureDirection }: OnoffOptions,
  ) {
    pins.check(pins.refusal ?? (pins.isGone ? 'EINVAL' : undefined));
    this.#pins = pins;
    this.#pin = pins.at(number);
    this.#pin.open = this;
    this.#activeLow = activeLow;
    const wanted = direction === 'in' ? 'in' : 'out';
    if (reconfigureDirection || this.#pin.direction !== wanted) {
      this.#pin.direction = wanted;
      if (direction !== 'in') this.#set(direction === 'high' ? 1 : 0);
    }
    this.readSync = () => {
      pins.check();
      return this.#logical(this.#pin.voltage);
    };
  }

  async read(): Promise<number> {
    return this.readSync();
  }

  async write(value: 0 | 1): Promise<void> {
    this.#pins.check();
    this.#set(this.#logical(value));
  }

  watch(callback: (error: undefined, value: number) => void): void {
    this.#listener = callback;
  }

  /** The kernel wakes those who poll. */
  wake(): void {
    this.#listener?.(undefined, this.readSync());
  }

  unexport(): void {
    this.#listener = undefined;
    this.#pin.open = undefined;
  }

  #logical(value: 0 | 1): 0 | 1 {
    return (value === 1) === this.#activeLow ? 0 : 1;
  }

  #set(voltage: 0 | 1): void {
    this.#pin.voltage = voltage;
    this.#pin.history.push(voltage);
  }
}

const NUMBERS: Readonly<Record<string, number>> = { 'di/door': 4, 'do/relay': 17, 'ro/pump': 18 };
const config = configured(GpioSysfsConfig, {
  kind: 'gpio-sysfs',
  di: { door: { gpio: 4 } },
  do: { relay: { gpio: 17 } },
  ro: { pump: { gpio: 18, activeLow: true } },
});

describeIoDriver('gpio-sysfs', () => {
  const pins = new Pins();
  const clock = new FakeClock();
  const logical = (key: string, voltage: number) => (key === 'ro/pump' ? 1 - voltage : voltage);
  const pinOf = (key: string) => pins.at(NUMBERS[key] ?? 0);
  return {
    services: { clock },
    open: (services) => openLines('test', config, services, async () => pins.onoff),
    outputs: ['do/relay', 'ro/pump'],
    inputs: ['di/door'],
    physical: (key) => logical(key, pinOf(key).voltage),
    history: (key) => pinOf(key).history.map((voltage) => logical(key, voltage)),
    drive: (key, value) => pins.drive(NUMBERS[key] ?? 0, value === 0 ? 0 : 1),
    pass: () => clock.advance(100),
  };
});

describe('a line through sysfs', () => {
  let pins: Pins;
  let clock: FakeClock;
  let listener: RecordingListener;

  beforeEach(() => {
    pins = new Pins();
    clock = new FakeClock();
    listener = new RecordingListener();
  });

  const open = async () => {
    const services = driverServices(listener, { clock });
    const driver = await openLines('test', config, services, async () => pins.onoff);
    onTestFinished(() => driver[Symbol.asyncDispose]());
    await clock.advance(0);
    return driver;
  };
  const codes = () =>
    Object.keys(NUMBERS).map(
      (key) => listener.healths.findLast((told) => told.key === key)?.health.problem?.code,
    );

  test('that is an output already stays what it is, another becomes inactive', async () => {
    Object.assign(pins.at(17), { direction: 'out', voltage: 1 });
    const driver = await open();
    expect(driver.channels).toHaveLength(3);
    expect(pins.at(17).history).toEqual([]);
    expect(pins.at(18).history).toEqual([1]);
  });

  test.each([
    ['EBUSY', 'IO_BUSY'],
    ['EACCES', 'IO_DENIED'],
    ['EINVAL', 'IO_NOT_PRESENT'],
    ['EIO', 'IO_UNSUPPORTED'],
    ['ENOSPC', 'IO_FAILED'],
  ])('that is refused with %s is down with %s, and had when it can be', async (refusal, code) => {
    pins.refusal = refusal;
    const driver = await open();
    expect(codes()).toEqual([code, code, code]);
    pins.refusal = undefined;
    await clock.advance(6000);
    expect(codes()).toEqual([undefined, undefined, undefined]);
    expect(driver.channels).toHaveLength(3);
  });

  test('that goes away when onoff reads it is gone, and does not end the service', async () => {
    const driver = await open();
    const gpio = pins.at(4).open;
    pins.isGone = true;
    expect(() => gpio?.wake()).not.toThrow();
    expect(listener.healthOf('di/door')?.problem?.code).toBe('IO_GONE');
    const call = { signal: new AbortController().signal };
    await expect(driver.read('di/door', call)).rejects.toMatchObject({ code: 'IO_GONE' });
  });

  test('is configured once', async () => {
    const twice = configured(GpioSysfsConfig, {
      kind: 'gpio-sysfs',
      di: { a: { gpio: 4 } },
      do: { b: { gpio: 4 } },
    });
    const load = async () => pins.onoff;
    await expect(openLines('test', twice, driverServices(listener), load)).rejects.toMatchObject({
      code: 'IO_CONFIG_INVALID',
    });
  });
});
