import {
  bitOf,
  type CircuitMaker,
  channel,
  each,
  type ModbusCircuit,
  numbered,
  REGISTER,
} from './modbus-circuit.ts';
import { holding, writeCoil } from './registers.ts';

/** RO and LED: a bit each to read, a coil each to write. */
const coilOutputs =
  (type: 'ro' | 'led'): CircuitMaker =>
  (feature, place) => {
    const firstCoil = feature.need('val_coil').integer(REGISTER);
    const first = feature.need('val_reg').integer(REGISTER);
    return each(feature, (index): ModbusCircuit => {
      const { register, mask } = bitOf(first, index);
      const coil = firstCoil + index;
      return {
        channel: channel(type, numbered(place, index), place, {
          direction: 'output',
          signal: 'digital',
          at: `coil ${coil}`,
        }),
        value: [holding(register)],
        settings: [],
        reading: (registers) => ({ level: { value: registers.bit(register, mask) } }),
        write: ({ value }) => [writeCoil(coil, value !== 0)],
      };
    });
  };

export const relays = coilOutputs('ro');
export const leds = coilOutputs('led');

/** OWPOWER: the coil that feeds a 1-Wire bus; it has no register. */
export const busPower: CircuitMaker = (feature, place) => {
  const coil = feature.need('val_coil').integer(REGISTER);
  return [
    {
      channel: channel('owpower', place.device, place, {
        direction: 'output',
        signal: 'digital',
        at: `coil ${coil}`,
      }),
      value: [{ table: 'coil', start: coil, count: 1 }],
      settings: [],
      reading: (registers) => ({ level: { value: registers.word(coil, 'coil') } }),
      write: ({ value }) => [writeCoil(coil, value !== 0)],
    },
  ];
};
