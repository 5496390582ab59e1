import { type CircuitMaker, channel, each, type ModbusCircuit, REGISTER } from './modbus-circuit.ts';
import { writeRegister } from './registers.ts';

/** REGISTER: registers as they are, named by their address. */
export const rawRegisters: CircuitMaker = (feature, place) => {
  const first = feature.need('start_reg').integer(REGISTER);
  const table = feature.get('reg_type')?.oneOf(['holding', 'input']) ?? 'holding';
  return each(feature, (index): ModbusCircuit => {
    const register = first + index;
    const isInput = table === 'input';
    return {
      channel: channel('register', `${place.device}_${register}${isInput ? '_inp' : ''}`, place, {
        direction: isInput ? 'input' : 'output',
        signal: 'analog',
        at: `${table} register ${register}`,
        range: REGISTER,
        step: 1,
      }),
      value: [{ table, start: register, count: 1 }],
      settings: [],
      reading: (registers) => ({ level: { value: registers.word(register, table) } }),
      ...(!isInput && { write: ({ value }) => [writeRegister(register, Math.round(value))] }),
    };
  });
};
