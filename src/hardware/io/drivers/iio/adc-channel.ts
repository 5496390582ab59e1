import type { ChannelInfo, ChannelReading, SettingValue } from '../../circuit.ts';
import type { DriverServices } from '../../driver.ts';
import { ioStarting } from '../../errors.ts';
import {
  type AttributeFiles,
  type AttributeOwner,
  Attributes,
  learn,
  type SysfsChannel,
} from '../sysfs/index.ts';
import { ChannelAttributes } from './channel-attributes.ts';
import type { IioConfig } from './config.ts';
import { findIioDevice } from './iio-devices.ts';
import { iioOwner } from './iio-owner.ts';
import { adcReading, valueScale } from './reading.ts';

/** One ADC channel that is converted when it is read. */
export class AdcChannel implements SysfsChannel {
  readonly info: ChannelInfo;
  readonly #config: IioConfig['ai'][string];
  readonly #services: DriverServices;
  readonly #owner: AttributeOwner;
  #attributes: ChannelAttributes | undefined;
  #rawRange: readonly [number, number] | undefined;

  constructor(
    circuit: string,
    config: IioConfig['ai'][string],
    services: DriverServices,
    files: AttributeFiles,
  ) {
    this.info = adcInfo(circuit, config, 'polled');
    this.#config = config;
    this.#services = services;
    this.#owner = iioOwner(this.info.hardware, files);
  }

  async find(): Promise<void> {
    const { device, channel } = this.#config;
    const { folder } = await findIioDevice(this.#services.roots.sys, device, this.#owner);
    const attributes = await ChannelAttributes.learn(
      new Attributes(folder, this.#owner),
      'in',
      channel,
      this.#owner.where,
    );
    this.#rawRange = await attributes.rawRange();
    learn(this.info, {
      settings: attributes.settings,
      ...valueScale(await attributes.conversion(), this.#rawRange),
    });
    this.#attributes = attributes;
  }

  async read(): Promise<ChannelReading> {
    const attributes = this.#found();
    const raw = await attributes.value();
    const takenUs = this.#services.clock.monotonicUs();
    const conversion = await attributes.conversion();
    const settings = await attributes.settingValues();
    return adcReading({ raw, takenUs, conversion, rawRange: this.#rawRange, settings });
  }

  configure(settings: Readonly<Record<string, SettingValue>>): Promise<void> {
    return this.#found().configure(settings);
  }

  #found(): ChannelAttributes {
    if (this.#attributes === undefined) throw ioStarting(this.#owner.where);
    return this.#attributes;
  }
}

/** What is known of an ADC channel before its hardware was seen. */
export function adcInfo(
  circuit: string,
  { device, channel }: IioConfig['ai'][string],
  delivery: ChannelInfo['delivery'],
): ChannelInfo {
  return {
    type: 'ai',
    circuit,
    direction: 'input',
    signal: 'analog',
    settings: [],
    features: {},
    hardware: `IIO ${device} ${channel}`,
    bus: `IIO ${device}`,
    delivery,
  };
}
