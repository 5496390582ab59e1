import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BOTH, BRAIN, ModbusDriverBench, tcp } from '../../../../../test/support/modbus-driver-bench.ts';
import { hasPymodbus } from '../../../../../test/support/modbus-server.ts';
import { eventually } from '../../../../../test/support/service.ts';
import type { CircuitKey } from '../../circuit.ts';

let bench: ModbusDriverBench;
beforeEach(() => {
  bench = new ModbusDriverBench();
});
afterEach(() => bench[Symbol.asyncDispose]());
const { signal } = new AbortController();

describe.skipIf(!hasPymodbus())('Modbus devices of a real server (python3-pymodbus)', () => {
  test('circuits are named as evok names them, and products and slaves are told', async () => {
    const server = await bench.serve();
    const info = { family: 'Neuron', model: 'S103', sn: 7 };
    await bench.drive({ LOCAL: tcp(server.port, BOTH, { device_info: info }) });
    const keys = bench.driver.channels.map(({ type, circuit }) => `${type}/${circuit}`);
    expect(keys).toEqual(
      expect.arrayContaining([
        ...['di/brain_01', 'do/brain_04', 'led/brain_01', 'ao/brain_01', 'ai/brain_01', 'wd/brain_01'],
        ...[
          'owpower/brain',
          'ro/ext_05',
          'ao/ext_04',
          'register/ext_1',
          'modbus_slave/ext',
          'device_info/S103',
        ],
      ]),
    );
    expect(bench.driver.channels.every(({ bus, delivery }) => bus === 'LOCAL' && delivery === 'pushed')).toBe(
      true,
    );
    await bench.until('modbus_slave/ext', 'ok');
    const { details } = await bench.driver.read('modbus_slave/ext', { signal });
    expect(details).toEqual({
      ...{ slave_id: 2, modbus_type: 'TCP', modbus_spec: '127.0.0.1', scan_interval: 0.02 },
      last_comm: expect.any(Number),
    });
    expect(details?.['last_comm']).toBeLessThan(5);
    await bench.until('device_info/S103', 'ok');
    const product = await bench.driver.read('device_info/S103', { signal });
    expect(product.details).toEqual({ ...info, board_count: 1 });
  });

  test('what changes is told, and what stays is not', async () => {
    const server = await bench.serve();
    await bench.drive({ LOCAL: tcp(server.port, BRAIN) });
    await bench.until('di/brain_02', 'ok');
    await server.set(1, 'holding', 10, 5, 1);
    await server.set(1, 'holding', 0, 0b10);
    const readings = await eventually(
      () => bench.listener.readingsOf('di/brain_02'),
      (all) => all.at(-1)?.level.value === 1 && all.at(-1)?.settings?.['counter'] === 65_541,
      'the input being told',
    );
    expect(readings.length).toBeLessThanOrEqual(3);
    expect(bench.listener.readingsOf('di/brain_01')).toHaveLength(1);
  });

  test('every sample of an analog input is told, as filters count them', async () => {
    const server = await bench.serve();
    await bench.drive({ LOCAL: tcp(server.port, BRAIN) });
    await bench.until('ai/brain_01', 'ok');
    const samples = await eventually(
      () => bench.listener.readingsOf('ai/brain_01'),
      ({ length }) => length >= 5,
      'samples of an input that stays',
    );
    const [first, ...others] = samples;
    expect(others.every(({ level }) => level.value === first?.level.value)).toBe(true);
  });

  test('what the scan sees unchanged is confirmed without being told', async () => {
    const server = await bench.serve();
    await bench.drive({ LOCAL: tcp(server.port, BRAIN) });
    await bench.until('di/brain_01', 'ok');
    const confirmedUs = () => bench.driver.confirmedUs?.('di/brain_01') ?? 0;
    const before = confirmedUs();
    await eventually(confirmedUs, (us) => us > before + 100_000, 'a later scan');
    expect(bench.listener.readingsOf('di/brain_01')).toHaveLength(1);
    expect(bench.driver.confirmedUs?.('modbus_slave/brain')).toBeUndefined();
  });

  test('a read after a write is fresh, of values and of settings', async () => {
    const server = await bench.serve();
    await bench.drive({ LOCAL: tcp(server.port, BOTH) });
    await bench.until('do/brain_02', 'ok');
    await bench.until('ai/ext_03', 'ok');
    const { driver } = bench;
    const pwm = { dutyPercent: 40, frequencyHz: 500 };
    await driver.write([{ key: 'do/brain_02', level: { value: 1, pwm } }], { signal });
    expect((await driver.read('do/brain_02', { signal })).level).toEqual({ value: 1, pwm });
    await driver.configure('ai/ext_03', { mode: 'Resistance2W' }, { signal });
    expect(await driver.read('ai/ext_03', { signal })).toMatchObject({
      settings: { mode: 'Resistance2W' },
      unit: 'Ohm',
    });
    await driver.configure(
      'di/brain_01',
      { debounce_us: 2500, mode: 'DirectSwitch', ds_mode: 'Toggle' },
      { signal },
    );
    expect((await driver.read('di/brain_01', { signal })).settings).toMatchObject({
      ...{ debounce_us: 2500, mode: 'DirectSwitch', ds_mode: 'Toggle' },
    });
    expect(await server.get(1, 'holding', 1014, 3)).toEqual([1, 0, 1]);
    await driver.configure('modbus_slave/brain', { nv_save: true }, { signal });
    expect(await server.get(1, 'coil', 1003)).toEqual([1]);
    await eventually(
      () => bench.listener.readingsOf('do/brain_02').at(-1)?.level.pwm,
      (told) => told?.dutyPercent === 40,
      'the write being told',
    );
  });

  test('modulation right after switching on lets the coil go', async () => {
    const server = await bench.serve();
    await bench.drive({ LOCAL: tcp(server.port, BRAIN) });
    await bench.until('do/brain_01', 'ok');
    const pwm = { dutyPercent: 10, frequencyHz: 10_000 };
    await Promise.all([
      bench.driver.write([{ key: 'do/brain_01', level: { value: 1 } }], { signal }),
      bench.driver.write([{ key: 'do/brain_01', level: { value: 1, pwm } }], { signal }),
    ]);
    expect(await server.get(1, 'holding', 1)).toEqual([0]);
    expect(await server.get(1, 'holding', 16)).toEqual([480]);
  });

  test('relays of one call switch in one request', async () => {
    const server = await bench.serve();
    await bench.drive({ LOCAL: tcp(server.port, BOTH) });
    await bench.until('ro/ext_01', 'ok');
    await server.requests();
    const keys: CircuitKey[] = ['ro/ext_03', 'ro/ext_01', 'ro/ext_02'];
    await bench.driver.write(
      keys.map((key) => ({ key, level: { value: 1 } })),
      { signal },
    );
    const writes = (await server.requests()).filter(([, code]) => code === 5 || code === 15);
    expect(writes).toEqual([[2, 15, 0]]);
    expect(await server.get(2, 'holding', 1)).toEqual([0b111]);
  });

  test('a slave that knows no request for several coils is sent one for each', async () => {
    const server = await bench.serve();
    await bench.drive({ LOCAL: tcp(server.port, BOTH) });
    await bench.until('ro/ext_01', 'ok');
    await server.fault(2, { kind: 'exception', code: 1, function: 15 });
    const keys: CircuitKey[] = ['ro/ext_01', 'ro/ext_02'];
    await bench.driver.write(
      keys.map((key) => ({ key, level: { value: 1 } })),
      { signal },
    );
    expect(await server.get(2, 'holding', 1)).toEqual([0b11]);
  });

  test('outputs are at their initial levels before they are ok', async () => {
    const server = await bench.serve();
    const seen: (readonly number[])[] = [];
    const initialLevel = (key: CircuitKey) => (key === 'do/brain_03' ? { value: 1 } : undefined);
    await bench.drive({ LOCAL: tcp(server.port, BRAIN) }, { initialLevel });
    await bench.until('do/brain_03', 'ok');
    seen.push(await server.get(1, 'holding', 1));
    expect(seen).toEqual([[0b100]]);
    expect(bench.listener.readingsOf('do/brain_03').map(({ level }) => level.value)).toEqual([1]);
  });

  test('a slave whose coils cannot be read still has bus power', async () => {
    const server = await bench.serve();
    await server.fault(1, { kind: 'exception', code: 1, function: 1 });
    await bench.drive({ LOCAL: tcp(server.port, BRAIN) });
    await bench.until('owpower/brain', 'ok');
    await bench.driver.write([{ key: 'owpower/brain', level: { value: 1 } }], { signal });
    expect((await bench.driver.read('owpower/brain', { signal })).level.value).toBe(1);
    expect(bench.listener.readingsOf('owpower/brain').map(({ level }) => level.value)).toEqual([0, 1]);
    expect(await server.get(1, 'coil', 1001)).toEqual([1]);
  });

  test('many readers at once are served by one reading', async () => {
    const server = await bench.serve();
    await bench.drive({ LOCAL: tcp(server.port, { brain: { model: '00', scan_enabled: false } }) });
    await bench.until('led/brain_01', 'ok');
    await server.requests();
    const keys: CircuitKey[] = ['led/brain_01', 'led/brain_02', 'led/brain_03', 'led/brain_04'];
    await Promise.all(keys.map((key) => bench.driver.read(key, { signal })));
    expect(await server.requests()).toEqual([[1, 3, 5]]);
  });

  test('models, features and registers that nobody knows are logged and left out', async () => {
    const server = await bench.serve();
    const devices = { ...BRAIN, strange: { model: 'X99' }, small: { 'slave-id': 2, model: 'small' } };
    await bench.drive(
      { LOCAL: tcp(server.port, devices) },
      {
        prepare: (folder) =>
          folder.write(
            'hw_definitions/small.yaml',
            `modbus_register_blocks: [{ start_reg: 0, count: 2 }]
modbus_features:
  - { type: UART }
  - { type: REGISTER, count: 3, start_reg: 0 }
  - { type: REGISTER, start_reg: 1 }`,
          ),
      },
    );
    const circuits = bench.driver.channels.map(({ circuit }) => circuit);
    expect(circuits.filter((circuit) => circuit.startsWith('small'))).toEqual([
      'small_0',
      'small_1',
      'small',
      'small',
    ]);
    expect(circuits.some((circuit) => circuit.startsWith('strange'))).toBe(false);
    expect(bench.logged).toEqual([
      'This model has no definition; the device is left out.',
      'A feature of this type is unknown and left out.',
      'No register block has what this circuit needs; it is left out.',
      'There is a circuit of this name already; this one is left out.',
    ]);
  });
});

test('a malformed definition is refused with its file and line', async () => {
  const opening = bench.drive(
    { LOCAL: tcp(502, BRAIN) },
    {
      prepare: (folder) =>
        folder.write(
          'hw_definitions/00.yaml',
          'modbus_register_blocks: []\nmodbus_features:\n  - count: 1\n',
        ),
    },
  );
  await expect(opening).rejects.toMatchObject({
    code: 'IO_CONFIG_INVALID',
    message: expect.stringMatching(/hw_definitions\/00\.yaml:3: modbus_features has no type, which it needs/),
  });
});
