import { AppError } from '../../../../core/app-error.ts';
import type { SettingInfo, SettingValue } from '../../circuit.ts';
import { ioNotPresent } from '../../errors.ts';
import { type Attributes, errnoName, parseDecimal } from '../sysfs/index.ts';
import { parseScanType, rawRange, type ScanType } from './scan-type.ts';
import { unitOf } from './units.ts';

/** How raw values become values. */
export interface Conversion {
  /** Absent when the kernel does not tell the scale: values are raw ones then. */
  readonly unit?: string;
  toValue(raw: number): number;
  toRaw(value: number): number;
}

/** Settings that are offered where the kernel lists what it takes. */
const SETTINGS = ['scale', 'sampling_frequency'] as const;

/**
 * The attributes of one IIO channel, its own and those it shares with others.
 * @see Linux Documentation/ABI/testing/sysfs-bus-iio
 */
export class ChannelAttributes {
  readonly device: Attributes;
  /** The attribute that holds its value: a raw one has to be converted, the other has only its unit to be. */
  readonly source: { readonly name: string; readonly isRaw: boolean };
  readonly #names: ReadonlySet<string>;
  readonly #direction: 'in' | 'out';
  readonly #channel: string;
  #settings: readonly SettingInfo[] = [];
  /** The kernel has a scale, but cannot read it: one of a part that is not described to it. */
  #isScaleUnknown = false;

  private constructor(
    device: Attributes,
    names: ReadonlySet<string>,
    direction: 'in' | 'out',
    channel: string,
    source: ChannelAttributes['source'],
  ) {
    this.device = device;
    this.#names = names;
    this.#direction = direction;
    this.#channel = channel;
    this.source = source;
  }

  /** Looks what a channel has. @throws AppError IO_NOT_PRESENT when the device has no such channel. */
  static async learn(
    device: Attributes,
    direction: 'in' | 'out',
    channel: string,
    where: string,
  ): Promise<ChannelAttributes> {
    const names = await device.names();
    const source = ['raw', 'input']
      .map((kind) => ({ name: `${direction}_${channel}_${kind}`, isRaw: kind === 'raw' }))
      .find(({ name }) => names.includes(name));
    if (source === undefined) {
      const channels = channelsIn(names, direction);
      throw ioNotPresent(
        where,
        `the device has no channel ${channel}; it has ${channels.join(', ') || 'none'}`,
      );
    }
    const attributes = new ChannelAttributes(device, new Set(names), direction, channel, source);
    await attributes.#learn();
    return attributes;
  }

  get settings(): readonly SettingInfo[] {
    return this.#settings;
  }

