import { analogModes, ModeSelector, modeFields } from './analog-mode.ts';
import {
  type CircuitMaker,
  channel,
  each,
  type ModbusCircuit,
  numbered,
  REGISTER,
} from './modbus-circuit.ts';
import { holding, writeRegister } from './registers.ts';

/** Volts of one step of the converter. */
const STEP = 0.0025;
const MAX_RAW = 4095;

/** AO: a 12-bit converter each, in steps of 2.5 mV. Definitions give all of a feature one mode register. */
export const analogOutputs: CircuitMaker = (feature, place) => {
  const first = feature.need('val_reg').integer(REGISTER);
  const selector = new ModeSelector(analogModes(feature), feature.get('mode_reg')?.integer(REGISTER));
  const { register } = selector;

  return each(feature, (index): ModbusCircuit => {
    const value = first + index;
    return {
      channel: channel('ao', numbered(place, index), place, {
        direction: 'output',
        signal: 'analog',
        at: `register ${value}`,
        unit: selector.first?.unit ?? 'V',
        range: selector.first?.range ?? { minimum: 0, maximum: MAX_RAW * STEP },
        step: STEP,
        modes: selector.info,
        settings: selector.setting,
      }),
      value: [holding(value)],
      settings: register === undefined ? [] : [holding(register)],
      reading: (registers) => ({
        level: { value: Number((registers.word(value) * STEP).toFixed(4)) },
        ...modeFields(selector.current(register === undefined ? 0 : registers.word(register))),
      }),
      write: (level) => [
        writeRegister(value, Math.min(Math.max(Math.round(level.value / STEP), 0), MAX_RAW)),
      ],
      ...(register !== undefined && {
        configure: (settings) => {
          const selected = selector.named(settings['mode'])?.value;
          return selected === undefined ? [] : [writeRegister(register, selected)];
        },
      }),
    };
  });
};
