import { describe, expect, test } from 'vitest';
import { driverServices, RecordingListener } from '../../../../../test/contracts/recording-listener.ts';
import { FakeClock, settle } from '../../../../../test/support/fake-clock.ts';
import { CIRCUIT_TYPES, type CircuitKey } from '../../circuit.ts';
import type { DriverServices } from '../../driver.ts';
import { DigitalInput } from '../../processing/index.ts';
import { openSimulatedBoard } from './index.ts';
import type { ScheduledFault } from './simulated-driver.ts';

interface Options {
  readonly faults?: readonly ScheduledFault[];
  readonly initialLevel?: DriverServices['initialLevel'];
}

/** A board that is switched on, under a clock that stands still; the fake clock starts at a whole second. */
async function open({ faults = [], initialLevel = () => undefined }: Options = {}) {
  const clock = new FakeClock();
  const startUs = clock.monotonicUs();
  const listener = new RecordingListener();
  const services = driverServices(listener, { clock, initialLevel });
  const driver = await openSimulatedBoard('simulated', { faults }, services);
  await clock.advance(0);
  const call = { signal: new AbortController().signal };
  const read = async (key: CircuitKey) => (await driver.read(key, call)).level.value;
  const write = (key: CircuitKey, value: number) => driver.write([{ key, level: { value } }], call);
  /** Directions of an input's edges and when they happened, in milliseconds. */
  const edges = (key: CircuitKey) =>
    listener.edgesOf(key).map((edge) => [edge.edge, (Number(edge.timestampNs) / 1000 - startUs) / 1000]);
  return { clock, listener, driver, call, read, write, edges };
}

