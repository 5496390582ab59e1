import { EventEmitter, once } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { errno, FakeSysfs } from '../../../../../test/support/fake-sysfs.ts';
import { opened, patient, RecordedServices } from '../../../../../test/support/recorded-services.ts';
import type { IoDriver } from '../../driver.ts';
import { discoverLeds, ledDriver } from './index.ts';

const KEY = 'led/alarm';
const LED = 'class/leds/red:alarm';
const TRIGGERS = ['none', 'timer', 'heartbeat'];

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

/** An LED as led-class.c and the timer trigger have it. */
function plugLed({ maximum = 255, triggers = TRIGGERS } = {}): void {
  sysfs.put(LED, { brightness: 0, max_brightness: maximum });
  const showTrigger = (chosen: string) => {
    if (triggers.length === 0) return;
    sysfs.put(LED, { trigger: triggers.map((each) => (each === chosen ? `[${each}]` : each)).join(' ') });
  };
  showTrigger('none');
  sysfs.onWrite(/red:alarm\/trigger$/, (text) => {
    if (!triggers.includes(text)) throw errno('EINVAL');
    if (!sysfs.text(`${LED}/trigger`).includes('[none]')) sysfs.put(LED, { brightness: 0 });
    showTrigger(text);
    if (text === 'timer') sysfs.put(LED, { delay_on: 500, delay_off: 500 });
  });
  sysfs.onWrite(/red:alarm\/brightness$/, (text) => {
    if (!/^\d+$/.test(text)) throw errno('EINVAL');
    sysfs.put(LED, { brightness: Math.min(Number(text), maximum) });
    if (Number(text) === 0) showTrigger('none');
  });
}

async function openAlarm(): Promise<IoDriver> {
  const config = { kind: 'led', led: { alarm: { name: 'red:alarm' } } } as const;
  const driver = await opened(ledDriver(sysfs)('leds', config, services));
  drivers.push(driver);
  return driver;
}
const write = (driver: IoDriver, value: 0 | 1) => driver.write([{ key: KEY, level: { value } }], patient);

describe('an LED', () => {
  test('goes on with its greatest brightness, and off', async () => {
    plugLed();
    const driver = await openAlarm();
    expect(services.health(KEY)).toEqual({ state: 'ok' });
    await write(driver, 1);
    expect(sysfs.text(`${LED}/brightness`)).toBe('255');
    expect(await driver.read(KEY, patient)).toMatchObject({
      level: { value: 1 },
      settings: { brightness: 255, trigger: 'none' },
    });
    await write(driver, 0);
    expect(sysfs.text(`${LED}/brightness`)).toBe('0');
    expect((await driver.read(KEY, patient)).level).toEqual({ value: 0 });
  });

  test('goes on with the brightness that was set while it was off, and changes at once while it is on', async () => {
    plugLed();
    const driver = await openAlarm();
    await driver.configure(KEY, { brightness: 40 }, patient);
    expect(sysfs.text(`${LED}/brightness`)).toBe('0');
    expect((await driver.read(KEY, patient)).settings).toMatchObject({ brightness: 40 });
    await write(driver, 1);
    expect(sysfs.text(`${LED}/brightness`)).toBe('40');
    await driver.configure(KEY, { brightness: 90 }, patient);
    expect(sysfs.text(`${LED}/brightness`)).toBe('90');
  });

  test('that is only on or off has no brightness to set', async () => {
    plugLed({ maximum: 1, triggers: [] });
    const driver = await openAlarm();
    expect(driver.channels[0]).toMatchObject({ settings: [], features: { blink: false } });
    await write(driver, 1);
    expect((await driver.read(KEY, patient)).settings).toEqual({});
  });

  test('is taken from its trigger when it is switched', async () => {
    plugLed();
    const driver = await openAlarm();
    await driver.configure(KEY, { trigger: 'heartbeat' }, patient);
    expect((await driver.read(KEY, patient)).settings).toMatchObject({ trigger: 'heartbeat' });
    await write(driver, 1);
    expect(sysfs.writes.slice(-2)).toEqual([`${LED}/trigger=none`, `${LED}/brightness=255`]);
    expect((await driver.read(KEY, patient)).settings).toMatchObject({ trigger: 'none' });
  });

  test('shows what another program has made of it', async () => {
    plugLed();
    const driver = await openAlarm();
    sysfs.put(LED, { brightness: 7 });
    expect(await driver.read(KEY, patient)).toMatchObject({
      level: { value: 1 },
      settings: { brightness: 7 },
    });
  });

  test('blinks by the timer trigger until it is written', async () => {
    plugLed();
    const driver = await openAlarm();
    expect(driver.channels[0]?.features).toEqual({ blink: true });
    await driver.configure(KEY, { brightness: 10 }, patient);
    await driver.blink?.(KEY, { onMs: 100, offMs: 900.4 }, patient);
    expect(sysfs.writes.slice(-4)).toEqual([
      `${LED}/brightness=10`,
      `${LED}/trigger=timer`,
      `${LED}/delay_on=100`,
      `${LED}/delay_off=900`,
    ]);
    await driver.blink?.(KEY, { onMs: 50, offMs: 0 }, patient);
    expect(sysfs.writes.slice(-2)).toEqual([`${LED}/delay_on=50`, `${LED}/delay_off=1`]);
    await write(driver, 0);
    expect(sysfs.text(`${LED}/trigger`)).toBe('[none] timer heartbeat');
  });

  test('of several colours has a setting for each; the others stay when one is set', async () => {
    plugLed();
    sysfs.put(LED, { multi_index: 'red green blue', multi_intensity: '255 10 0' });
    const driver = await openAlarm();
    expect(driver.channels[0]?.settings.map(({ name }) => name)).toEqual([
      'brightness',
      'trigger',
      'red',
      'green',
      'blue',
    ]);
    await driver.configure(KEY, { blue: 128 }, patient);
    expect(sysfs.text(`${LED}/multi_intensity`)).toBe('255 10 128');
    expect((await driver.read(KEY, patient)).settings).toMatchObject({ red: 255, green: 10, blue: 128 });
  });

  test('takes its initial level when it is taken hold of, else it is left as it is', async () => {
    plugLed();
    await openAlarm();
    expect(sysfs.writes).toEqual([]);
    services.initialLevels.set(KEY, { value: 1 });
    await openAlarm();
    expect(sysfs.text(`${LED}/brightness`)).toBe('255');
  });
});

