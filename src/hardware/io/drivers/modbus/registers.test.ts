import { expect, test } from 'vitest';
import { Registers, together, writeCoil, writeRegister } from './registers.ts';

test('neighbouring coils switch in one request, wherever they stand in it', () => {
  expect(
    together([[writeCoil(3, true)], [writeCoil(1, false)], [writeCoil(2, true)], [writeCoil(8, true)]]),
  ).toEqual([
    { kind: 'coils', start: 1, states: [false, true, true] },
    { kind: 'coils', start: 8, states: [true] },
  ]);
});

test('a circuit of several steps keeps their order', () => {
  const steps = [writeRegister(1018, 99), writeCoil(1, false), writeRegister(16, 50)];
  expect(together([steps, [writeCoil(0, true)]])).toEqual([
    { kind: 'coils', start: 0, states: [true] },
    ...steps,
  ]);
});

test('a bit is set and cleared without its neighbours', () => {
  const registers = new Registers();
  registers.apply(writeRegister(5, 0b1010));
  registers.apply({ kind: 'bits', register: 5, mask: 0b0100, isSet: true });
  registers.apply({ kind: 'bits', register: 5, mask: 0b0010, isSet: false });
  expect(registers.word(5)).toBe(0b1100);
});
