import { join } from 'node:path';
import {
  type ChannelInfo,
  type ChannelReading,
  circuitKey,
  type Level,
  type SettingInfo,
  type SettingValue,
} from '../../circuit.ts';
import type { DriverServices } from '../../driver.ts';
import { type AttributeFiles, Attributes, learn, type SysfsChannel } from '../sysfs/index.ts';

const ADVICE = 'a udev rule for the subsystem leds has to give it to a group of this user';
/** The trigger that blinks: the kernel does, or the LED's chip where it can. */
const BLINKER = 'timer';

/** One LED. @see Linux Documentation/ABI/testing/sysfs-class-led, sysfs-class-led-multicolor */
export class LedChannel implements SysfsChannel {
  readonly info: ChannelInfo;
  readonly #led: Attributes;
  readonly #services: DriverServices;
  #maxBrightness = 1;
  /** While it is on. */
  #brightness = 1;
  #triggers: readonly string[] = [];
  /** Names of the colours, in the kernel's order. */
  #colours: readonly string[] = [];

  constructor(circuit: string, name: string, services: DriverServices, files: AttributeFiles) {
    const where = `LED ${name}`;
    this.info = {
      type: 'led',
      circuit,
      direction: 'output',
      signal: 'digital',
      settings: [],
      features: {},
      hardware: where,
      bus: where,
      delivery: 'polled',
    };
    this.#services = services;
    this.#led = new Attributes(join(services.roots.sys, 'class/leds', name), {
      where,
      advice: ADVICE,
      files,
    });
  }

  async find(): Promise<void> {
    const names = await this.#led.names();
    this.#maxBrightness = await this.#led.integer('max_brightness');
    if (this.#maxBrightness < 1) {
      throw this.#led.malformed('max_brightness', String(this.#maxBrightness), '1 or more');
    }
    this.#brightness = this.#maxBrightness;
    this.#triggers = names.includes('trigger') ? listed(await this.#led.text('trigger')) : [];
    this.#colours = names.includes('multi_index') ? listed(await this.#led.text('multi_index')) : [];
    learn(this.info, {
      settings: this.#settings(),
      features: { blink: this.#triggers.includes(BLINKER) },
    });
    const level = this.#services.initialLevel(circuitKey('led', this.info.circuit));
    if (level !== undefined) await this.write(level);
  }

  async read(): Promise<ChannelReading> {
    const brightness = await this.#led.integer('brightness');
    const settings: Record<string, SettingValue> = {};
    if (this.#maxBrightness > 1) settings['brightness'] = brightness > 0 ? brightness : this.#brightness;
    if (this.#triggers.length > 0) settings['trigger'] = await this.#trigger();
    if (this.#colours.length > 0) {
      const intensities = await this.#intensities();
      for (const [index, colour] of this.#colours.entries()) settings[colour] = intensities[index] ?? 0;
    }
    const takenUs = this.#services.clock.monotonicUs();
    return { level: { value: brightness > 0 ? 1 : 0 }, settings, takenUs };
  }

  async write({ value }: Level): Promise<void> {
    await this.#setTrigger('none');
    await this.#led.write('brightness', value > 0 ? this.#brightness : 0);
  }

  async configure(settings: Readonly<Record<string, SettingValue>>): Promise<void> {
    const { brightness, trigger, ...colours } = settings;
    if (typeof brightness === 'number') {
      this.#brightness = brightness;
      if ((await this.#led.integer('brightness')) > 0) await this.#led.write('brightness', brightness);
    }
    if (Object.keys(colours).length > 0) {
      const intensities = await this.#intensities();
      const changed = this.#colours.map((colour, index) => colours[colour] ?? intensities[index] ?? 0);
      await this.#led.write('multi_intensity', changed.join(' '));
    }
    if (typeof trigger === 'string') await this.#setTrigger(trigger);
  }

  async blink({ onMs, offMs }: { readonly onMs: number; readonly offMs: number }): Promise<void> {
    if ((await this.#trigger()) !== BLINKER) {
      await this.#setTrigger('none');
      await this.#led.write('brightness', this.#brightness); // the trigger blinks with the brightness it finds
      await this.#led.write('trigger', BLINKER);
    }
    await this.#led.write('delay_on', Math.max(1, Math.round(onMs)));
    await this.#led.write('delay_off', Math.max(1, Math.round(offMs)));
  }

  #settings(): SettingInfo[] {
    const integer = (name: string, minimum: number): SettingInfo => {
      return { name, kind: 'integer', minimum, maximum: this.#maxBrightness, isWritable: true };
    };
    const settings: SettingInfo[] = this.#maxBrightness > 1 ? [integer('brightness', 1)] : [];
    if (this.#triggers.length > 0) {
      settings.push({ name: 'trigger', kind: 'choice', choices: this.#triggers, isWritable: true });
    }
    return [...settings, ...[...new Set(this.#colours)].map((colour) => integer(colour, 0))];
  }

  /** A trigger would go on changing the brightness; setting `none` switches off, so it is set only where it is not. */
  async #setTrigger(trigger: string): Promise<void> {
    if (this.#triggers.length === 0 || (await this.#trigger()) === trigger) return;
    await this.#led.write('trigger', trigger);
  }

  /** The trigger that is set: the file lists all, this one in brackets. */
  async #trigger(): Promise<string> {
    const text = await this.#led.text('trigger');
    const current = /\[([^\]\s]+)\]/.exec(text)?.[1];
    if (current === undefined)
      throw this.#led.malformed('trigger', text, 'a list with one trigger in brackets');
    return current;
  }

  async #intensities(): Promise<number[]> {
    const text = await this.#led.text('multi_intensity');
    const words = listed(text);
    if (words.length === this.#colours.length && words.every((word) => /^\d{1,10}$/.test(word))) {
      return words.map(Number);
    }
    throw this.#led.malformed('multi_intensity', text, `${this.#colours.length} whole numbers`);
  }
}

/** Words of a text, without the brackets around the chosen one. */
function listed(text: string): string[] {
  return text.split(/\s+/).flatMap((word) => word.replace(/^\[(.*)\]$/, '$1') || []);
}
