import type { ChannelReading, Sample, SettingValue } from '../../circuit.ts';
import type { Conversion } from './channel-attributes.ts';

export interface RawReading {
  readonly raw: number;
  readonly takenUs: number;
  readonly conversion: Conversion;
  /** Least and greatest raw value, where they are known. */
  readonly rawRange?: readonly [number, number] | undefined;
  readonly settings?: Readonly<Record<string, SettingValue>>;
}

/** A reading of what an ADC gave. */
export function adcReading({ raw, takenUs, conversion, rawRange, settings }: RawReading): ChannelReading {
  const { value, isOverRange } = adcSample(raw, conversion, rawRange);
  return {
    level: { value },
    ...(settings !== undefined && { settings }),
    ...valueRange(conversion, rawRange),
    ...(rawRange !== undefined && { isOverRange }),
    takenUs,
  };
}

/**
 * What an ADC gave. A converter at its greatest value cannot measure more; one at its least cannot measure less, unless
 * that is 0, which it gives when there is nothing to measure.
 */
export function adcSample(
  raw: number,
  conversion: Conversion,
  rawRange: RawReading['rawRange'] = [-Infinity, Infinity],
): Sample {
  const [least, greatest] = rawRange;
  return { value: conversion.toValue(raw), isOverRange: raw >= greatest || (raw <= least && raw !== 0) };
}

/** Unit and range of values, by those of raw values. */
export function valueRange(
  conversion: Conversion,
  rawRange: readonly [number, number] | undefined,
): { readonly unit?: string; readonly minimum?: number; readonly maximum?: number } {
  const [least, greatest] = rawRange?.map((raw) => conversion.toValue(raw)) ?? [];
  return {
    ...(conversion.unit !== undefined && { unit: conversion.unit }),
    ...(least !== undefined &&
      greatest !== undefined && { minimum: Math.min(least, greatest), maximum: Math.max(least, greatest) }),
  };
}

/** Unit, range and step of a channel, as long as its scale stays. */
export function valueScale(
  conversion: Conversion,
  rawRange: readonly [number, number] | undefined,
): ReturnType<typeof valueRange> & { readonly step: number } {
  const step = Number(Math.abs(conversion.toValue(1) - conversion.toValue(0)).toPrecision(12));
  return { ...valueRange(conversion, rawRange), step };
}
