import { expect, test } from 'vitest';
import { CircuitBench } from '../../../../../test/support/modbus-circuits.ts';
import { encodeFloat32 } from './word-value.ts';

const low = (value: number) => encodeFloat32(value, 'low-first');

const MODES = {
  Disabled: { value: 0 },
  Voltage10: { value: 1, unit: 'V', range: [0, 10] },
  Resistance2W: { value: 5, unit: 'Ohm', range: [0, 100_000] },
};
const AI = { type: 'AI', count: 4, val_reg: 6, mode_reg: 1019, modes: MODES };

test('an analog input is a float of two registers, in the unit and range of its mode', async () => {
  const bench = await CircuitBench.of(AI);
  bench.set(8, ...low(1234.5678));
  bench.set(1020, 5);
  expect(bench.reading('ai/1_02')).toEqual({
    level: { value: 1234.568 },
    settings: { mode: 'Resistance2W' },
    ...{ unit: 'Ohm', minimum: 0, maximum: 100_000 },
  });
  expect(bench.configure('ai/1_02', { mode: 'Voltage10' })).toEqual([
    { kind: 'registers', start: 1020, values: [1] },
  ]);
  expect(bench.circuit('ai/1_02').channel).toMatchObject({
    ...{ unit: 'V', minimum: 0, maximum: 10 },
    modes: { Voltage10: { value: 1, unit: 'V', minimum: 0, maximum: 10 } },
    settings: [{ name: 'mode', choices: ['Disabled', 'Voltage10', 'Resistance2W'], isWritable: true }],
  });
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('%d is no number that could be shown', async (value) => {
  const bench = await CircuitBench.of(AI);
  bench.set(6, ...low(value));
  expect(bench.reading('ai/1_01')).toMatchObject({ level: { value: 0 }, isOverRange: true });
});

test('a mode may have a format of its own', async () => {
  const transformation = { datatype: 'int32', wordorder: 'big', ratio: 0.01, decimals: 1 };
  const modes = { Pt100: { value: 3, unit: '°C', range: [-200, 850], transformation } };
  const bench = await CircuitBench.of({ ...AI, modes });
  bench.set(1019, 3);
  bench.set(6, 0xffff, 0xf830); // -2000
  expect(bench.reading('ai/1_01')).toMatchObject({ level: { value: -20 }, unit: '°C' });
});

test('modes of older definitions are names, with limits beside them', async () => {
  const bench = await CircuitBench.of({
    ...{ type: 'AI', modes: ['Voltage', 'Current'], min_v: 0, max_v: 10, min_c: 0, max_c: 0.02, val_reg: 3 },
  });
  expect(bench.circuit('ai/1_01').channel).toMatchObject({
    ...{ unit: 'V', minimum: 0, maximum: 10 },
    modes: { Current: { unit: 'mA', minimum: 0, maximum: 20 } },
  });
});

test('an analog output is in steps of 2.5 mV, to the nearest', async () => {
  const bench = await CircuitBench.of({
    type: 'AO',
    count: 4,
    val_reg: 2,
    modes: { Voltage: { unit: 'V', range: [0, 10] } },
  });
  const raw = [0, 0.3, 2.5, 10, 11].map((value) => bench.write('ao/1_03', { value }));
  expect(raw).toEqual(
    [0, 120, 1000, 4000, 4095].map((word) => [{ kind: 'registers', start: 4, values: [word] }]),
  );
  bench.set(4, 120);
  expect(bench.reading('ao/1_03')).toMatchObject({
    level: { value: 0.3 },
    settings: { mode: 'Voltage' },
    unit: 'V',
  });
});

const BAO = { type: 'BAO', val_reg: 3000, res_val_reg: 3004, mode_reg: 1019 };

test.each([
  [0, 1.5, 'Voltage', 'V', 10],
  [1, 1.5, 'Current', 'mA', 20],
  [3, 820, 'Resistance', 'Ohm', 2000],
])('mode %d of the brain output: %d is %s in %s', async (register, value, mode, unit, maximum) => {
  const bench = await CircuitBench.of(BAO);
  bench.set(3000, ...low(1.5));
  bench.set(3004, ...low(820));
  bench.set(1019, register);
  expect(bench.reading('ao/1_01')).toEqual({
    level: { value },
    settings: { mode },
    ...{ unit, minimum: 0, maximum },
  });
});

test('the brain output keeps its number when its mode changes, within the range of the new one', async () => {
  const bench = await CircuitBench.of(BAO);
  bench.set(1019, 1);
  bench.set(3000, ...low(15));
  expect(bench.configure('ao/1_01', { mode: 'Voltage' })).toEqual([
    { kind: 'registers', start: 1019, values: [0] },
    { kind: 'registers', start: 3000, values: low(10) },
  ]);
  expect(bench.configure('ao/1_01', { mode: 'Resistance' })).toEqual([
    { kind: 'registers', start: 1019, values: [3] },
  ]);
});

test('an older definition calls the brain output AO', async () => {
  const bench = await CircuitBench.of({ ...BAO, type: 'AO', modes: ['Voltage', 'Current', 'Resistance'] });
  expect(bench.write('ao/1_01', { value: 2.5 })).toEqual([
    { kind: 'registers', start: 3000, values: low(2.5) },
  ]);
});
