import type { SettingInfo } from '../../circuit.ts';
import {
  type CircuitMaker,
  channel,
  each,
  type ModbusCircuit,
  numbered,
  REGISTER,
} from './modbus-circuit.ts';
import { holding, type Operation, writeCoil, writeRegister } from './registers.ts';

/** Bits of the value register. */
const ENABLED = 0b01;
const WAS_RESET = 0b10;

const flag = (name: string): SettingInfo => ({ name, kind: 'boolean', isWritable: true });
const TIMEOUT: SettingInfo = { name: 'timeout', kind: 'integer', unit: 'ms', ...REGISTER, isWritable: true };

/**
 * WD: resets the board's outputs when nobody talks to it for a time; its value is whether it does. The coils that save
 * settings and reset the board act once; they read as false.
 */
export const watchdogs: CircuitMaker = (feature, place) => {
  const first = feature.need('val_reg').integer(REGISTER);
  const firstTimeout = feature.need('timeout_reg').integer(REGISTER);
  const save = feature.get('nv_sav_coil')?.integer(REGISTER);
  const reset = feature.get('reset_coil')?.integer(REGISTER);

  return each(feature, (index): ModbusCircuit => {
    const [value, timeout] = [first + index, firstTimeout + index];
    return {
      channel: channel('wd', numbered(place, index), place, {
        direction: 'output',
        signal: 'digital',
        at: `register ${value}`,
        settings: [
          TIMEOUT,
          ...(save === undefined ? [] : [flag('nv_save')]),
          ...(reset === undefined ? [] : [flag('reset')]),
        ],
      }),
      value: [holding(value)],
      settings: [holding(timeout)],
      reading: (registers) => ({
        level: { value: registers.bit(value, ENABLED) },
        settings: {
          timeout: registers.word(timeout),
          ...(save !== undefined && { nv_save: false }),
          ...(reset !== undefined && { reset: false }),
        },
        details: { was_wd_reset: registers.bit(value, WAS_RESET) },
      }),
      write: (level) => [writeRegister(value, level.value === 0 ? 0 : ENABLED)],
      configure: (settings) => {
        const operations: Operation[] = [];
        if (settings['timeout'] !== undefined)
          operations.push(writeRegister(timeout, Number(settings['timeout'])));
        if (save !== undefined && settings['nv_save'] === true) operations.push(writeCoil(save, true));
        if (reset !== undefined && settings['reset'] === true) operations.push(writeCoil(reset, true));
        return operations;
      },
    };
  });
};
