import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { CircuitBench } from '../../../../../test/support/modbus-circuits.ts';

const BRAIN = {
  ...{ type: 'DI', count: 4, modes: ['Simple', 'DirectSwitch'], ds_modes: ['Simple', 'Inverted', 'Toggle'] },
  ...{ val_reg: 0, counter_reg: 8, deboun_reg: 1010, direct_reg: 1014, polar_reg: 1015, toggle_reg: 1016 },
};
let bench: CircuitBench;
beforeEach(async () => {
  bench = await CircuitBench.of(BRAIN);
});

test('inputs are numbered from 01 and have a bit each', () => {
  expect(bench.keys).toEqual(['di/1_01', 'di/1_02', 'di/1_03', 'di/1_04']);
  bench.set(0, 0b0101);
  expect(bench.keys.map((key) => bench.reading(key).level.value)).toEqual([1, 0, 1, 0]);
});

test('the seventeenth input is in the next register, and numbers may start later', async () => {
  const many = await CircuitBench.of({ ...BRAIN, count: 18, start_index: 2 });
  many.set(0, 0, 0b10);
  expect(many.reading('di/1_20').level.value).toBe(1);
  expect(many.reading('di/1_04').level.value).toBe(0);
});

test('a counter has its low word first', () => {
  bench.set(10, 0x5678, 0x9abc);
  expect(bench.reading('di/1_02').settings?.['counter']).toBe(0x9abc5678);
});

test('a counter that is written reads back, up to 32 bits', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (counter) => {
      bench.apply(bench.configure('di/1_04', { counter }));
      expect(bench.reading('di/1_04').settings?.['counter']).toBe(counter);
    }),
  );
});

test('debouncing is in steps of 100 microseconds', () => {
  bench.set(1011, 50);
  expect(bench.reading('di/1_02').settings?.['debounce_us']).toBe(5000);
  expect(bench.configure('di/1_02', { debounce_us: 1234 })).toEqual([
    { kind: 'registers', start: 1011, values: [12] },
  ]);
  const setting = bench.circuit('di/1_02').channel.settings.find(({ name }) => name === 'debounce_us');
  expect(setting).toMatchObject({ step: 100, unit: 'µs' });
});

test('a debounce period beyond the register is the longest one', () => {
  expect(bench.configure('di/1_02', { debounce_us: 10_000_000 })).toEqual([
    { kind: 'registers', start: 1011, values: [65_535] },
  ]);
});

test.each([
  ['Simple', 0, 0],
  ['Inverted', 1, 0],
  ['Toggle', 0, 1],
])('switching directly, %s, is a bit in each of three registers', (ds_mode, polarity, toggle) => {
  bench.set(1014, 0b1000, 0b1111, 0b1111);
  bench.apply(bench.configure('di/1_03', { mode: 'DirectSwitch', ds_mode }));
  expect(bench.reading('di/1_03').settings).toMatchObject({ mode: 'DirectSwitch', ds_mode });
  const bits = [1014, 1015, 1016].map((register) => bench.registers.word(register));
  expect(bits).toEqual([0b1100, 0b1011 | (polarity << 2), 0b1011 | (toggle << 2)]);
});

test('how an input switches is set before it switches, and its neighbours keep theirs', () => {
  const operations = bench.configure('di/1_01', { mode: 'DirectSwitch', ds_mode: 'Toggle' });
  expect(operations).toEqual([
    { kind: 'bits', register: 1015, mask: 1, isSet: false },
    { kind: 'bits', register: 1016, mask: 1, isSet: true },
    { kind: 'bits', register: 1014, mask: 1, isSet: true },
  ]);
});

test('an input without these registers has only a value', async () => {
  const plain = await CircuitBench.of({ type: 'DI', val_reg: 7 });
  const { channel } = plain.circuit('di/1_01');
  expect(channel.settings).toEqual([]);
  expect(channel.features).toEqual({ debounce: false, counter: false, directSwitch: false });
  expect(plain.reading('di/1_01')).toEqual({ level: { value: 0 }, settings: {} });
});
