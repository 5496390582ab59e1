import { measured } from './analog-input.ts';
import { type AnalogMode, ModeSelector, modeFields, UNIPI_CONVERSION } from './analog-mode.ts';
import {
  type CircuitMaker,
  channel,
  each,
  type ModbusCircuit,
  numbered,
  REGISTER,
} from './modbus-circuit.ts';
import { holding, type Registers, writeRegister } from './registers.ts';
import { decodeWords, encodeFloat32, UNIPI_FLOAT32 } from './word-value.ts';

const mode = (name: string, value: number, unit: string, maximum: number): AnalogMode => ({
  ...{ name, value, unit },
  range: { minimum: 0, maximum },
  conversion: UNIPI_CONVERSION,
});
const VOLTAGE = mode('Voltage', 0, 'V', 10);
const CURRENT = mode('Current', 1, 'mA', 20);
/** The output measures. evok declares 2 and writes 3; the firmware takes anything above 1 for it. */
const RESISTANCE = mode('Resistance', 2, 'Ohm', 2000);
const RESISTANCE_REGISTER = 3;
const MODES = [VOLTAGE, CURRENT, RESISTANCE];

/** BAO: the analog output of the brain board, a float in two registers, which can also measure a resistance. */
export const brainAnalogOutputs: CircuitMaker = (feature, place) => {
  const first = feature.need('val_reg').integer(REGISTER);
  const resistance = feature.need('res_val_reg').integer(REGISTER);
  const register = feature.get('mode_reg')?.integer(REGISTER);
  const selector = new ModeSelector(register === undefined ? [VOLTAGE] : MODES, register);

  return each(feature, (index): ModbusCircuit => {
    const value = first + index;
    const current = (registers: Registers): AnalogMode =>
      register === undefined ? VOLTAGE : (MODES[Math.min(registers.word(register), 2)] ?? VOLTAGE);
    const set = (number: number, { range }: AnalogMode) => {
      const bounded = Math.min(Math.max(number, 0), range?.maximum ?? 0);
      return writeRegister(value, ...encodeFloat32(bounded, UNIPI_FLOAT32.words));
    };
    return {
      channel: channel('ao', numbered(place, index), place, {
        direction: 'output',
        signal: 'analog',
        at: `registers ${value} and ${value + 1}`,
        unit: 'V',
        range: { minimum: 0, maximum: 10 },
        modes: selector.info,
        settings: selector.setting,
      }),
      value: [holding(value, 2), holding(resistance, 2)],
      settings: register === undefined ? [] : [holding(register)],
      reading: (registers) => {
        const present = current(registers);
        const at = present === RESISTANCE ? resistance : value;
        return { ...measured(decodeWords(UNIPI_FLOAT32, registers.pair(at)), 3), ...modeFields(present) };
      },
      write: (level, registers) => [set(level.value, current(registers))],
      ...(register !== undefined && {
        configure: (settings, registers) => {
          const wanted = selector.named(settings['mode']);
          if (wanted?.value === undefined) return [];
          if (wanted === RESISTANCE) return [writeRegister(register, RESISTANCE_REGISTER)];
          // The number stays: 1.5 V become 1.5 mA.
          const number = decodeWords(UNIPI_FLOAT32, registers.pair(value));
          return [writeRegister(register, wanted.value), set(Number.isFinite(number) ? number : 0, wanted)];
        },
      }),
    };
  });
};
