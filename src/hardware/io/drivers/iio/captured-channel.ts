import type { ChannelInfo, ChannelReading, SettingValue } from '../../circuit.ts';
import type { DriverServices } from '../../driver.ts';
import { ioStarting } from '../../errors.ts';
import {
  type AttributeFiles,
  type AttributeOwner,
  Attributes,
  type ChannelEvents,
  learn,
  type SysfsChannel,
} from '../sysfs/index.ts';
import { adcInfo } from './adc-channel.ts';
import type { Capture } from './capture.ts';
import { ChannelAttributes, type Conversion } from './channel-attributes.ts';
import type { IioConfig } from './config.ts';
import { findIioDevice } from './iio-devices.ts';
import { iioOwner } from './iio-owner.ts';
import { adcReading, adcSample, valueScale } from './reading.ts';

/** How long a read waits for the next sample. */
const NEXT_SAMPLE_MS = 1000;

interface FoundChannel {
  readonly attributes: ChannelAttributes;
  readonly rawRange: readonly [number, number] | undefined;
  readonly conversion: Conversion;
}

/** One ADC channel whose samples are captured; they are told as they come. */
export class CapturedChannel implements SysfsChannel {
  readonly info: ChannelInfo;
  readonly #config: IioConfig['ai'][string];
  readonly #services: DriverServices;
  readonly #owner: AttributeOwner;
  readonly #capture: Capture;
  #events: ChannelEvents | undefined;
  #found: FoundChannel | undefined;
  #newest: ChannelReading | undefined;
  /** Ends the wait of a read: for a sample only when that is new. */
  #waiting: ((isOver?: boolean) => void) | undefined;

  constructor(
    circuit: string,
    config: IioConfig['ai'][string],
    services: DriverServices,
    files: AttributeFiles,
    capture: Capture,
  ) {
    this.info = adcInfo(circuit, config, 'pushed');
    this.#config = config;
    this.#services = services;
    this.#owner = iioOwner(this.info.hardware, files);
    this.#capture = capture;
    capture.join(config.channel, {
      onSamples: (raws, takenUs) => this.#onSamples(raws, takenUs),
      onConfigured: () => this.#convert(),
      onEnd: (error) => {
        this.#waiting?.();
        this.#events?.onLost(error);
      },
    });
  }

  async find(events: ChannelEvents): Promise<void> {
    this.#events = events;
    const { device, channel } = this.#config;
    const { folder } = await findIioDevice(this.#services.roots.sys, device, this.#owner);
    const { where } = this.#owner;
    const attributes = await ChannelAttributes.learn(
      new Attributes(folder, this.#owner),
      'in',
      channel,
      where,
    );
    const rawRange = await attributes.rawRange();
    const conversion = await attributes.conversion();
    this.#found = { attributes, rawRange, conversion };
    learn(this.info, { settings: attributes.settings, ...valueScale(conversion, rawRange) });
    await this.#capture.start();
  }

  /** The next sample: the kernel converts nothing else while it captures. The newest, if the trigger is slow. */
  async read(): Promise<ChannelReading> {
    const startUs = this.#services.clock.monotonicUs();
    const isNew = () => this.#newest !== undefined && this.#newest.takenUs >= startUs;
    await new Promise<void>((resolve) => {
      const timer = this.#services.clock.after(NEXT_SAMPLE_MS, () => this.#waiting?.());
      this.#waiting = (isOver = true) => {
        if (!isOver && !isNew()) return;
        this.#waiting = undefined;
        timer[Symbol.dispose]();
        resolve();
      };
    });
    if (this.#newest === undefined || this.#found === undefined) throw ioStarting(this.#owner.where);
    // what was captured has been told
    return { ...this.#newest, samples: [], settings: await this.#found.attributes.settingValues() };
  }

  async configure(settings: Readonly<Record<string, SettingValue>>): Promise<void> {
    const found = this.#found;
    if (found === undefined) throw ioStarting(this.#owner.where);
    await this.#capture.configure(() => found.attributes.configure(settings));
  }

  async release(): Promise<void> {
    this.#newest = undefined;
    await this.#capture.stop();
  }

  async #convert(): Promise<void> {
    if (this.#found === undefined) return;
    this.#found = { ...this.#found, conversion: await this.#found.attributes.conversion() };
  }

  #onSamples(raws: readonly number[], takenUs: number): void {
    const raw = raws.at(-1);
    if (this.#found === undefined || raw === undefined) return;
    const { conversion, rawRange } = this.#found;
    const samples = raws.map((each) => adcSample(each, conversion, rawRange));
    this.#newest = { ...adcReading({ raw, takenUs, conversion, rawRange }), samples };
    this.#waiting?.(false);
    this.#events?.onReading(this.#newest);
  }
}
