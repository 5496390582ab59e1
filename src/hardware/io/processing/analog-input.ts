import type { Sample } from '../circuit.ts';
import type { AnalogInputSettings } from '../settings.ts';
import { Calibration } from './calibration.ts';
import { createSampleFilter, type SampleFilter } from './sample-filter.ts';

export interface AnalogInputOptions {
  readonly settings: AnalogInputSettings;
  /** What the hardware can measure, before calibration. */
  readonly channelRange?: { readonly minimum?: number | undefined; readonly maximum?: number | undefined };
  /** Named in errors. */
  readonly circuit?: string;
}

export interface AnalogSample {
  /** Calibrated and filtered; 0 until there has been a finite sample. */
  readonly value: number;
  readonly isOverRange: boolean;
  /** Whether it differs enough from what was reported last; the first does, and every change of `isOverRange`. */
  readonly isReportable: boolean;
}

/** Turns what an analog channel measures into the value of its circuit. */
export class AnalogInput {
  readonly #settings: AnalogInputSettings;
  readonly #range: NonNullable<AnalogInputOptions['channelRange']>;
  readonly #calibration: Calibration | undefined;
  readonly #filter: SampleFilter;
  #value = 0;
  #reported: { readonly value: number; readonly isOverRange: boolean } | undefined;

  /** @throws AppError IO_CONFIG_INVALID for a calibration that is no line. */
  constructor({ settings, channelRange = {}, circuit = 'of an analog input' }: AnalogInputOptions) {
    this.#settings = settings;
    this.#range = channelRange;
    if (settings.calibration.length > 0) this.#calibration = new Calibration(settings.calibration, circuit);
    this.#filter = createSampleFilter(settings.filter, settings.filterLength);
  }

  /** After scale, offset and calibration; undefined when the settings name none: the channel's own. */
  get unit(): string | undefined {
    return this.#settings.unit;
  }

  /**
   * Filters samples that were taken one after the other. One that is over range marks the value, wherever it stands.
   * @param samples as the driver reads them; what is not finite keeps the last value and is over range.
   */
  take(samples: readonly Sample[]): AnalogSample {
    return this.#report(samples.map((sample) => this.#filterOne(sample)).includes(true));
  }

  /** @returns whether it is over range. */
  #filterOne({ value: raw, isOverRange }: Sample): boolean {
    const { scale, offset, minimum, maximum } = this.#settings;
    const actual = this.#calibration?.actual(raw) ?? raw * scale + offset;
    if (!Number.isFinite(actual)) return true;
    this.#value = this.#filter(actual);
    return (
      isOverRange ||
      isOutside(this.#value, minimum, maximum) ||
      isOutside(raw, this.#range.minimum, this.#range.maximum)
    );
  }

  #report(isOverRange: boolean): AnalogSample {
    const value = this.#value;
    const change = Math.abs(value - (this.#reported?.value ?? Number.NaN));
    const isWithin = change === 0 || change < this.#settings.deadband;
    const isReportable = !(isWithin && isOverRange === this.#reported?.isOverRange);
    if (isReportable) this.#reported = { value, isOverRange };
    return { value, isOverRange, isReportable };
  }
}

function isOutside(value: number, minimum = -Infinity, maximum = Infinity): boolean {
  return value < minimum || value > maximum;
}
