import { measured } from './analog-input.ts';
import type { Range } from './evok-value.ts';
import { bitOf, type CircuitMaker, channel, each, type ModbusCircuit, REGISTER } from './modbus-circuit.ts';
import type { Registers } from './registers.ts';
import { decodeWords } from './word-value.ts';

const FINITE: Range = { minimum: -1e12, maximum: 1e12 };

/** DATA_POINT: a measured value of any device, scaled; floats have the high word first. */
export const dataPoints: CircuitMaker = (feature, place) => {
  const first = feature.need('value_reg').integer(REGISTER);
  const table = feature.get('reg_type')?.oneOf(['holding', 'input']) ?? 'holding';
  const type = feature.get('datatype')?.oneOf(['null', 'signed16', 'float32']) ?? 'null';
  const factor = feature.get('factor')?.number(FINITE) ?? 1;
  const offset = feature.get('offset')?.number(FINITE) ?? 0;
  const validity = feature.get('valid_mask_reg')?.integer(REGISTER);
  const name = feature.get('name')?.text();

  return each(feature, (index): ModbusCircuit => {
    const register = first + index;
    const valid = validity === undefined ? undefined : bitOf(validity, index);
    const raw = (registers: Registers): number => {
      if (type === 'float32')
        return decodeWords(
          { type, words: 'high-first', isByteSwapped: false },
          registers.pair(register, table),
        );
      const word = registers.word(register, table);
      return type === 'signed16' ? (word << 16) >> 16 : word;
    };
    return {
      channel: channel('data_point', `${place.device}_${register}`, place, {
        direction: 'input',
        signal: 'analog',
        at: `${table} register ${register}`,
        unit: feature.get('unit')?.text(),
      }),
      value: [
        { table, start: register, count: type === 'float32' ? 2 : 1 },
        ...(valid === undefined ? [] : [{ table, start: valid.register, count: 1 }]),
      ],
      settings: [],
      reading: (registers) => ({
        ...measured(raw(registers) * factor + offset, 6),
        details: {
          ...(name !== undefined && { name }),
          ...(valid !== undefined && {
            valid: (registers.word(valid.register, table) & valid.mask) !== 0,
          }),
        },
      }),
    };
  });
};
