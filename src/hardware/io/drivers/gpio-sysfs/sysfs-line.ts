import { type ChannelInfo, type ChannelReading, circuitKey, type Level } from '../../circuit.ts';
import type { DriverServices } from '../../driver.ts';
import {
  circuitReadOnly,
  ioBusy,
  ioDenied,
  ioFailed,
  ioGone,
  ioNotPresent,
  ioUnsupported,
} from '../../errors.ts';
import { type ChannelEvents, errnoName, type SysfsChannel } from '../sysfs/index.ts';
import type { GpioSysfsConfig } from './config.ts';
import { type Onoff, type OnoffGpio, SYSFS_ADVICE } from './onoff.ts';

type Line = GpioSysfsConfig['di'][string];

/**
 * One line through the package onoff. An input tells its value when the kernel says that it may have changed; the
 * moment is ours, so that edges are `polled`.
 */
export class SysfsLine implements SysfsChannel {
  readonly info: ChannelInfo;
  readonly #line: Line;
  readonly #services: DriverServices;
  readonly #load: () => Promise<Onoff>;
  #gpio: OnoffGpio | undefined;

  constructor(
    type: 'di' | 'do' | 'ro' | 'led',
    circuit: string,
    line: Line,
    services: DriverServices,
    load: () => Promise<Onoff>,
  ) {
    this.info = {
      type,
      circuit,
      direction: type === 'di' ? 'input' : 'output',
      signal: 'digital',
      settings: [],
      features: {},
      hardware: `gpio${line.gpio} in sysfs`,
      bus: `gpio${line.gpio}`,
      delivery: 'pushed',
    };
    this.#line = line;
    this.#services = services;
    this.#load = load;
  }

  /** An output without initial level that is none yet becomes one, inactive: sysfs cannot leave it an input. */
  async find(events: ChannelEvents): Promise<void> {
    const { Gpio } = await this.#load();
    const { activeLow, gpio: number } = this.#line;
    const isInput = this.info.direction === 'input';
    const level = isInput ? undefined : this.#services.initialLevel(this.#key);
    const isActive = level !== undefined && level.value !== 0;
    const voltage = isActive === activeLow ? 'low' : 'high';
    const options = { activeLow, reconfigureDirection: level !== undefined };
    let gpio: OnoffGpio;
    try {
      gpio = new Gpio(number, isInput ? 'in' : voltage, isInput ? 'both' : 'none', options);
    } catch (error) {
      throw this.#openFailure(error);
    }
    this.#gpio = gpio;
    if (isInput) this.#watch(gpio, events);
  }

  async read(): Promise<ChannelReading> {
    const takenUs = this.#services.clock.monotonicUs();
    const value = await this.#call((gpio) => gpio.read());
    return { level: { value }, takenUs };
  }

  async write({ value }: Level): Promise<void> {
    if (this.info.direction === 'input') throw circuitReadOnly(this.#key, 'value');
    await this.#call((gpio) => gpio.write(value === 0 ? 0 : 1));
  }

  async configure(): Promise<void> {}

  async release(): Promise<void> {
    const gpio = this.#gpio;
    this.#gpio = undefined;
    gpio?.unexport();
  }

  get #key() {
    return circuitKey(this.info.type, this.info.circuit);
  }

  #watch(gpio: OnoffGpio, events: ChannelEvents): void {
    // onoff reads when it is woken, outside of any call: what it throws there would end the service
    const readSync = gpio.readSync.bind(gpio);
    gpio.readSync = () => {
      try {
        return readSync();
      } catch (error) {
        events.onLost(ioGone(this.info.hardware, error));
        return 0;
      }
    };
    gpio.watch((_error, value) => {
      if (this.#gpio === gpio)
        events.onReading({ level: { value }, takenUs: this.#services.clock.monotonicUs() });
    });
  }

  async #call<T>(run: (gpio: OnoffGpio) => Promise<T>): Promise<T> {
    if (this.#gpio === undefined) throw ioGone(this.info.hardware);
    try {
      return await run(this.#gpio);
    } catch (error) {
      switch (errnoName(error)) {
        case 'ENODEV':
        case 'ENOENT':
          throw ioGone(this.info.hardware, error);
        default:
          throw ioFailed(this.info.hardware, messageOf(error), error);
      }
    }
  }

  #openFailure(error: unknown) {
    const { hardware } = this.info;
    switch (errnoName(error)) {
      case 'EACCES':
      case 'EPERM':
        return ioDenied(hardware, SYSFS_ADVICE, error);
      case 'EBUSY':
        return ioBusy(hardware, undefined, error);
      case 'EINVAL':
      case 'ENOENT':
      case 'ENODEV':
        return ioNotPresent(hardware, 'no GPIO chip has a line of this number', error);
      case 'EIO':
        return ioUnsupported(hardware, 'have this direction or report edges', error);
      default:
        return ioFailed(hardware, messageOf(error), error);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
