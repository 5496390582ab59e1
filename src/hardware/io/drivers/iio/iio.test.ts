import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { errno, FakeSysfs } from '../../../../../test/support/fake-sysfs.ts';
import { opened, patient, RecordedServices } from '../../../../../test/support/recorded-services.ts';
import type { IoDriver } from '../../driver.ts';
import { discoverIio, iioDriver } from './index.ts';

const DEVICES = 'bus/iio/devices';
const ADC = `${DEVICES}/iio:device0`;
const DAC = `${DEVICES}/iio:device1`;

let sysfs: FakeSysfs;
let services: RecordedServices;
const drivers: IoDriver[] = [];

beforeEach(() => {
  sysfs = new FakeSysfs();
  services = new RecordedServices(sysfs.roots);
});
afterEach(async () => {
  for (const driver of drivers.splice(0)) await driver[Symbol.asyncDispose]();
  sysfs[Symbol.dispose]();
});

type Outputs = Parameters<ReturnType<typeof iioDriver>>[1]['ao'];

async function open(inputs: Record<string, string>, ao: Outputs = {}): Promise<IoDriver> {
  const ai = Object.fromEntries(
    Object.entries(inputs).map(([circuit, channel]) => [circuit, { device: 'adc', channel }]),
  );
  const driver = await opened(iioDriver(sysfs)('iio', { kind: 'iio', ai, ao }, services));
  drivers.push(driver);
  return driver;
}
const read = (driver: IoDriver, circuit: string) => driver.read(`ai/${circuit}`, patient);

