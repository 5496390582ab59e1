import {
  type ChannelInfo,
  type ChannelReading,
  circuitKey,
  type Level,
  type SettingValue,
} from '../../circuit.ts';
import type { DriverServices } from '../../driver.ts';
import { ioStarting, ioUnsupported } from '../../errors.ts';
import {
  type AttributeFiles,
  type AttributeOwner,
  Attributes,
  learn,
  type SysfsChannel,
} from '../sysfs/index.ts';
import { ChannelAttributes, parseRange } from './channel-attributes.ts';
import type { IioConfig } from './config.ts';
import { findIioDevice } from './iio-devices.ts';
import { iioOwner } from './iio-owner.ts';
import { valueRange, valueScale } from './reading.ts';

interface FoundDac {
  readonly attributes: ChannelAttributes;
  readonly rawRange: readonly [number, number];
  readonly raw: string;
  /** Absent where it cannot be powered down. */
  readonly powerDown?: string | undefined;
}

/** One DAC channel. */
export class DacChannel implements SysfsChannel {
  readonly info: ChannelInfo;
  readonly #config: IioConfig['ao'][string];
  readonly #services: DriverServices;
  readonly #owner: AttributeOwner;
  #dac: FoundDac | undefined;

  constructor(
    circuit: string,
    config: IioConfig['ao'][string],
    services: DriverServices,
    files: AttributeFiles,
  ) {
    const { device, channel } = config;
    this.info = {
      type: 'ao',
      circuit,
      direction: 'output',
      signal: 'analog',
      settings: [],
      features: {},
      hardware: `IIO ${device} ${channel}`,
      bus: `IIO ${device}`,
      delivery: 'polled',
    };
    this.#config = config;
    this.#services = services;
    this.#owner = iioOwner(this.info.hardware, files);
  }

  async find(): Promise<void> {
    const { device, channel } = this.#config;
    const { where } = this.#owner;
    const { folder } = await findIioDevice(this.#services.roots.sys, device, this.#owner);
    const attributes = await ChannelAttributes.learn(
      new Attributes(folder, this.#owner),
      'out',
      channel,
      where,
    );
    const { name, isRaw } = attributes.source;
    if (!isRaw) throw ioUnsupported(where, 'be written: it has no raw value');
    const rawRange = await this.#rawRange(attributes);
    this.#dac = { attributes, rawRange, raw: name, powerDown: attributes.find('powerdown') };
    const conversion = await attributes.conversion();
    learn(this.info, { settings: attributes.settings, ...valueScale(conversion, rawRange) });
    const level = this.#services.initialLevel(circuitKey('ao', this.info.circuit));
    if (level !== undefined) await this.write(level);
  }

  async read(): Promise<ChannelReading> {
    const { attributes, rawRange } = this.#found();
    const raw = await attributes.value();
    const takenUs = this.#services.clock.monotonicUs();
    const conversion = await attributes.conversion();
    const settings = await attributes.settingValues();
    return {
      level: { value: conversion.toValue(raw) },
      settings,
      ...valueRange(conversion, rawRange),
      takenUs,
    };
  }

  async write({ value }: Level): Promise<void> {
    const { attributes, rawRange, raw, powerDown } = this.#found();
    const conversion = await attributes.conversion();
    const [least, greatest] = rawRange;
    await attributes.device.write(raw, Math.min(greatest, Math.max(least, conversion.toRaw(value))));
    // Many DACs start powered down: what is written would not appear at their output.
    if (powerDown !== undefined && (await attributes.device.text(powerDown)) === '1') {
      await attributes.device.write(powerDown, 0);
    }
  }

  configure(settings: Readonly<Record<string, SettingValue>>): Promise<void> {
    return this.#found().attributes.configure(settings);
  }

  async #rawRange(attributes: ChannelAttributes): Promise<readonly [number, number]> {
    const available = attributes.find('raw_available');
    const told = available === undefined ? undefined : parseRange(await attributes.device.text(available));
    if (told !== undefined) return told;
    const { minimumRaw, maximumRaw } = this.#config;
    if (maximumRaw === undefined) {
      throw ioUnsupported(this.#owner.where, 'tell its range: the configuration has to give maximumRaw');
    }
    return [minimumRaw, maximumRaw];
  }

  #found(): FoundDac {
    if (this.#dac === undefined) throw ioStarting(this.#owner.where);
    return this.#dac;
  }
}