describe('an LED that is not there', () => {
  test('is down with the reason, and found when it comes, with what it can do', async () => {
    const driver = await openAlarm();
    const settings = driver.channels[0]?.settings; // as the board holds them
    expect(services.health(KEY)).toMatchObject({ state: 'down', problem: { code: 'IO_NOT_PRESENT' } });
    await expect(driver.read(KEY, patient)).rejects.toMatchObject({ code: 'IO_NOT_PRESENT' });
    plugLed();
    services.initialLevels.set(KEY, { value: 1 });
    await services.until(KEY, 'ok');
    expect(sysfs.text(`${LED}/brightness`)).toBe('255');
    expect(settings?.map(({ name }) => name)).toEqual(['brightness', 'trigger']);
  });

  test('is noticed by the next call, and looked for again', async () => {
    plugLed();
    const driver = await openAlarm();
    sysfs.remove(LED);
    await expect(driver.read(KEY, patient)).rejects.toMatchObject({ code: 'IO_GONE' });
    expect(services.health(KEY)).toMatchObject({ state: 'down', problem: { code: 'IO_GONE' } });
    plugLed();
    await services.until(KEY, 'ok');
    await write(driver, 1);
    expect(sysfs.text(`${LED}/brightness`)).toBe('255');
  });

  test('is no longer looked for after disposal', async () => {
    const driver = await openAlarm();
    expect(services.clock.pendingTimers).toBe(1);
    await driver[Symbol.asyncDispose]();
    await driver[Symbol.asyncDispose]();
    expect(services.clock.pendingTimers).toBe(0);
    await expect(driver.read(KEY, patient)).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

describe('an LED that may not be written', () => {
  test('is down with advice until a rule grants it', async () => {
    plugLed();
    const driver = await openAlarm();
    sysfs.fail(`${LED}/brightness`, 'EACCES');
    await expect(write(driver, 1)).rejects.toMatchObject({
      code: 'IO_DENIED',
      message: expect.stringContaining('udev rule'),
    });
    expect(services.health(KEY)).toMatchObject({ state: 'down', problem: { code: 'IO_DENIED' } });
    sysfs.fail(`${LED}/brightness`);
    await services.until(KEY, 'ok');
  });
});

test.each([
  ['EBUSY', 'IO_BUSY', 'stale'],
  ['EIO', 'IO_FAILED', 'stale'],
  ['ETIMEDOUT', 'IO_FAILED', 'stale'],
  ['ENODEV', 'IO_GONE', 'down'],
  ['EPERM', 'IO_DENIED', 'down'],
  ['EINVAL', 'IO_UNSUPPORTED', 'ok'],
] as const)('a write that ends with %s is %s, and the LED is %s', async (errnoCode, code, state) => {
  plugLed();
  const driver = await openAlarm();
  sysfs.onWrite(/brightness$/, () => {
    throw errno(errnoCode);
  });
  await expect(write(driver, 1)).rejects.toMatchObject({ code });
  expect(services.health(KEY)?.state).toBe(state);
  await write(driver, 0).catch(() => undefined);
  if (state !== 'stale') return;
  await driver.read(KEY, patient);
  expect(services.health(KEY)).toEqual({ state: 'ok' });
});

test.each(['read', 'configure'] as const)('an LED that fails to %s is tried until it works', async (call) => {
  plugLed();
  const driver = await openAlarm();
  sysfs.fail(`${LED}/brightness`, 'EIO');
  const failing =
    call === 'read' ? driver.read(KEY, patient) : driver.configure(KEY, { brightness: 9 }, patient);
  await expect(failing).rejects.toMatchObject({ code: 'IO_FAILED' });
  await services.clock.advance(20_000);
  expect(services.health(KEY)?.state).toBe('stale');
  sysfs.fail(`${LED}/brightness`);
  await services.until(KEY, 'ok');
  expect(services.listener.readingsOf(KEY).at(-1)?.level).toEqual({ value: 0 });
  expect(services.clock.pendingTimers).toBe(0);
});

test('whatever text attributes hold, a reading is a value or a clear error', async () => {
  plugLed();
  sysfs.put(LED, { multi_index: 'red green', multi_intensity: '1 2' });
  const driver = await openAlarm();
  const attribute = fc.constantFrom('brightness', 'trigger', 'multi_intensity');
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[-+0-9. []{0,20}$/));
  await fc.assert(
    fc.asyncProperty(attribute, text, async (name, content) => {
      const before = sysfs.text(`${LED}/${name}`);
      sysfs.put(LED, { [name]: content });
      try {
        const { level, settings } = await driver.read(KEY, patient);
        for (const value of [level.value, ...Object.values(settings ?? {})]) expect(value).not.toBeNaN();
      } catch (error) {
        expect(error).toMatchObject({ code: 'IO_FAILED', message: expect.stringContaining(name) });
      }
      sysfs.put(LED, { [name]: before });
    }),
  );
});

test('whatever text attributes hold when it is found, it is there or says what is wrong', async () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[-0-9 ]{0,20}$/));
  await fc.assert(
    fc.asyncProperty(text, text, text, async (max_brightness, trigger, multi_index) => {
      sysfs.put(LED, { brightness: 0, max_brightness, trigger, multi_index, multi_intensity: '1' });
      const driver = await openAlarm();
      const health = services.health(KEY);
      if (health?.state !== 'ok')
        expect(health).toMatchObject({ state: 'down', problem: { code: 'IO_FAILED' } });
      await driver[Symbol.asyncDispose]();
    }),
    { numRuns: 50 },
  );
});