describe('the board', () => {
  test('has a circuit of every type', async () => {
    const { driver } = await open();
    expect(new Set(driver.channels.map(({ type }) => type))).toEqual(new Set(CIRCUIT_TYPES));
    const order = driver.channels.map(({ type }) => CIRCUIT_TYPES.indexOf(type));
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  test.each([
    ['do/1_01', 'di/1_01'],
    ['do/1_02', 'di/1_02'],
  ] as const)('%s drives %s', async (output, input) => {
    const { clock, read, write, edges } = await open();
    await clock.advance(10);
    await write(output, 1);
    expect(await read(input)).toBe(1);
    await clock.advance(5);
    await write(output, 0);
    await write(output, 0);
    expect(edges(input)).toEqual([
      ['rising', 10],
      ['falling', 15],
    ]);
  });

  test('all outputs of a write have changed when its first edge is told', async () => {
    const { driver, listener, call } = await open();
    const seen: unknown[] = [];
    listener.onEdge = () => void seen.push(driver.read('do/1_02', call));
    await driver.write(
      [
        { key: 'do/1_01', level: { value: 1 } },
        { key: 'do/1_02', level: { value: 1 } },
      ],
      call,
    );
    const levels = await Promise.all(seen);
    expect(levels).toHaveLength(2);
    expect(levels[0]).toMatchObject({ level: { value: 1 } });
  });

  test('an input sees a pulsed output as on, without its pulses', async () => {
    const { driver, clock, call, read, edges } = await open();
    const pwm = { dutyPercent: 30, frequencyHz: 1000 };
    await driver.write([{ key: 'do/1_01', level: { value: 1, pwm } }], call);
    await clock.advance(100);
    expect(edges('di/1_01')).toEqual([['rising', 0]]);
    expect(await read('di/1_01')).toBe(1);
  });

  test("a relay's contact bounces for 2 ms, which a debounce makes one edge", async () => {
    const { clock, listener, write, read, edges } = await open();
    await write('ro/1_01', 1);
    expect(await read('di/1_03')).toBe(1);
    await clock.advance(0.5);
    expect(await read('di/1_03')).toBe(0);
    await clock.advance(10);
    expect(await read('di/1_03')).toBe(1);
    expect(edges('di/1_03')).toEqual([
      ['rising', 0],
      ['falling', 0.3],
      ['rising', 0.7],
      ['falling', 1.2],
      ['rising', 2],
    ]);
    const bouncing = listener.edgesOf('di/1_03');
    expect(bouncing.map(({ lineSequence }) => lineSequence)).toEqual([1, 2, 3, 4, 5]);

    const told: unknown[] = [];
    const input = new DigitalInput({
      settings: {
        invert: false,
        debounceUs: 5000,
        count: 'rising',
        report: 'both',
        directSwitchMode: 'follow',
      },
      features: { edges: true },
      clock,
      initialCounter: 0,
      onEdge: (edge) => told.push(edge),
      onChange: () => {},
    });
    input.reading(0, 0);
    for (const edge of bouncing) input.edge(edge);
    await clock.advance(5);
    expect(told).toEqual([bouncing[0]]);
  });

  test('a relay that is switched back while its contact bounces comes to rest where it was', async () => {
    const { clock, write, read, edges } = await open();
    await write('ro/1_01', 1);
    await clock.advance(1);
    await write('ro/1_01', 0);
    await clock.advance(10);
    expect(await read('di/1_03')).toBe(0);
    expect(edges('di/1_03').at(-1)).toEqual(['falling', 3]);
  });

  test('di/1_04 is a square wave of 1 Hz', async () => {
    const { clock, read, edges } = await open();
    await clock.advance(1700);
    expect(edges('di/1_04')).toEqual([
      ['rising', 500],
      ['falling', 1000],
      ['rising', 1500],
    ]);
    expect(await read('di/1_04')).toBe(1);
  });

  test('an idle board has one timer, and none once it is disposed', async () => {
    const { driver, clock, write } = await open();
    expect(clock.pendingTimers).toBe(1);
    await write('ro/1_01', 1);
    await driver[Symbol.asyncDispose]();
    expect(clock.pendingTimers).toBe(0);
  });

  test('ai/1_01 measures ao/1_01 in the mode that both are in', async () => {
    const { driver, call, read, write } = await open();
    await write('ao/1_01', 7.5);
    expect(await read('ai/1_01')).toBe(7.5);
    await driver.configure('ai/1_01', { mode: 'Current' }, call);
    expect(await driver.read('ai/1_01', call)).toMatchObject({
      level: { value: 0 },
      unit: 'mA',
      minimum: 0,
      maximum: 20,
      settings: { mode: 'Current' },
    });
    await driver.configure('ao/1_01', { mode: 'Current' }, call);
    expect(await read('ao/1_01')).toBe(0);
    await write('ao/1_01', 15);
    expect(await read('ai/1_01')).toBe(15);
  });

  test('ai/1_02 and the thermometer go up and down, slowly', async () => {
    const { clock, read } = await open();
    const volts: number[] = [];
    const degrees: number[] = [];
    for (let minute = 0; minute < 20; minute += 1 / 12) {
      volts.push(await read('ai/1_02'));
      degrees.push(await read('sensor/28A1B2C3D4E5F6'));
      await clock.advance(5000);
    }
    expect(Math.min(...volts)).toBeCloseTo(0, 1);
    expect(Math.max(...volts)).toBeCloseTo(10, 1);
    expect([Math.min(...degrees), Math.max(...degrees)]).toEqual([20, 23]);
  });

  test('an LED blinks until it is written', async () => {
    const { driver, clock, call, read, write } = await open();
    await driver.blink('led/1_01', { onMs: 300, offMs: 700 }, call);
    const seen: number[] = [];
    for (let count = 0; count < 10; count += 1) {
      seen.push(await read('led/1_01'));
      await clock.advance(200);
    }
    expect(seen).toEqual([1, 1, 0, 0, 0, 1, 1, 0, 0, 0]);
    await write('led/1_01', 1);
    await clock.advance(500);
    expect(await read('led/1_01')).toBe(1);
  });

  test("tells evok's fields of circuits that have no value", async () => {
    const { driver, call } = await open();
    const shown = async (key: CircuitKey) => {
      const { details, settings } = await driver.read(key, call);
      return { ...details, ...settings };
    };
    expect(await shown('wd/1_01')).toEqual({ was_wd_reset: 0, nv_save: 0, timeout: 5000 });
    expect(await shown('owbus/1')).toMatchObject({ bus: 'OWFS', interval: 10, scan_interval: 60 });
    expect(await shown('modbus_slave/1')).toMatchObject({ slave_id: 1, modbus_type: 'TCP' });
    expect(await shown('device_info/1')).toMatchObject({ family: 'Simulated', board_count: 1 });
  });

  test('a scan of the 1-Wire bus is over at once', async () => {
    const { driver, call } = await open();
    await driver.configure('owbus/1', { do_scan: true, interval: 30 }, call);
    expect((await driver.read('owbus/1', call)).settings).toMatchObject({ do_scan: false, interval: 30 });
  });
});

describe('faults', () => {
  test('a board that vanishes tells so, loses its state, and comes back at the initial levels', async () => {
    const initialLevel = (key: CircuitKey) => (key === 'do/1_02' ? { value: 1 } : undefined);
    const faults = [{ kind: 'vanish', afterMs: 1000, durationMs: 2000 }] as const;
    const { driver, clock, listener, call, read, write, edges } = await open({
      initialLevel,
      faults,
    });
    await write('do/1_01', 1);
    await write('do/1_02', 0);
    await clock.advance(1000);
    expect(listener.healthOf('do/1_01')).toMatchObject({ state: 'down', problem: { code: 'IO_GONE' } });
    await expect(driver.read('do/1_01', call)).rejects.toMatchObject({ code: 'IO_GONE' });
    const told = edges('di/1_04').length;
    await clock.advance(1999);
    expect(edges('di/1_04')).toHaveLength(told);
    await clock.advance(1);
    expect(listener.healthOf('do/1_01')).toEqual({ state: 'ok' });
    expect(await read('do/1_01')).toBe(0);
    expect(await read('do/1_02')).toBe(1);
    expect(await read('di/1_02')).toBe(1);
    await clock.advance(500);
    expect(listener.edgesOf('di/1_04').at(-1)?.lineSequence).toBe(1);
  });

  test('a silent board answers nothing; the first call that is given up makes it stale', async () => {
    const { driver, clock, listener, call, read } = await open();
    const fault = driver.inject('silent');
    const caller = new AbortController();
    let isSettled = false;
    const settled = driver.read('do/1_01', caller).finally(() => {
      isSettled = true;
    });
    const failed = expect(settled).rejects.toThrow('too long');
    await clock.advance(5000);
    expect(isSettled).toBe(false);
    expect(listener.healthOf('do/1_01')).toEqual({ state: 'ok' });
    caller.abort(new Error('too long'));
    await failed;
    expect(listener.healthOf('do/1_01')).toMatchObject({ state: 'stale', problem: { code: 'IO_TIMEOUT' } });
    fault[Symbol.dispose]();
    expect(listener.healthOf('do/1_01')).toEqual({ state: 'ok' });
    expect(await read('do/1_01')).toBe(0);

    driver.inject('silent');
    const waiting = driver.read('do/1_01', call);
    const gone = expect(waiting).rejects.toMatchObject({ code: 'IO_GONE' });
    await driver[Symbol.asyncDispose]();
    await gone;
  });

  test('a board that refuses fails writes that have had half of their effect', async () => {
    const { driver, clock, call, read } = await open({
      faults: [{ kind: 'refuse', afterMs: 0, durationMs: 100 }],
    });
    const keys = ['do/1_01', 'do/1_02', 'do/1_03'] as const;
    const writes = keys.map((key) => ({ key, level: { value: 1 } }));
    await expect(driver.write(writes, call)).rejects.toMatchObject({ code: 'IO_FAILED' });
    expect(await Promise.all(keys.map(read))).toEqual([1, 1, 0]);
    await clock.advance(100);
    await driver.write(writes, call);
    expect(await Promise.all(keys.map(read))).toEqual([1, 1, 1]);
  });

  test('faults of one kind may overlap', async () => {
    const { driver, listener } = await open();
    const first = driver.inject('vanish');
    const second = driver.inject('vanish');
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    expect(listener.healthOf('do/1_01')?.state).toBe('down');
    second[Symbol.dispose]();
    expect(listener.healthOf('do/1_01')?.state).toBe('ok');
  });

  test('nothing is told after disposal, whatever was begun before', async () => {
    const { driver, clock, listener, call } = await open({
      faults: [{ kind: 'vanish', afterMs: 100, durationMs: 100 }],
    });
    const fault = driver.inject('silent');
    const { calls } = listener;
    const write = driver.write([{ key: 'do/1_01', level: { value: 1 } }], call);
    const failed = expect(write).rejects.toMatchObject({ code: 'IO_GONE' });
    await driver[Symbol.asyncDispose]();
    fault[Symbol.dispose]();
    driver.inject('vanish')[Symbol.dispose]();
    await clock.advance(2000);
    await settle();
    await failed;
    expect(listener.calls).toBe(calls);
  });
});
