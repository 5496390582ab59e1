import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { errno, FakeSysfs } from '../../../../../test/support/fake-sysfs.ts';
import { opened, patient, RecordedServices } from '../../../../../test/support/recorded-services.ts';
import type { Level } from '../../circuit.ts';
import type { IoDriver } from '../../driver.ts';
import { discoverPwm, pwmDriver } from './index.ts';

const KEY = 'do/fan';
const CHIP = 'class/pwm/pwmchip0';
const PWM = `${CHIP}/pwm1`;

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

/** A chip as drivers/pwm/core.c has it, which refuses what the hardware could not do. */
function plugChip(channels = 2): void {
  sysfs.put(CHIP, { npwm: channels, export: '', unexport: '' });
  sysfs.onWrite(/pwmchip0\/export$/, (text) => {
    if (Number(text) >= channels) throw errno('ENODEV');
    exportChannel(Number(text));
  });
  sysfs.onWrite(/pwmchip0\/unexport$/, (text) => sysfs.remove(`${CHIP}/pwm${text}`));
  const number = (name: string) => Number(sysfs.text(`${PWM}/${name}`));
  sysfs.onWrite(/pwm1\/(period|duty_cycle|enable|polarity)$/, (text, [, name = '']) => {
    const isPolarity = name === 'polarity';
    if (isPolarity ? !/^(normal|inversed)$/.test(text) : !/^\d+$/.test(text)) throw errno('EINVAL');
    const next = { period: number('period'), duty_cycle: number('duty_cycle'), [name]: Number(text) };
    if (next.duty_cycle > next.period) throw errno('EINVAL');
    if (name === 'enable' && text === '1' && next.period === 0) throw errno('EINVAL');
    if (isPolarity && number('enable') === 1) throw errno('EBUSY');
    sysfs.put(PWM, { [name]: text });
  });
}

function exportChannel(channel: number, attributes: Record<string, string | number> = {}): void {
  const fresh = { period: 0, duty_cycle: 0, enable: 0, polarity: 'normal' };
  sysfs.put(`${CHIP}/pwm${channel}`, { ...fresh, ...attributes });
}

async function openFan(
  config: { channel?: number; polarity?: 'normal' | 'inversed' } = {},
): Promise<IoDriver> {
  const channel = { chip: 'pwmchip0', channel: 1, frequencyHz: 1000, polarity: 'normal', ...config } as const;
  const driver = await opened(pwmDriver(sysfs)('fans', { kind: 'pwm', do: { fan: channel } }, services));
  drivers.push(driver);
  return driver;
}
const write = (driver: IoDriver, level: Level) => driver.write([{ key: KEY, level }], patient);
const level = async (driver: IoDriver) => (await driver.read(KEY, patient)).level;
const pulses = (dutyPercent: number, frequencyHz: number): Level => {
  return { value: dutyPercent > 0 ? 1 : 0, pwm: { dutyPercent, frequencyHz } };
};

