import type { SettingInfo } from '../../circuit.ts';
import {
  bitOf,
  type CircuitMaker,
  channel,
  each,
  type ModbusCircuit,
  numbered,
  REGISTER,
} from './modbus-circuit.ts';
import { holding, type Operation, writeRegister } from './registers.ts';

/** Unit of the debounce register. */
const DEBOUNCE_STEP_US = 100;

const DEBOUNCE: SettingInfo = {
  name: 'debounce_us',
  kind: 'integer',
  unit: 'µs',
  minimum: 0,
  maximum: REGISTER.maximum * DEBOUNCE_STEP_US,
  step: DEBOUNCE_STEP_US,
  isWritable: true,
};
const COUNTER: SettingInfo = {
  name: 'counter',
  kind: 'integer',
  minimum: 0,
  maximum: 0xffff_ffff,
  isWritable: true,
};
const MODE: SettingInfo = {
  name: 'mode',
  kind: 'choice',
  choices: ['Simple', 'DirectSwitch'],
  isWritable: true,
};
const SWITCH_MODE: SettingInfo = {
  name: 'ds_mode',
  kind: 'choice',
  choices: ['Simple', 'Inverted', 'Toggle'],
  isWritable: true,
};

/** DI: a bit each, a 32-bit counter (low word first), a debounce time, and switching of outputs by the firmware. */
export const digitalInputs: CircuitMaker = (feature, place) => {
  const first = feature.need('val_reg').integer(REGISTER);
  const counters = feature.get('counter_reg')?.integer(REGISTER);
  const debounces = feature.get('deboun_reg')?.integer(REGISTER);
  const direct = feature.get('direct_reg')?.integer(REGISTER);
  const polarity = feature.get('polar_reg')?.integer(REGISTER);
  const toggle = feature.get('toggle_reg')?.integer(REGISTER);
  const before = feature.get('start_index')?.integer(REGISTER) ?? 0;
  const switching = direct !== undefined &&
    polarity !== undefined &&
    toggle !== undefined && { direct, polarity, toggle };

  return each(feature, (index): ModbusCircuit => {
    const { register, mask } = bitOf(first, index);
    const counter = counters === undefined ? undefined : counters + 2 * index;
    const debounce = debounces === undefined ? undefined : debounces + index;
    // Enabled, inverted and toggling inputs have a bit each in these registers.
    const bits = switching && {
      direct: bitOf(switching.direct, index).register,
      polarity: bitOf(switching.polarity, index).register,
      toggle: bitOf(switching.toggle, index).register,
    };
    return {
      channel: channel('di', numbered(place, before + index), place, {
        direction: 'input',
        signal: 'digital',
        at: `register ${register} bit ${index % 16}`,
        settings: [
          ...(debounce === undefined ? [] : [DEBOUNCE]),
          ...(counter === undefined ? [] : [COUNTER]),
          ...(bits ? [MODE, SWITCH_MODE] : []),
        ],
        features: {
          debounce: debounce !== undefined,
          counter: counter !== undefined,
          directSwitch: bits !== false,
        },
      }),
      value: [holding(register), ...(counter === undefined ? [] : [holding(counter, 2)])],
      settings: [
        ...(debounce === undefined ? [] : [holding(debounce)]),
        ...(bits ? Object.values(bits).map((at) => holding(at)) : []),
      ],
      reading: (registers) => {
        const settings: Record<string, number | string> = {};
        if (debounce !== undefined) settings['debounce_us'] = registers.word(debounce) * DEBOUNCE_STEP_US;
        if (counter !== undefined) {
          const [low, high] = registers.pair(counter);
          settings['counter'] = low + high * 65_536;
        }
        if (bits) {
          settings['mode'] = registers.bit(bits.direct, mask) === 1 ? 'DirectSwitch' : 'Simple';
          settings['ds_mode'] = 'Simple';
          if (registers.bit(bits.toggle, mask) === 1) settings['ds_mode'] = 'Toggle';
          if (registers.bit(bits.polarity, mask) === 1) settings['ds_mode'] = 'Inverted';
        }
        return { level: { value: registers.bit(register, mask) }, settings };
      },
      configure: (settings) => {
        const operations: Operation[] = [];
        const put = (at: number, isSet: boolean) =>
          operations.push({ kind: 'bits', register: at, mask, isSet });
        if (debounce !== undefined && settings['debounce_us'] !== undefined) {
          // A configured `debounceUs` goes beyond the register.
          const steps = Math.round(Number(settings['debounce_us']) / DEBOUNCE_STEP_US);
          operations.push(writeRegister(debounce, Math.min(steps, REGISTER.maximum)));
        }
        if (counter !== undefined && settings['counter'] !== undefined) {
          const count = Number(settings['counter']);
          operations.push(writeRegister(counter, count & 0xffff, count >>> 16));
        }
        // How it switches comes before whether it does, so that nothing is switched the wrong way in between.
        if (bits && settings['ds_mode'] !== undefined) {
          put(bits.polarity, settings['ds_mode'] === 'Inverted');
          put(bits.toggle, settings['ds_mode'] === 'Toggle');
        }
        if (bits && settings['mode'] !== undefined) put(bits.direct, settings['mode'] === 'DirectSwitch');
        return operations;
      },
    };
  });
};