describe('an ADC channel', () => {
  test.each([
    ['its own scale', 'voltage0', { in_voltage0_raw: 1000, in_voltage0_scale: 2 }, 2, 'V'],
    ['the scale of its type', 'voltage3', { in_voltage3_raw: 1000, in_voltage_scale: 0.5 }, 0.5, 'V'],
    [
      'the scale of pairs, not that of single ends',
      'voltage0-voltage1',
      { 'in_voltage0-voltage1_raw': -1000, 'in_voltage-voltage_scale': 0.25, in_voltage_scale: 9 },
      -0.25,
      'V',
    ],
    ['the scale of all inputs', 'current1', { in_current1_raw: 500, in_scale: 1 }, 0.5, 'A'],
    ['the scale of the whole device', 'resistance0', { in_resistance0_raw: 5, scale: 3 }, 15, 'Ω'],
    [
      'an offset before the scale',
      'temp',
      { in_temp_raw: 100, in_temp_offset: -20, in_temp_scale: 500 },
      40,
      '°C',
    ],
    ['a modifier', 'voltage0_i', { in_voltage0_i_raw: 8, in_voltage_i_scale: 1000 }, 8, 'V'],
    ['an axis', 'accel_x', { in_accel_x_raw: 10, in_accel_scale: '0.980665000' }, 9.80665, 'm/s²'],
    [
      'a value the kernel has converted',
      'humidityrelative',
      { in_humidityrelative_input: 45_500 },
      45.5,
      '%',
    ],
  ] as const)('is converted with %s', async (_what, channel, attributes, value, unit) => {
    sysfs.put(ADC, { name: 'adc', ...attributes });
    const reading = await read(await open({ here: channel }), 'here');
    expect(reading.level.value).toBeCloseTo(value, 9);
    expect(reading.unit).toBe(unit);
    expect(reading.isOverRange).toBeUndefined();
  });

  test('whose scale the kernel does not have is given raw, without a unit', async () => {
    sysfs.put(ADC, { name: 'adc', in_voltage0_raw: 73, in_voltage1_raw: 74, in_voltage1_scale: 'x' });
    sysfs.fail(`${ADC}/in_voltage1_scale`, 'EINVAL');
    const driver = await open({ bare: 'voltage0', undescribed: 'voltage1' });
    expect(await read(driver, 'bare')).toMatchObject({ level: { value: 73 } });
    expect(await read(driver, 'undescribed')).toMatchObject({ level: { value: 74 } });
    expect(driver.channels.map(({ unit }) => unit)).toEqual([undefined, undefined]);
  });

  test('has the range of its width, and is over range at its ends', async () => {
    sysfs.put(ADC, { name: 'adc', in_voltage0_raw: 2046, in_voltage0_scale: 1 });
    sysfs.put(`${ADC}/scan_elements`, { in_voltage0_type: 'le:s12/16>>4' });
    const driver = await open({ level: 'voltage0' });
    expect(driver.channels[0]).toMatchObject({ minimum: -2.048, maximum: 2.047, unit: 'V' });
    const isOver = async (raw: number) => {
      sysfs.put(ADC, { in_voltage0_raw: raw });
      return (await read(driver, 'level')).isOverRange;
    };
    expect([await isOver(2046), await isOver(2047), await isOver(-2047), await isOver(-2048)]).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  test('that has nothing to measure is not over range', async () => {
    sysfs.put(ADC, { name: 'adc', in_voltage0_raw: 0, in_voltage0_scale: 1 });
    sysfs.put(`${ADC}/scan_elements`, { in_voltage0_type: 'be:u12/16' });
    expect((await read(await open({ level: 'voltage0' }), 'level')).isOverRange).toBe(false);
  });

  test('offers scales and rates of the kernel, and its range follows the scale', async () => {
    sysfs.put(ADC, {
      name: 'adc',
      in_voltage0_raw: 100,
      in_voltage0_scale: '0.062500000',
      in_voltage_scale_available: '0.1875 0.125 0.0625',
      in_voltage0_sampling_frequency: 128,
      sampling_frequency_available: '8 16 128',
    });
    sysfs.put(`${ADC}/scan_elements`, { in_voltage0_type: 'be:s16/16' });
    const driver = await open({ level: 'voltage0' });
    expect(driver.channels[0]?.settings).toEqual([
      { name: 'scale', kind: 'choice', choices: ['0.1875', '0.125', '0.0625'], isWritable: true },
      { name: 'sampling_frequency', kind: 'choice', choices: ['8', '16', '128'], isWritable: true },
    ]);
    expect((await read(driver, 'level')).settings).toEqual({ scale: '0.0625', sampling_frequency: '128' });
    await driver.configure('ai/level', { scale: '0.1875', sampling_frequency: '8' }, patient);
    expect(sysfs.text(`${ADC}/in_voltage0_sampling_frequency`)).toBe('8');
    expect(await read(driver, 'level')).toMatchObject({
      level: { value: 0.01875 },
      settings: { scale: '0.1875', sampling_frequency: '8' },
      maximum: 6.1438125,
    });
  });

  test('offers a range of rates as a number', async () => {
    sysfs.put(ADC, {
      name: 'adc',
      in_temp_input: 20_000,
      sampling_frequency: 10,
      sampling_frequency_available: '[1 1 50]',
    });
    const driver = await open({ warmth: 'temp' });
    expect(driver.channels[0]?.settings).toEqual([
      { name: 'sampling_frequency', kind: 'number', minimum: 1, maximum: 50, isWritable: true },
    ]);
    await driver.configure('ai/warmth', { sampling_frequency: 25 }, patient);
    expect((await read(driver, 'warmth')).settings).toEqual({ sampling_frequency: 25 });
  });

  test('that the device does not have is told with those it has', async () => {
    sysfs.put(ADC, { name: 'adc', in_voltage10_raw: 1, in_voltage2_raw: 1, out_voltage0_raw: 1 });
    await open({ wrong: 'voltage9' });
    expect(services.health('ai/wrong')).toMatchObject({
      state: 'down',
      problem: { code: 'IO_NOT_PRESENT', message: expect.stringContaining('it has voltage2, voltage10') },
    });
  });

  test('of a chip that does not answer is stale until it does', async () => {
    sysfs.put(ADC, { name: 'adc', in_voltage0_raw: 5, in_voltage_scale: 1 });
    const driver = await open({ level: 'voltage0' });
    sysfs.fail(`${ADC}/in_voltage0_raw`, 'EREMOTEIO');
    await expect(read(driver, 'level')).rejects.toMatchObject({
      code: 'IO_FAILED',
      message: expect.stringContaining('EREMOTEIO'),
    });
    expect(services.health('ai/level')?.state).toBe('stale');
    sysfs.fail(`${ADC}/in_voltage0_raw`);
    await read(driver, 'level');
    expect(services.health('ai/level')).toEqual({ state: 'ok' });
  });

  test('whatever text its attributes hold, a reading is a value or a clear error', async () => {
    const good = { in_voltage0_raw: 1, in_voltage_scale: 1, in_voltage_offset: 0, sampling_frequency: 1 };
    sysfs.put(ADC, { name: 'adc', ...good, sampling_frequency_available: '1 2' });
    const driver = await open({ level: 'voltage0' });
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double().map(String),
      fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(good)), text, async (name, content) => {
        sysfs.put(ADC, { ...good, [name]: content });
        try {
          const { level, settings } = await read(driver, 'level');
          expect(Number.isFinite(level.value)).toBe(true);
          expect(settings?.['sampling_frequency']).toMatch(/^[\d.e+-]+$/);
        } catch (error) {
          expect(error).toMatchObject({ code: 'IO_FAILED', message: expect.stringContaining(name) });
        }
      }),
    );
  });
});

