import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CircuitKey, Level } from '../../src/hardware/io/circuit.ts';
import type { IoDriver } from '../../src/hardware/io/driver.ts';
import { discoverLeds, openLed } from '../../src/hardware/io/drivers/led/index.ts';
import { driverServices, RecordingListener } from '../contracts/recording-listener.ts';
import { eventually } from '../support/service.ts';
import { isInLab, useLab } from './support/lab.ts';

const KEY = 'led/alarm';
const NAME = 'lab:red:alarm';
const call = { signal: new AbortController().signal };
const attribute = (name: string) => readFileSync(`/sys/class/leds/${NAME}/${name}`, 'utf8').trim();

/** LEDs of the kernel's uleds, by the driver alone. */
describe.skipIf(!isInLab)('LEDs (uleds)', () => {
  const lab = useLab(() => ({}));
  let listener = new RecordingListener();
  beforeEach(() => {
    listener = new RecordingListener();
  });

  const start = async (name = NAME, initial?: Level): Promise<IoDriver> => {
    const services = driverServices(listener, { initialLevel: () => initial });
    const driver = await openLed('leds', { kind: 'led', led: { alarm: { name } } }, services);
    lab.defer(async () => driver[Symbol.asyncDispose]());
    return driver;
  };
  const untilState = (state: string) =>
    eventually(
      async () => listener.healthOf(KEY as CircuitKey)?.state,
      (seen) => seen === state,
      `${KEY} being ${state}`,
    );
  const write = (driver: IoDriver, value: 0 | 1) => driver.write([{ key: KEY, level: { value } }], call);

  test('an LED is switched, and dimmed while it is on', async () => {
    const driver = await start();
    await untilState('ok');
    await write(driver, 1);
    expect(attribute('brightness')).toBe('255');
    await driver.configure(KEY, { brightness: 12 }, call);
    expect(attribute('brightness')).toBe('12');
    expect(await driver.read(KEY, call)).toMatchObject({ level: { value: 1 }, settings: { brightness: 12 } });
    await write(driver, 0);
    expect(attribute('brightness')).toBe('0');
    expect((await driver.read(KEY, call)).level).toEqual({ value: 0 });
  });

  test('a trigger is chosen among those of the kernel, and ended by a write', async () => {
    const driver = await start();
    const choices = driver.channels[0]?.settings.find(({ name }) => name === 'trigger')?.choices;
    expect(choices).toEqual(expect.arrayContaining(['none', 'timer', 'panic']));
    await driver.configure(KEY, { trigger: 'panic' }, call);
    expect(attribute('trigger')).toContain('[panic]');
    expect((await driver.read(KEY, call)).settings).toMatchObject({ trigger: 'panic' });
    await write(driver, 1);
    expect(attribute('trigger')).toContain('[none]');
    expect(attribute('brightness')).toBe('255');
  });

  test('the kernel blinks it, with its brightness, until it is written', async () => {
    const driver = await start();
    expect(driver.channels[0]?.features.blink).toBe(true);
    await driver.configure(KEY, { brightness: 40 }, call);
    await driver.blink?.(KEY, { onMs: 120, offMs: 80 }, call);
    expect([attribute('trigger').includes('[timer]'), attribute('delay_on'), attribute('delay_off')]).toEqual(
      [true, '120', '80'],
    );
    for (const brightness of ['0', '40', '0', '40']) {
      await eventually(
        async () => attribute('brightness'),
        (seen) => seen === brightness,
        `brightness ${brightness}`,
      );
    }
    await write(driver, 0);
    expect(attribute('trigger')).toContain('[none]');
    expect((await driver.read(KEY, call)).level).toEqual({ value: 0 });
  });

  test('an initial level is there when it is open', async () => {
    await start(NAME, { value: 1 });
    expect(attribute('brightness')).toBe('255');
    await start(NAME, { value: 0 });
    expect(attribute('brightness')).toBe('0');
  });

  test('an LED that comes, goes and returns is followed', async () => {
    const plug = async () => {
      const holder = await open('/dev/uleds', 'r+');
      const name = Buffer.alloc(68); // struct uleds_user_dev: char name[64], int max_brightness
      name.write('test:blue:late');
      name.writeInt32LE(7, 64);
      await holder.write(name);
      lab.defer(() => holder.close().catch(() => undefined));
      return holder;
    };
    const driver = await start('test:blue:late');
    await untilState('down');
    expect(listener.healthOf(KEY)?.problem?.code).toBe('IO_NOT_PRESENT');
    const holder = await plug();
    await untilState('ok');
    await write(driver, 1);
    expect((await driver.read(KEY, call)).settings).toMatchObject({ brightness: 7 });
    await holder.close();
    await expect(driver.read(KEY, call)).rejects.toMatchObject({ code: 'IO_GONE' });
    await untilState('down');
    await plug();
    await untilState('ok');
  });

  test('LEDs of the machine are found', async () => {
    const [found] = await discoverLeds({ sys: '/sys', dev: '/dev' });
    expect(found?.details).toContain(`${NAME}  brightness 0 to 255`);
  });
});
