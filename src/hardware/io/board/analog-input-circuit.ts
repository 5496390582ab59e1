import type { ChannelReading, Health, Sample, SettingInfo, SettingValue } from '../circuit.ts';
import type { CircuitView } from '../circuit-view.ts';
import { AnalogInput, type AnalogSample } from '../processing/index.ts';
import type { AnalogInputSettings } from '../settings.ts';
import { type Circuit, configureDriver } from './circuit.ts';
import type { CircuitRecord } from './circuit-record.ts';

/** What an analog input is that the configuration does not name. */
const PLAIN: AnalogInputSettings = {
  scale: 1,
  offset: 0,
  calibration: [],
  filter: 'none',
  filterLength: 5,
  deadband: 0,
  samplePeriodMs: 1000,
};

/** An analog input: samples of its channel become values. */
export class AnalogInputCircuit implements Circuit {
  readonly record: CircuitRecord;
  readonly settings: readonly SettingInfo[];
  readonly samplePeriodMs: number;
  readonly #config: AnalogInputSettings;
  #range: { readonly minimum?: number | undefined; readonly maximum?: number | undefined };
  #input: AnalogInput;
  #sample: AnalogSample | undefined;
  /** Nobody has been told of a value since the hardware works. */
  #isFresh = true;

  /** @throws AppError IO_CONFIG_INVALID for a calibration that is no line. */
  constructor(record: CircuitRecord, config: AnalogInputSettings = PLAIN) {
    this.record = record;
    this.#config = config;
    this.samplePeriodMs = config.samplePeriodMs;
    this.settings = record.place.channel.settings;
    const { minimum, maximum } = record.place.channel;
    this.#range = { minimum, maximum };
    this.#input = this.#open();
  }

  view(): CircuitView {
    const { channel } = this.record.place;
    const { scale, offset, calibration, minimum: least, maximum: greatest } = this.#config;
    const isRaw = scale === 1 && offset === 0 && calibration.length === 0;
    const unit = this.#input.unit ?? this.record.reading?.unit ?? channel.unit;
    const minimum = least ?? (isRaw ? this.#range.minimum : undefined);
    const maximum = greatest ?? (isRaw ? this.#range.maximum : undefined);
    return this.record.view({
      ...(this.#sample && { value: this.#sample.value }),
      ...(unit !== undefined && { unit }),
      ...(minimum !== undefined && { minimum }),
      ...(maximum !== undefined && { maximum }),
      ...(isRaw && channel.step !== undefined && { step: channel.step }),
      settings: this.settings,
      settingValues: this.record.reading?.settings ?? {},
      isOverRange: this.#sample?.isOverRange ?? false,
    });
  }

  onReading(reading: ChannelReading): void {
    const hasNewSettings = this.record.accept(reading);
    this.#followMode(reading);
    const { level, isOverRange = false, samples = [] } = reading;
    const isAlone = reading.samples === undefined || (this.#isFresh && samples.length === 0);
    if (isAlone) this.#take([{ value: level.value, isOverRange }]);
    else if (samples.length > 0) this.#take(samples);
    if (hasNewSettings) this.record.tell('setting', this.#sample?.value);
  }

  onEdge(): void {}

  onHealth(before: Health['state']): void {
    if (before === 'down') this.#isFresh = true;
  }

  configure(settings: Readonly<Record<string, SettingValue>>): Promise<void> {
    return configureDriver(
      { record: this.record, onReading: (reading) => this.onReading(reading) },
      settings,
    );
  }

  [Symbol.dispose](): void {}

  #take(samples: readonly Sample[]): void {
    this.#sample = this.#input.take(samples);
    const { value, isOverRange, isReportable } = this.#sample;
    if (isReportable || this.#isFresh) this.record.tell('reading', value, { isOverRange });
    this.#isFresh = false;
  }

  #open(): AnalogInput {
    return new AnalogInput({
      settings: this.#config,
      channelRange: this.#range,
      circuit: this.record.key,
    });
  }

  /** Samples of another mode have nothing to do with those before. */
  #followMode({ minimum, maximum }: ChannelReading): void {
    const { channel } = this.record.place;
    const range = { minimum: minimum ?? channel.minimum, maximum: maximum ?? channel.maximum };
    if (range.minimum === this.#range.minimum && range.maximum === this.#range.maximum) return;
    this.#range = range;
    this.#input = this.#open();
  }
}
