import { analogModes, ModeSelector, modeFields, UNIPI_CONVERSION } from './analog-mode.ts';
import {
  type CircuitMaker,
  channel,
  each,
  type ModbusCircuit,
  numbered,
  REGISTER,
  type Reading,
} from './modbus-circuit.ts';
import { holding, writeRegister } from './registers.ts';
import { decodeWords } from './word-value.ts';

/** A measured number as a reading; what is none is over range, as JSON has no word for it. */
export function measured(value: number, decimals: number): Pick<Reading, 'level' | 'isOverRange'> {
  if (!Number.isFinite(value)) return { level: { value: 0 }, isOverRange: true };
  return { level: { value: Number(value.toFixed(decimals)) } };
}

/** AI: two registers each, and a mode register each that decides what they measure. */
export const analogInputs: CircuitMaker = (feature, place) => {
  const first = feature.need('val_reg').integer(REGISTER);
  const firstMode = feature.get('mode_reg')?.integer(REGISTER);
  const modes = analogModes(feature);

  return each(feature, (index): ModbusCircuit => {
    const value = first + 2 * index;
    const selector = new ModeSelector(modes, firstMode === undefined ? undefined : firstMode + index);
    const { register } = selector;
    return {
      channel: channel('ai', numbered(place, index), place, {
        direction: 'input',
        signal: 'analog',
        at: `registers ${value} and ${value + 1}`,
        unit: selector.first?.unit,
        ...(selector.first?.range && { range: selector.first.range }),
        modes: selector.info,
        settings: selector.setting,
      }),
      value: [holding(value, 2)],
      settings: register === undefined ? [] : [holding(register)],
      reading: (registers) => {
        const mode = selector.current(register === undefined ? 0 : registers.word(register));
        const { format, ratio, decimals } = mode?.conversion ?? UNIPI_CONVERSION;
        const number = decodeWords(format, registers.pair(value)) * ratio;
        return { ...measured(number, decimals), ...modeFields(mode) };
      },
      ...(register !== undefined && {
        configure: (settings) => {
          const selected = selector.named(settings['mode'])?.value;
          return selected === undefined ? [] : [writeRegister(register, selected)];
        },
      }),
    };
  });
};