describe('a PWM channel', () => {
  test('is exported, given a period, and left as it is besides', async () => {
    plugChip();
    const driver = await openFan();
    expect(services.health(KEY)).toEqual({ state: 'ok' });
    expect(sysfs.writes).toEqual([`${CHIP}/export=1`, `${PWM}/period=1000000`]);
    expect(await level(driver)).toEqual({ value: 0 });
  });

  test('gives pulses as wide and as often as is written, and tells them', async () => {
    plugChip();
    const driver = await openFan();
    await write(driver, pulses(25, 2000));
    expect(sysfs.text(`${PWM}/period`)).toBe('500000');
    expect(sysfs.text(`${PWM}/duty_cycle`)).toBe('125000');
    expect(sysfs.text(`${PWM}/enable`)).toBe('1');
    expect(await level(driver)).toEqual(pulses(25, 2000));
    await write(driver, pulses(0, 2000));
    expect(await level(driver)).toEqual(pulses(0, 2000));
    await write(driver, pulses(33.333, 3000));
    expect(await level(driver)).toEqual(pulses(33.333, 3000));
  });

  test('tells the frequency that it has, and before any pulses the configured one', async () => {
    plugChip();
    exportChannel(1, { period: 20_000_000 });
    const driver = await openFan();
    const frequency = async () => (await driver.read(KEY, patient)).settings?.['pwm_freq'];
    expect(await frequency()).toBe(1000);
    await write(driver, pulses(25, 2000));
    expect(await frequency()).toBe(2000);
    await write(driver, { value: 0 });
    expect(await frequency()).toBe(2000);
  });

  test('is all on with 1 and all off with 0, driven in both', async () => {
    plugChip();
    const driver = await openFan();
    await write(driver, { value: 1 });
    expect(sysfs.text(`${PWM}/duty_cycle`)).toBe('1000000');
    expect(await level(driver)).toEqual({ value: 1 });
    await write(driver, { value: 0 });
    expect(sysfs.text(`${PWM}/duty_cycle`)).toBe('0');
    expect(sysfs.text(`${PWM}/enable`)).toBe('1');
    expect(await level(driver)).toEqual({ value: 0 });
  });

  test('comes from any pulses to any others without a duty cycle beyond the period between', async () => {
    plugChip();
    const driver = await openFan();
    const any = fc.record({
      dutyPercent: fc.integer({ min: 0, max: 100 }),
      frequencyHz: fc.double({ min: 0.001, max: 1e7, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(any, async (pwm) => {
        await write(driver, { value: pwm.dutyPercent > 0 ? 1 : 0, pwm }); // the fake refuses as the kernel does
        const seen = (await driver.read(KEY, patient)).level.pwm;
        expect((seen?.frequencyHz ?? 0) * Math.round(1e9 / pwm.frequencyHz)).toBeCloseTo(1e9, -5);
        expect(seen?.dutyPercent).toBeGreaterThanOrEqual(0);
        expect(seen?.dutyPercent).toBeLessThanOrEqual(100);
      }),
      { numRuns: 60 },
    );
  });

  test('changes its polarity while it is disabled, the only time the kernel lets it', async () => {
    plugChip();
    exportChannel(1, { period: 1000, duty_cycle: 300, enable: 1 });
    await openFan({ polarity: 'inversed' });
    expect(services.health(KEY)).toEqual({ state: 'ok' });
    expect(sysfs.writes).toEqual([`${PWM}/enable=0`, `${PWM}/polarity=inversed`, `${PWM}/enable=1`]);
  });

  test('has its initial level when it is first enabled', async () => {
    plugChip();
    services.initialLevels.set(KEY, pulses(50, 1000));
    await openFan({ polarity: 'inversed' });
    expect(sysfs.writes).toEqual([
      `${CHIP}/export=1`,
      `${PWM}/period=1000000`,
      `${PWM}/polarity=inversed`,
      `${PWM}/duty_cycle=500000`,
      `${PWM}/enable=1`,
    ]);
  });

  test('is given back at the end when it was exported for us, and only then', async () => {
    plugChip();
    const driver = await openFan();
    await driver[Symbol.asyncDispose]();
    expect(sysfs.writes.at(-1)).toBe(`${CHIP}/unexport=1`);
    exportChannel(1);
    const another = await openFan();
    await another[Symbol.asyncDispose]();
    await another[Symbol.asyncDispose]();
    expect(sysfs.writes.filter((each) => each.includes('unexport'))).toHaveLength(1);
  });
});

describe('a PWM channel that cannot be had', () => {
  test('of a chip that is not there is found when it comes', async () => {
    await openFan();
    expect(services.health(KEY)).toMatchObject({ state: 'down', problem: { code: 'IO_NOT_PRESENT' } });
    plugChip();
    await services.until(KEY, 'ok');
  });

  test('that the chip does not have is told with their number', async () => {
    plugChip();
    await openFan({ channel: 2 });
    expect(services.health(KEY)?.problem?.message).toContain('pwmchip0 has 2 channels');
  });

  test('that a kernel driver uses is busy', async () => {
    plugChip();
    sysfs.fail(`${CHIP}/export`, 'EBUSY');
    await openFan();
    expect(services.health(KEY)).toMatchObject({ state: 'down', problem: { code: 'IO_BUSY' } });
  });

  test('whose files a rule grants only after the export is waited for, and exported once', async () => {
    plugChip();
    sysfs.fail(`${PWM}/period`, 'EACCES');
    const driver = await openFan();
    expect(services.health(KEY)).toMatchObject({ state: 'down', problem: { code: 'IO_DENIED' } });
    sysfs.fail(`${PWM}/period`);
    await services.until(KEY, 'ok');
    await driver[Symbol.asyncDispose]();
    expect(sysfs.writes.filter((each) => each.includes('export'))).toEqual([
      `${CHIP}/export=1`,
      `${CHIP}/unexport=1`,
    ]);
  });

  test('whose chip is pulled is looked for, and exported anew', async () => {
    plugChip();
    const driver = await openFan();
    sysfs.remove(CHIP);
    await expect(write(driver, { value: 1 })).rejects.toMatchObject({ code: 'IO_GONE' });
    expect(services.health(KEY)?.state).toBe('down');
    plugChip();
    services.initialLevels.set(KEY, { value: 0 });
    await services.until(KEY, 'ok');
    expect(sysfs.text(`${PWM}/enable`)).toBe('1');
  });
});

test('whatever text attributes hold, a reading is a value or a clear error', async () => {
  plugChip();
  const driver = await openFan();
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.integer().map(String));
  await fc.assert(
    fc.asyncProperty(text, text, async (period, duty_cycle) => {
      sysfs.put(PWM, { period, duty_cycle, enable: 1 });
      try {
        const { value, pwm } = await level(driver);
        for (const each of [value, pwm?.dutyPercent ?? 0, pwm?.frequencyHz ?? 1])
          expect(each).toBeGreaterThanOrEqual(0);
      } catch (error) {
        expect(error).toMatchObject({ code: 'IO_FAILED' });
      }
    }),
  );
});

test('chips are found with a configuration that uses them', async () => {
  expect(await discoverPwm(sysfs.roots)).toEqual([]);
  plugChip();
  exportChannel(1);
  const [found] = await discoverPwm(sysfs.roots);
  expect(found).toMatchObject({
    title: 'pwmchip0  2 channels',
    details: ['channel 0  free', 'channel 1  exported'],
  });
  expect(found?.suggestion?.config['do']).toMatchObject({ pwmchip0_1: { chip: 'pwmchip0', channel: 1 } });
});
