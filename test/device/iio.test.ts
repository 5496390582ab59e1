import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import type { CircuitKey } from '../../src/hardware/io/circuit.ts';
import { DescriptorThread } from '../../src/hardware/io/descriptors/index.ts';
import type { IoDriver } from '../../src/hardware/io/driver.ts';
import { IioConfig } from '../../src/hardware/io/drivers/iio/config.ts';
import { discoverIio, openIio } from '../../src/hardware/io/drivers/iio/index.ts';
import { driverServices, RecordingListener } from '../contracts/recording-listener.ts';
import { configured } from '../support/configured.ts';
import { eventually } from '../support/service.ts';
import { iioFolder } from './support/iio-folder.ts';
import { IioTrigger } from './support/iio-trigger.ts';
import { isInLab, useLab } from './support/lab.ts';
import { dacRegister, measure, stubBus } from './support/stub-i2c.ts';

const call = { signal: new AbortController().signal };
const bus = isInLab ? stubBus() : '';

/** ADCs and DACs of the kernel's own drivers, by the driver alone. */
describe.skipIf(!isInLab)('IIO (ads1115, ds4424, iio_dummy)', () => {
  const lab = useLab(() => ({}));
  const adc = `${bus}-0048`;
  let descriptors: DescriptorThread;
  let listener = new RecordingListener();
  beforeAll(() => {
    descriptors = new DescriptorThread();
  });
  afterAll(() => descriptors[Symbol.asyncDispose]());
  beforeEach(() => {
    listener = new RecordingListener();
  });

  const start = async (circuits: object): Promise<IoDriver> => {
    const config = configured(IioConfig, { kind: 'iio', ...circuits });
    const driver = await openIio('iio', config, driverServices(listener, { descriptors }));
    lab.defer(async () => driver[Symbol.asyncDispose]());
    return driver;
  };
  const untilState = (key: CircuitKey, state: string) =>
    eventually(
      async () => listener.healthOf(key),
      (seen) => seen?.state === state,
      `${key} being ${state}`,
    );

  test('what an ADC converts is read in volts, of the device at that place', async () => {
    const driver = await start({
      ai: {
        tank: { device: adc, channel: 'voltage0' },
        difference: { device: adc, channel: 'voltage0-voltage1' },
        other: { device: `${bus}-0049`, channel: 'voltage0' },
      },
    });
    await untilState('ai/tank', 'ok');
    measure('0x48', 0x3039);
    measure('0x49', 16);
    const values = ['ai/tank', 'ai/difference', 'ai/other'] as const;
    const readings = await Promise.all(values.map((key) => driver.read(key, call)));
    expect(readings.map(({ level }) => level.value)).toEqual([0.7715625, 0.7715625, 0.001]);
    expect(readings[0]).toMatchObject({ unit: 'V', minimum: -2.048, maximum: 2.0479375, isOverRange: false });
    measure('0x48', 0x7fff);
    expect((await driver.read('ai/tank', call)).isOverRange).toBe(true);
  });

  test('scale and sampling rate are those of the kernel, and can be set', async () => {
    const driver = await start({ ai: { tank: { device: adc, channel: 'voltage2' } } });
    expect(driver.channels[0]?.settings).toMatchObject([
      { name: 'scale', choices: expect.arrayContaining(['0.187500000', '0.062500000']) },
      { name: 'sampling_frequency', choices: expect.arrayContaining(['8', '860']) },
    ]);
    measure('0x48', 1000);
    await driver.configure('ai/tank', { scale: '0.187500000', sampling_frequency: '860' }, call);
    expect(await driver.read('ai/tank', call)).toMatchObject({
      level: { value: 0.1875 },
      settings: { scale: '0.187500000', sampling_frequency: '860' },
    });
    await driver.configure('ai/tank', { scale: '0.062500000', sampling_frequency: '128' }, call);
    expect((await driver.read('ai/tank', call)).level.value).toBe(0.0625);
  });

  test('two devices of one name have to be told apart', async () => {
    await start({ ai: { tank: { device: 'ads1015', channel: 'voltage0' } } });
    const health = await untilState('ai/tank', 'down');
    expect(health?.problem?.message).toContain(`${bus}-0048`);
  });

  test('what a DAC is set to is in its register', async () => {
    const driver = await start({
      ao: { valve: { device: 'ds4424', channel: 'current1', minimumRaw: -127, maximumRaw: 127 } },
    });
    await untilState('ao/valve', 'ok');
    await driver.write([{ key: 'ao/valve', level: { value: 100 } }], call);
    expect([dacRegister(), (await driver.read('ao/valve', call)).level.value]).toEqual(['0xe4', 100]);
    await driver.write([{ key: 'ao/valve', level: { value: -5 } }], call);
    expect([dacRegister(), (await driver.read('ao/valve', call)).level.value]).toEqual(['0x05', -5]);
  });

  test('a DAC keeps what is written', async () => {
    const driver = await start({
      ao: { analog: { device: 'lab-analog', channel: 'voltage0', maximumRaw: 4095 } },
    });
    await driver.write([{ key: 'ao/analog', level: { value: 1234 } }], call);
    expect(readFileSync(`${iioFolder('lab-analog')}/out_voltage0_raw`, 'utf8').trim()).toBe('1234');
    expect((await driver.read('ao/analog', call)).level).toEqual({ value: 1234 });
  });

  test('a device that goes and returns is followed', async () => {
    const made = '/sys/kernel/config/iio/devices/dummy/lab-passing';
    mkdirSync(made);
    const driver = await start({
      ao: { passing: { device: 'lab-passing', channel: 'voltage0', maximumRaw: 9 } },
    });
    await untilState('ao/passing', 'ok');
    rmdirSync(made);
    await expect(driver.read('ao/passing', call)).rejects.toMatchObject({ code: 'IO_GONE' });
    await untilState('ao/passing', 'down');
    mkdirSync(made);
    lab.defer(async () => rmdirSync(made));
    await untilState('ao/passing', 'ok');
    await driver.write([{ key: 'ao/passing', level: { value: 7 } }], call);
    expect((await driver.read('ao/passing', call)).level).toEqual({ value: 7 });
  });

  test('samples are captured when a trigger fires, with the time of the kernel', async () => {
    const trigger = new IioTrigger(7);
    lab.defer(async () => trigger[Symbol.dispose]());
    const driver = await start({ ai: { tank: { device: adc, channel: 'voltage1', trigger: trigger.name } } });
    await untilState('ai/tank', 'ok');
    for (const raw of [0x1111, -0x2222, 0x0333]) {
      const told = listener.readingsOf('ai/tank').length;
      const beforeUs = systemClock.monotonicUs();
      measure('0x48', raw);
      trigger.fire();
      const readings = await eventually(
        async () => listener.readingsOf('ai/tank').slice(told),
        (seen) => seen.length > 0,
        'a sample',
      );
      expect(readings[0]?.level.value).toBeCloseTo(raw * 0.0000625, 9);
      expect(readings[0]?.takenUs).toBeGreaterThanOrEqual(beforeUs);
      expect(readings[0]?.takenUs).toBeLessThanOrEqual(systemClock.monotonicUs());
    }
    await driver[Symbol.asyncDispose]();
    expect(readFileSync(`/sys/bus/i2c/devices/${adc}/iio:device0/buffer/enable`, 'utf8').trim()).toBe('0');
  });

  test('several channels of a device are captured together', async () => {
    const trigger = new IioTrigger(8);
    lab.defer(async () => trigger[Symbol.dispose]());
    const circuit = (channel: string) => ({ device: 'lab-analog', channel, trigger: trigger.name });
    await start({
      ai: { a: circuit('voltage0'), b: circuit('voltage3-voltage4'), c: circuit('accel_x') },
    });
    for (const key of ['ai/a', 'ai/b', 'ai/c'] as const) await untilState(key, 'ok');
    trigger.fire();
    await eventually(
      async () => listener.readingsOf('ai/c').length,
      (seen) => seen > 0,
      'a sample',
    );
    // What iio_simple_dummy_buffer.c gives: 7, -2 and 344, before offset and scale.
    expect(listener.readingsOf('ai/a')[0]?.level.value).toBeCloseTo((7 + 7) * 0.001333e-3, 12);
    expect(listener.readingsOf('ai/b')[0]?.level.value).toBeCloseTo(-2 * 0.000001344e-3, 12);
    expect(listener.readingsOf('ai/c')[0]?.level.value).toBe(344);
  });

  test('channels that a device cannot capture together are refused', async () => {
    const trigger = new IioTrigger(9);
    lab.defer(async () => trigger[Symbol.dispose]());
    const circuit = (channel: string) => ({ device: adc, channel, trigger: trigger.name });
    await start({ ai: { a: circuit('voltage0'), b: circuit('voltage1') } });
    expect((await untilState('ai/a', 'down'))?.problem).toMatchObject({
      code: 'IO_UNSUPPORTED',
      message: expect.stringContaining('voltage0 and voltage1 together'),
    });
  });

  test('capturing that another program ends begins again', async () => {
    const trigger = new IioTrigger(10);
    lab.defer(async () => trigger[Symbol.dispose]());
    await start({ ai: { a: { device: 'lab-analog', channel: 'voltage0', trigger: trigger.name } } });
    await untilState('ai/a', 'ok');
    writeFileSync(`${iioFolder('lab-analog')}/buffer/enable`, '0');
    await untilState('ai/a', 'down');
    await untilState('ai/a', 'ok');
    trigger.fire();
    await eventually(
      async () => listener.readingsOf('ai/a').length,
      (seen) => seen > 0,
      'a sample',
    );
  });

  test('devices of the machine are found', async () => {
    const found = await discoverIio({ sys: '/sys', dev: '/dev' });
    expect(found.map(({ title }) => title)).toEqual(
      expect.arrayContaining([expect.stringContaining(adc), expect.stringContaining('lab-analog')]),
    );
    expect(found[0]?.suggestion?.config['ai']).toMatchObject({
      [`${adc}_voltage0`]: { device: adc, channel: 'voltage0' },
    });
  });
});