  /** The attribute that holds something of this channel, its own or the nearest that it shares. */
  find(what: string): string | undefined {
    const own = `${this.#direction}_${this.#channel}`;
    const ofType = `${this.#direction}_${this.#channel.replace(/(?<=[a-z])\d+/g, '')}`;
    // One of a pair shares with pairs only: in_voltage-voltage_scale.
    const ofFirst = this.#channel.includes('-')
      ? ofType
      : `${this.#direction}_${/^[a-z]+/.exec(this.#channel)?.[0]}`;
    const names = [own, ofType, ofFirst, this.#direction].map((prefix) => `${prefix}_${what}`);
    return [...names, what].find((name) => this.#names.has(name));
  }

  /** How its values are to be converted now. */
  async conversion(): Promise<Conversion> {
    const scaleName = this.#isScaleUnknown ? undefined : this.find('scale');
    const { isRaw } = this.source;
    const { unit, factor } = isRaw && scaleName === undefined ? { factor: 1 } : unitOf(this.#channel);
    const offsetName = isRaw ? this.find('offset') : undefined;
    const offset = offsetName === undefined ? 0 : await this.device.decimal(offsetName);
    const scale = isRaw && scaleName !== undefined ? await this.device.decimal(scaleName) : 1;
    if (scaleName !== undefined && scale === 0) throw this.device.malformed(scaleName, '0', 'another number');
    return {
      ...(unit !== undefined && { unit }),
      // Twelve digits are more than any converter has and fewer than binary fractions get wrong.
      toValue: (raw) => Number(((raw + offset) * scale * factor).toPrecision(12)),
      toRaw: (value) => Math.round(value / (scale * factor) - offset),
    };
  }

  /** How its samples lie in the buffer; undefined when it has no buffer, or one that is not understood. */
  async scanType(): Promise<ScanType | undefined> {
    if (!this.#names.has('scan_elements')) return undefined;
    const name = `scan_elements/${this.#direction}_${this.#channel}_type`;
    try {
      return parseScanType(await this.device.text(name));
    } catch (error) {
      if (error instanceof AppError && error.code === 'IO_GONE') return undefined;
      throw error;
    }
  }

  /** What `source` holds now. */
  value(): Promise<number> {
    return this.device.decimal(this.source.name);
  }

  /** Least and greatest raw value by the width of the converter, where it is known. */
  async rawRange(): Promise<readonly [number, number] | undefined> {
    if (!this.source.isRaw) return undefined;
    const type = await this.scanType();
    return type && rawRange(type);
  }

  async settingValues(): Promise<Record<string, SettingValue>> {
    const values: Record<string, SettingValue> = {};
    for (const { name, kind, choices } of this.#settings) {
      const attribute = this.find(name) ?? name;
      const number = await this.device.decimal(attribute);
      // The kernel writes 0.0625 in the list and 0.062500000 for the present value.
      const choice = choices?.find((each) => parseDecimal(each) === number);
      values[name] = kind === 'number' ? number : (choice ?? String(number));
    }
    return values;
  }

  async configure(settings: Readonly<Record<string, SettingValue>>): Promise<void> {
    for (const [name, value] of Object.entries(settings)) {
      await this.device.write(this.find(name) ?? name, String(value));
    }
  }

  async #learn(): Promise<void> {
    const scale = this.find('scale');
    if (scale !== undefined) {
      try {
        await this.device.text(scale);
      } catch (error) {
        if (!(error instanceof AppError) || errnoName(error.cause) !== 'EINVAL') throw error;
        this.#isScaleUnknown = true;
      }
    }
    const settings: SettingInfo[] = [];
    for (const name of SETTINGS) {
      const available = this.find(`${name}_available`);
      if (this.find(name) === undefined || available === undefined) continue;
      const setting = await this.#setting(name, available);
      if (setting !== undefined) settings.push(setting);
    }
    this.#settings = settings;
  }

  async #setting(name: string, available: string): Promise<SettingInfo | undefined> {
    const text = await this.device.text(available);
    const range = parseRange(text);
    if (range !== undefined)
      return { name, kind: 'number', minimum: range[0], maximum: range[1], isWritable: true };
    const choices = text.split(/\s+/).filter((choice) => parseDecimal(choice) !== undefined);
    return choices.length === 0 ? undefined : { name, kind: 'choice', choices, isWritable: true };
  }
}

/** Least and greatest of a range that the kernel gives as `[minimum step maximum]`. */
export function parseRange(text: string): readonly [number, number] | undefined {
  const words = /^\[([^\]]*)\]$/.exec(text)?.[1]?.trim().split(/\s+/) ?? [];
  const [minimum, step, maximum] = words.map(parseDecimal);
  if (words.length !== 3 || minimum === undefined || step === undefined || maximum === undefined)
    return undefined;
  return minimum <= maximum ? [minimum, maximum] : undefined;
}

/** Channels that a device has by the names of its attributes. */
export function channelsIn(names: readonly string[], direction: 'in' | 'out'): string[] {
  const pattern = new RegExp(`^${direction}_(.+)_(?:raw|input)$`);
  const channels = names.flatMap((name) => pattern.exec(name)?.[1] ?? []);
  return [...new Set(channels)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
