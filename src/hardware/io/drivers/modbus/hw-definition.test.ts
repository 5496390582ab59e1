import { expect, test } from 'vitest';
import { CircuitBench } from '../../../../../test/support/modbus-circuits.ts';
import { parseEvokText } from './evok-file.ts';
import { hwDefinition } from './hw-definition.ts';
import { encodeFloat32 } from './word-value.ts';

const PLACE = { bus: 'BUS', device: 'xS11', slaveId: 4 };
const read = async (text: string) => hwDefinition(await parseEvokText('board', 'hw/m.yaml', text), PLACE);

test('relays and LEDs have a bit to read and a coil to write', async () => {
  const bench = await CircuitBench.of(
    { type: 'RO', count: 18, val_reg: 1, val_coil: 0 },
    { type: 'LED', count: 3, val_reg: 31, val_coil: 25 },
  );
  bench.set(1, 0, 0b10);
  bench.set(31, 0b100);
  expect(bench.reading('ro/1_18').level.value).toBe(1);
  expect(bench.reading('led/1_03').level.value).toBe(1);
  expect(bench.write('ro/1_18', { value: 0 })).toEqual([{ kind: 'coils', start: 17, states: [false] }]);
  expect(bench.write('led/1_01', { value: 1 })).toEqual([{ kind: 'coils', start: 25, states: [true] }]);
  expect(bench.circuit('ro/1_18').channel.hardware).toBe('bus BUS, slave 1, coil 17');
});

test('a watchdog has a time-out, and coils that act once', async () => {
  const bench = await CircuitBench.of({
    ...{ type: 'WD', val_reg: 6, timeout_reg: 1008, nv_sav_coil: 1003, reset_coil: 1002 },
  });
  bench.set(6, 0xff03);
  bench.set(1008, 5000);
  expect(bench.reading('wd/1_01')).toEqual({
    level: { value: 1 },
    settings: { timeout: 5000, nv_save: false, reset: false },
    details: { was_wd_reset: 1 },
  });
  expect(bench.configure('wd/1_01', { timeout: 65_535, nv_save: true, reset: false })).toEqual([
    { kind: 'registers', start: 1008, values: [65_535] },
    { kind: 'coils', start: 1003, states: [true] },
  ]);
});

test("a watchdog's value switches it, as evok's clients do", async () => {
  const bench = await CircuitBench.of({ type: 'WD', val_reg: 6, timeout_reg: 1008 });
  expect(bench.circuit('wd/1_01').channel).toMatchObject({ direction: 'output', signal: 'digital' });
  for (const value of [1, 0]) {
    expect(bench.write('wd/1_01', { value })).toEqual([{ kind: 'registers', start: 6, values: [value] }]);
    bench.set(6, 0b10 | value);
    expect(bench.reading('wd/1_01').level).toEqual({ value });
  }
});

test('registers are named by their address, and those of the input table cannot be written', async () => {
  const bench = await CircuitBench.of(
    { type: 'REGISTER', count: 2, start_reg: 1000 },
    { type: 'REGISTER', start_reg: 5, reg_type: 'input' },
  );
  expect(bench.keys).toEqual(['register/1_1000', 'register/1_1001', 'register/1_5_inp']);
  expect(bench.write('register/1_1001', { value: 65_535 })).toEqual([
    { kind: 'registers', start: 1001, values: [65_535] },
  ]);
  expect(bench.circuit('register/1_5_inp').write).toBeUndefined();
  bench.registers.store({ table: 'input', start: 5, count: 1 }, [7]);
  expect(bench.reading('register/1_5_inp').level.value).toBe(7);
});

test('data points are scaled, may say whether they are valid, and have floats with the high word first', async () => {
  const bench = await CircuitBench.of(
    {
      type: 'DATA_POINT',
      value_reg: 0,
      reg_type: 'input',
      datatype: 'float32',
      name: 'temperature',
      unit: '°C',
    },
    {
      type: 'DATA_POINT',
      count: 2,
      value_reg: 10,
      datatype: 'signed16',
      factor: 0.5,
      offset: 1,
      valid_mask_reg: 20,
    },
  );
  bench.registers.store({ table: 'input', start: 0, count: 2 }, encodeFloat32(21.5, 'high-first'));
  bench.set(11, 0xfffe);
  bench.set(20, 0b10);
  expect(bench.reading('data_point/1_0')).toEqual({
    level: { value: 21.5 },
    details: { name: 'temperature' },
  });
  expect(bench.circuit('data_point/1_0').channel.unit).toBe('°C');
  expect(bench.reading('data_point/1_11')).toEqual({ level: { value: 0 }, details: { valid: true } });
  expect(bench.reading('data_point/1_10').details).toEqual({ valid: false });
});

test('bus power is named like its device', async () => {
  const bench = await CircuitBench.of({ type: 'OWPOWER', val_coil: 1001 });
  expect(bench.write('owpower/1', { value: 1 })).toEqual([{ kind: 'coils', start: 1001, states: [true] }]);
});

test('features of unknown types are named and left out', async () => {
  const { circuits, unknown, saveCoil } = await read(`
    modbus_register_blocks: [{ start_reg: 0, count: 2, frequency: 3, type: input }]
    modbus_features:
      - { type: UART, count: 1, conf_reg: 1031 }
      - { type: RO, val_reg: 0, val_coil: 0 }
      - { type: NV_SAVE, val_coil: 1003 }
      - { type: toString }`);
  expect(circuits.map(({ channel }) => channel.circuit)).toEqual(['xS11_01']);
  expect(unknown).toEqual(['UART', 'toString']);
  expect(saveCoil).toBe(1003);
});

test.each([
  ['modbus_features: []', 'hw/m.yaml:1: the file has no modbus_register_blocks, which it needs.'],
  ['modbus_register_blocks: 5', 'hw/m.yaml:1: modbus_register_blocks is "5"; expected a list.'],
  [
    'modbus_register_blocks:\n - start_reg: 0\n   count: 126',
    'hw/m.yaml:3: count is "126"; expected a whole number from 1 to 125.',
  ],
  [
    'modbus_register_blocks: []\nmodbus_features:\n - type: DI\n   val_reg: [1]',
    'hw/m.yaml:4: val_reg is a list; expected a whole number from 0 to 65535.',
  ],
  [
    'modbus_register_blocks: []\nmodbus_features:\n - type: RO\n   val_reg: 1',
    'hw/m.yaml:3: modbus_features has no val_coil, which it needs.',
  ],
  [
    'modbus_register_blocks: []\nmodbus_features:\n - {type: AI, val_reg: 0, modes: {V: {range: [0, x]}}}',
    'hw/m.yaml:3: range is "x"; expected a number from -1000000000000 to 1000000000000.',
  ],
])('%j is refused with file and line', async (text, message) => {
  await expect(read(text)).rejects.toMatchObject({
    code: 'IO_CONFIG_INVALID',
    message: `I/O driver board: ${message}`,
  });
});
