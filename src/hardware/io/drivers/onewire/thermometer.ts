import { join } from 'node:path';
import type { ChannelInfo, ChannelReading } from '../../circuit.ts';
import type { DriverServices } from '../../driver.ts';
import { ioFailed, ioUnsupported } from '../../errors.ts';
import { type AttributeFiles, Attributes, type SysfsChannel } from '../sysfs/index.ts';

/** Chips by family, the first byte of an id. @see Linux drivers/w1/w1_family.h */
export const THERMOMETERS: Readonly<Record<string, string>> = {
  '10': 'DS18S20',
  '22': 'DS1822',
  '28': 'DS18B20',
  '3b': 'DS1825',
  '42': 'DS28EA00',
};

const MINIMUM = -55;
const MAXIMUM = 125;
/** What the chip holds before its first conversion: it had no power while it was to convert. */
const POWER_ON = 85;

/** One thermometer on a 1-Wire bus. @see Linux Documentation/w1/slaves/w1_therm.rst */
export class Thermometer implements SysfsChannel {
  readonly info: ChannelInfo;
  readonly #id: string;
  readonly #services: DriverServices;
  readonly #slave: Attributes;
  /** `temperature` (Linux 5.9) holds the number alone, its checksum checked; `w1_slave` both for us to read. */
  #attribute: 'temperature' | 'w1_slave' = 'temperature';

  constructor(circuit: string, id: string, services: DriverServices, files: AttributeFiles) {
    const where = `1-Wire ${id}`;
    this.info = {
      type: 'sensor',
      circuit,
      direction: 'input',
      signal: 'analog',
      unit: '°C',
      minimum: MINIMUM,
      maximum: MAXIMUM,
      settings: [],
      features: {},
      hardware: where,
      // One at a time: a conversion takes 0.75 s, and each holds a thread of Node's pool for as long.
      bus: '1-Wire',
      delivery: 'polled',
    };
    this.#id = id;
    this.#services = services;
    const advice = 'the attributes of /sys/bus/w1 have to be readable';
    this.#slave = new Attributes(join(services.roots.sys, 'bus/w1/devices', id), { where, advice, files });
  }

  async find(): Promise<void> {
    const names = await this.#slave.names();
    if (names.includes('temperature')) this.#attribute = 'temperature';
    else if (names.includes('w1_slave')) this.#attribute = 'w1_slave';
    else
      throw ioUnsupported(this.info.hardware, 'give a temperature: it has neither temperature nor w1_slave');
  }

  async read(): Promise<ChannelReading> {
    const value = (await this.#milliDegrees()) / 1000;
    const takenUs = this.#services.clock.monotonicUs();
    if (value === POWER_ON) {
      throw ioFailed(
        this.info.hardware,
        '85 °C is what it holds without a conversion; its power may be weak',
      );
    }
    if (value < MINIMUM || value > MAXIMUM) {
      throw ioFailed(this.info.hardware, `${value} °C is outside ${MINIMUM} to ${MAXIMUM} °C`);
    }
    const details = {
      dev: 'temp',
      address: this.#id,
      time: this.#services.clock.wallUsAt(takenUs) / 1e6,
      type: THERMOMETERS[this.#id.slice(0, 2)] ?? 'unknown',
    };
    return { level: { value }, details, takenUs };
  }

  async #milliDegrees(): Promise<number> {
    if (this.#attribute === 'temperature') return this.#slave.integer('temperature');
    // 72 01 4b 46 7f ff 0e 10 57 : crc=57 YES
    // 72 01 4b 46 7f ff 0e 10 57 t=23125
    const text = await this.#slave.text('w1_slave');
    if (/crc=[0-9a-f]{2} NO\b/.test(text)) throw ioFailed(this.info.hardware, 'its checksum is wrong');
    const [, degrees] = /crc=[0-9a-f]{2} YES\s[^=]*\bt=(-?\d{1,7})$/.exec(text) ?? [];
    if (degrees === undefined) throw this.#slave.malformed('w1_slave', text, 'crc=… YES and t=…');
    return Number(degrees);
  }
}