describe('a device', () => {
  test('is found by label, place and number where names are the same', async () => {
    const plug = (id: string, place: string, attributes: Record<string, string | number>) => {
      sysfs.put(`devices/i2c-1/${place}/${id}`, { name: 'ads1115', in_voltage_scale: 1000, ...attributes });
      mkdirSync(join(sysfs.roots.sys, DEVICES), { recursive: true });
      const target = join(sysfs.roots.sys, `devices/i2c-1/${place}/${id}`);
      symlinkSync(target, join(sysfs.roots.sys, DEVICES, id));
    };
    plug('iio:device0', '1-0048', { in_voltage0_raw: 48 });
    plug('iio:device1', '1-0049', { in_voltage0_raw: 49, label: 'tank' });
    const config = (device: string) => ({ device, channel: 'voltage0' });
    const ai = { a: config('1-0048'), b: config('tank'), c: config('iio:device1'), d: config('ads1115') };
    const driver = await opened(iioDriver(sysfs)('iio', { kind: 'iio', ai, ao: {} }, services));
    drivers.push(driver);
    const values = ['a', 'b', 'c'].map(async (circuit) => (await read(driver, circuit)).level.value);
    expect(await Promise.all(values)).toEqual([48, 49, 49]);
    expect(services.health('ai/d')?.problem?.message).toContain(
      'several are called ads1115: iio:device0 (ads1115, 1-0048), iio:device1 (ads1115, 1-0049)',
    );
    const found = await discoverIio(sysfs.roots);
    expect(found[0]).toMatchObject({
      title: 'iio:device0  ads1115  1-0048',
      details: ['in   voltage0'],
      suggestion: { config: { ai: { '1-0048_voltage0': { device: '1-0048', channel: 'voltage0' } } } },
    });
    expect(found[1]?.title).toBe('iio:device1  tank (ads1115)  1-0049');
  });

  test('that comes back under another number is found again', async () => {
    sysfs.put(ADC, { name: 'adc', in_voltage0_raw: 1, in_voltage_scale: 1000 });
    const driver = await open({ level: 'voltage0' });
    renameSync(join(sysfs.roots.sys, ADC), join(sysfs.roots.sys, `${DEVICES}/iio:device7`));
    await expect(read(driver, 'level')).rejects.toMatchObject({ code: 'IO_GONE' });
    await services.until('ai/level', 'ok');
    expect((await read(driver, 'level')).level.value).toBe(1);
  });
});

describe('a DAC channel', () => {
  const config = (extra: { minimumRaw?: number; maximumRaw?: number } = {}) => ({
    valve: { device: 'dac', channel: 'voltage0', minimumRaw: 0, ...extra },
  });
  const write = (driver: IoDriver, value: number) =>
    driver.write([{ key: 'ao/valve', level: { value } }], patient);

  test('takes a value in its unit, rounded to what it can give, and tells that', async () => {
    sysfs.put(DAC, {
      name: 'dac',
      out_voltage0_raw: 0,
      out_voltage0_scale: 2.5,
      out_voltage0_raw_available: '[0 1 4095]',
    });
    const driver = await open({}, config());
    expect(driver.channels[0]).toMatchObject({ unit: 'V', minimum: 0, maximum: 10.2375, step: 0.0025 });
    await write(driver, 5.0011);
    expect(sysfs.text(`${DAC}/out_voltage0_raw`)).toBe('2000');
    expect((await driver.read('ao/valve', patient)).level).toEqual({ value: 5 });
    await write(driver, 10.2375);
    expect(sysfs.text(`${DAC}/out_voltage0_raw`)).toBe('4095');
  });

  test('takes its range from the configuration where the kernel does not tell it, else it is down', async () => {
    sysfs.put(DAC, { name: 'dac', out_voltage0_raw: 0 });
    const driver = await open({}, config({ minimumRaw: -127, maximumRaw: 127 }));
    expect(driver.channels[0]).toMatchObject({ minimum: -127, maximum: 127 });
    await write(driver, -127);
    expect(sysfs.text(`${DAC}/out_voltage0_raw`)).toBe('-127');
    await open({}, config());
    expect(services.health('ao/valve')).toMatchObject({
      state: 'down',
      problem: { code: 'IO_UNSUPPORTED', message: expect.stringContaining('maximumRaw') },
    });
  });

  test('is powered up when it is written', async () => {
    sysfs.put(DAC, { name: 'dac', out_voltage0_raw: 0, out_voltage0_powerdown: 1 });
    const driver = await open({}, config({ maximumRaw: 255 }));
    expect(sysfs.writes).toEqual([]);
    await write(driver, 9);
    expect(sysfs.writes).toEqual([`${DAC}/out_voltage0_raw=9`, `${DAC}/out_voltage0_powerdown=0`]);
  });

  test('takes its initial level when it is taken hold of', async () => {
    sysfs.put(DAC, { name: 'dac', out_voltage0_raw: 77 });
    services.initialLevels.set('ao/valve', { value: 3 });
    await open({}, config({ maximumRaw: 255 }));
    expect(sysfs.text(`${DAC}/out_voltage0_raw`)).toBe('3');
  });

  test('whose range is upside down is refused', async () => {
    await expect(open({}, config({ minimumRaw: 5, maximumRaw: 4 }))).rejects.toMatchObject({
      code: 'IO_CONFIG_INVALID',
    });
  });

  test('that refuses a value says so', async () => {
    sysfs.put(DAC, { name: 'dac', out_voltage0_raw: 0 });
    const driver = await open({}, config({ maximumRaw: 300 }));
    sysfs.onWrite(/out_voltage0_raw$/, () => {
      throw errno('EINVAL');
    });
    await expect(write(driver, 256)).rejects.toMatchObject({
      code: 'IO_UNSUPPORTED',
      message: expect.stringContaining('256'),
    });
    expect(services.health('ao/valve')).toEqual({ state: 'ok' });
  });
});
