import type { ChannelInfo, SettingInfo } from '../../circuit.ts';
import type { EvokValue, Range } from './evok-value.ts';
import { REGISTER, type Reading } from './modbus-circuit.ts';
import { UNIPI_FLOAT32, type WordFormat } from './word-value.ts';

/** How the registers of a mode become a value. */
export interface Conversion {
  readonly format: WordFormat;
  readonly ratio: number;
  readonly decimals: number;
}

/** A mode of an analog circuit. */
export interface AnalogMode {
  readonly name: string;
  /** The mode register's value; undefined when nobody says. */
  readonly value?: number | undefined;
  readonly unit?: string | undefined;
  readonly range?: Range | undefined;
  readonly conversion: Conversion;
}

const FINITE: Range = { minimum: -1e12, maximum: 1e12 };
export const UNIPI_CONVERSION: Conversion = { format: UNIPI_FLOAT32, ratio: 1, decimals: 3 };

/** `transformation` of a mode. */
function conversion(mode: EvokValue): Conversion {
  const given = mode.get('transformation');
  if (given === undefined) return UNIPI_CONVERSION;
  const isLittle = (key: string) =>
    given.get(key)?.oneOf(['little', 'Little', 'big', 'Big']).toLowerCase() === 'little';
  const isHighFirst = given.get('wordorder') !== undefined && !isLittle('wordorder');
  return {
    format: {
      type: given.get('datatype')?.oneOf(['float32', 'int32', 'uint32']) ?? 'float32',
      words: isHighFirst ? 'high-first' : 'low-first',
      isByteSwapped: isLittle('byteorder'),
    },
    ratio: given.get('ratio')?.number(FINITE) ?? 1,
    decimals: given.get('decimals')?.integer({ minimum: 0, maximum: 15 }) ?? 3,
  };
}

function range(mode: EvokValue): Range | undefined {
  const [low, high] = mode.get('range')?.list() ?? [];
  if (low === undefined || high === undefined) return undefined;
  return { minimum: low.number(FINITE), maximum: high.number(FINITE) };
}

/** Older definitions list names, with limits beside them in volts, amperes and ohms. */
const LISTED: Readonly<Record<string, { unit: string; low: string; high: string; factor: number }>> = {
  Voltage: { unit: 'V', low: 'min_v', high: 'max_v', factor: 1 },
  Current: { unit: 'mA', low: 'min_c', high: 'max_c', factor: 1000 },
  Resistance: { unit: 'Ohm', low: 'min_r', high: 'max_r', factor: 1 },
};

function listedMode(feature: EvokValue, name: string): AnalogMode {
  const known = Object.hasOwn(LISTED, name) ? LISTED[name] : undefined;
  const [low, high] = [feature.get(known?.low ?? ''), feature.get(known?.high ?? '')];
  return {
    name,
    conversion: UNIPI_CONVERSION,
    unit: known?.unit,
    range: known &&
      low &&
      high && {
        minimum: low.number(FINITE) * known.factor,
        maximum: high.number(FINITE) * known.factor,
      },
  };
}

/** `modes` of an analog feature: a mapping of names, or in older definitions a list of them. */
export function analogModes(feature: EvokValue): readonly AnalogMode[] {
  const modes = feature.need('modes');
  if (modes.isList) return modes.list().map((name) => listedMode(feature, name.text()));
  return [...modes.mapping()].map(([name, mode]) => ({
    name,
    value: mode.get('value')?.integer(REGISTER),
    unit: mode.get('unit')?.text(),
    range: range(mode),
    conversion: conversion(mode),
  }));
}

/** The modes of one circuit, and the register that selects among them. */
export class ModeSelector {
  readonly register: number | undefined;
  readonly #modes: readonly AnalogMode[];

  /** @param register ignored when no mode says what it means in the register. */
  constructor(modes: readonly AnalogMode[], register: number | undefined) {
    this.#modes = modes;
    this.register = modes.some((mode) => mode.value !== undefined) ? register : undefined;
  }

  /** @param selected the mode register's value. @returns undefined when it means none of the modes. */
  current(selected: number): AnalogMode | undefined {
    if (this.register === undefined) return this.#modes.length === 1 ? this.#modes[0] : undefined;
    return this.#modes.find((mode) => mode.value === selected);
  }

  named(name: unknown): AnalogMode | undefined {
    return this.#modes.find((mode) => mode.name === name);
  }

  /** The mode whose unit and range the channel has of its own. */
  get first(): AnalogMode | undefined {
    return this.#modes.find((mode) => mode.range !== undefined) ?? this.#modes[0];
  }

  get setting(): readonly SettingInfo[] {
    const isWritable = this.register !== undefined;
    const choices = this.#modes.flatMap(({ name, value }) =>
      isWritable && value === undefined ? [] : [name],
    );
    return choices.length === 0 ? [] : [{ name: 'mode', kind: 'choice', choices, isWritable }];
  }

  get info(): NonNullable<ChannelInfo['modes']> {
    return Object.fromEntries(
      this.#modes.map(({ name, value, unit, range: limits }, index) => [
        name,
        {
          value: value ?? index,
          unit: unit ?? '',
          minimum: limits?.minimum ?? 0,
          maximum: limits?.maximum ?? 0,
        },
      ]),
    );
  }
}

/** Fields of a reading that follow the mode. */
export function modeFields(mode: AnalogMode | undefined): Omit<Reading, 'level'> {
  return {
    settings: mode === undefined ? {} : { mode: mode.name },
    ...(mode?.unit !== undefined && { unit: mode.unit }),
    ...mode?.range,
  };
}