test('a call that hangs is given up when its caller does', async () => {
  plugLed();
  const driver = await openAlarm();
  const gate = new EventEmitter();
  const hanging = once(gate, 'open');
  const read = sysfs.read.bind(sysfs);
  sysfs.read = async (path) => {
    await hanging;
    return read(path);
  };
  const caller = new AbortController();
  const reading = driver.read(KEY, { signal: caller.signal });
  caller.abort();
  await expect(reading).rejects.toMatchObject({ code: 'IO_TIMEOUT' });
  expect(services.health(KEY)?.state).toBe('stale');
  const others = Array.from({ length: 40 }, () => driver.read(KEY, { signal: new AbortController().signal }));
  const refused = (await Promise.allSettled(others.slice(16))).filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(24);
  gate.emit('open');
  await Promise.all(others.slice(0, 16));
});

test('LEDs are found with a configuration that uses them', async () => {
  expect(await discoverLeds(sysfs.roots)).toEqual([]);
  plugLed();
  const [found] = await discoverLeds(sysfs.roots);
  expect(found?.details).toEqual(['red:alarm  brightness 0 to 255']);
  expect(found?.suggestion).toEqual({
    name: 'leds',
    config: { kind: 'led', led: { red_alarm: { name: 'red:alarm' } } },
  });
});
