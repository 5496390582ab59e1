import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeSysfs } from '../../../../../test/support/fake-sysfs.ts';
import { opened, patient, RecordedServices } from '../../../../../test/support/recorded-services.ts';
import type { IoDriver } from '../../driver.ts';
import { discoverOnewire, onewireDriver } from './index.ts';

const KEY = 'sensor/cellar';
const ID = '28-0000055f2a11';
const SLAVE = `bus/w1/devices/${ID}`;

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

async function openCellar(): Promise<IoDriver> {
  const config = { kind: 'onewire', sensor: { cellar: { id: ID } } } as const;
  const driver = await opened(onewireDriver(sysfs)('onewire', config, services));
  drivers.push(driver);
  return driver;
}
const scratchpad = (check: string, milliDegrees: number) =>
  `72 01 4b 46 7f ff 0e 10 57 : crc=57 ${check}\n72 01 4b 46 7f ff 0e 10 57 t=${milliDegrees}`;

test('a thermometer is read in °C, with the fields evok shows', async () => {
  sysfs.put(SLAVE, { temperature: 23_125, w1_slave: scratchpad('YES', 0) });
  const driver = await openCellar();
  expect(driver.channels[0]).toMatchObject({
    type: 'sensor',
    direction: 'input',
    unit: '°C',
    delivery: 'polled',
  });
  const { level, details, takenUs } = await driver.read(KEY, patient);
  expect(level).toEqual({ value: 23.125 });
  expect(details).toEqual({
    dev: 'temp',
    address: ID,
    time: services.clock.wallUsAt(takenUs) / 1e6,
    type: 'DS18B20',
  });
});

test('a kernel without the attribute temperature tells it with a checksum', async () => {
  sysfs.put(SLAVE, { w1_slave: scratchpad('YES', -5062) });
  const driver = await openCellar();
  expect((await driver.read(KEY, patient)).level).toEqual({ value: -5.062 });
  sysfs.put(SLAVE, { w1_slave: scratchpad('NO', -5062) });
  await expect(driver.read(KEY, patient)).rejects.toMatchObject({
    code: 'IO_FAILED',
    message: expect.stringContaining('checksum'),
  });
  expect(services.health(KEY)?.state).toBe('stale');
  sysfs.put(SLAVE, { w1_slave: scratchpad('YES', 1000) });
  await driver.read(KEY, patient);
  expect(services.health(KEY)).toEqual({ state: 'ok' });
});

test.each([
  [85_000, 'without a conversion'],
  [127_937, 'outside -55 to 125'],
  [-60_000, 'outside -55 to 125'],
])('%i m°C is no temperature', async (temperature, message) => {
  sysfs.put(SLAVE, { temperature });
  const driver = await openCellar();
  await expect(driver.read(KEY, patient)).rejects.toMatchObject({
    code: 'IO_FAILED',
    message: expect.stringContaining(message),
  });
});

test('a thermometer that is pulled is down until it is back', async () => {
  sysfs.put(SLAVE, { temperature: 20_000 });
  const driver = await openCellar();
  sysfs.remove(SLAVE);
  await expect(driver.read(KEY, patient)).rejects.toMatchObject({ code: 'IO_GONE' });
  expect(services.health(KEY)?.state).toBe('down');
  sysfs.put(SLAVE, { w1_slave: scratchpad('YES', 20_000) });
  await services.until(KEY, 'ok');
  expect((await driver.read(KEY, patient)).level.value).toBe(20);
});

test('a thermometer is nothing to write or set', async () => {
  sysfs.put(SLAVE, { temperature: 20_000 });
  const driver = await openCellar();
  const written = driver.write([{ key: KEY, level: { value: 1 } }], patient);
  await expect(written).rejects.toMatchObject({ code: 'CIRCUIT_READ_ONLY' });
  await expect(driver.configure(KEY, { resolution: 9 }, patient)).rejects.toMatchObject({
    code: 'CIRCUIT_READ_ONLY',
  });
});

test('another slave on the bus is no thermometer', async () => {
  sysfs.put(SLAVE, { id: 'x' });
  await openCellar();
  expect(services.health(KEY)).toMatchObject({ state: 'down', problem: { code: 'IO_UNSUPPORTED' } });
});

test.each(['temperature', 'w1_slave'])(
  'whatever text %s holds, it is a value or a clear error',
  async (name) => {
    sysfs.put(SLAVE, { [name]: '' });
    const driver = await openCellar();
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer().map(String),
      fc.tuple(fc.constantFrom('YES', 'NO'), fc.integer()).map(([check, t]) => scratchpad(check, t)),
    );
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        sysfs.put(SLAVE, { [name]: content });
        try {
          const { value } = (await driver.read(KEY, patient)).level;
          expect(value).toBeGreaterThanOrEqual(-55);
          expect(value).toBeLessThanOrEqual(125);
        } catch (error) {
          expect(error).toMatchObject({ code: 'IO_FAILED' });
        }
      }),
    );
  },
);

test('thermometers are found, and nothing else on the bus', async () => {
  expect(await discoverOnewire(sysfs.roots)).toEqual([]);
  sysfs.put(SLAVE, { temperature: 0 });
  sysfs.put('bus/w1/devices/w1_bus_master1', { w1_master_slave_count: 1 });
  sysfs.put('bus/w1/devices/01-00000aabbccd', { id: 'x' });
  expect(await discoverOnewire(sysfs.roots)).toEqual([
    {
      title: '/sys/bus/w1  1 thermometer',
      details: [`${ID}  DS18B20`],
      suggestion: { name: 'onewire', config: { kind: 'onewire', sensor: { [ID]: { id: ID } } } },
    },
  ]);
});
