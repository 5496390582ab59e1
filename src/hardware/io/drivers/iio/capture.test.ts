import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { errno, FakeSysfs } from '../../../../../test/support/fake-sysfs.ts';
import { opened, patient, RecordedServices } from '../../../../../test/support/recorded-services.ts';
import type { IoDriver } from '../../driver.ts';
import type { IioConfig } from './config.ts';
import { iioDriver } from './index.ts';

const DEVICES = 'bus/iio/devices';
const ADC = `${DEVICES}/iio:device0`;

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

/** A device as industrialio-buffer.c has it: nothing of its buffer changes while it is enabled. */
function plugAdc({ hasStamp = true, oneAtATime = false } = {}): void {
  sysfs.put(`${DEVICES}/trigger0`, { name: 'timer' });
  sysfs.put(ADC, {
    name: 'adc',
    in_voltage_scale: 1,
    in_voltage_scale_available: '1 2',
    ...(hasStamp && { current_timestamp_clock: 'realtime' }),
  });
  sysfs.put(`${ADC}/buffer`, { enable: 0, length: 2 });
  sysfs.put(`${ADC}/trigger`, { current_trigger: '' });
  for (const index of [0, 1, 2]) {
    sysfs.put(ADC, { [`in_voltage${index}_raw`]: 0 });
    sysfs.put(`${ADC}/scan_elements`, {
      [`in_voltage${index}_en`]: index === 2 ? 1 : 0,
      [`in_voltage${index}_index`]: 2 - index,
      [`in_voltage${index}_type`]: index === 0 ? 'be:s12/16>>4' : 'le:u16/16',
    });
  }
  if (hasStamp) {
    sysfs.put(`${ADC}/scan_elements`, {
      in_timestamp_en: 0,
      in_timestamp_index: 9,
      in_timestamp_type: 'le:s64/64>>0',
    });
  }
  writeFileSync(join(sysfs.roots.dev, 'iio:device0'), '');
  sysfs.onWrite(/iio:device0\/(.*(?:_en|length|current_trigger|_scale))$/, (text, [, name = '']) => {
    if (sysfs.text(`${ADC}/buffer/enable`) === '1') throw errno('EBUSY');
    const enabled = [0, 1, 2].filter(
      (each) => sysfs.text(`${ADC}/scan_elements/in_voltage${each}_en`) === '1',
    );
    const isOther = enabled.some((each) => !name.includes(`voltage${each}`));
    if (oneAtATime && name.includes('voltage') && text === '1' && isOther) throw errno('EINVAL');
    sysfs.put(ADC, { [name]: text });
  });
}

const single = { device: 'adc', channel: 'voltage0', trigger: 'timer' };
async function open(ai: IioConfig['ai'] = { a: single }): Promise<IoDriver> {
  const driver = await opened(iioDriver(sysfs)('iio', { kind: 'iio', ai, ao: {} }, services));
  drivers.push(driver);
  return driver;
}

/** Records of channel 0 and a stamp. */
function records(...samples: readonly (readonly [raw: number, stampNs: bigint])[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(samples.length * 16));
  for (const [index, [raw, stampNs]] of samples.entries()) {
    bytes.setInt16(index * 16, raw << 4);
    bytes.setBigInt64(index * 16 + 8, stampNs, true);
  }
  return new Uint8Array(bytes.buffer);
}
const values = () => services.listener.readings.map(({ key, reading }) => [key, reading.level.value]);

describe('a captured channel', () => {
  test('has the kernel capture it alone, stamped monotonically', async () => {
    plugAdc();
    const driver = await open();
    expect(driver.channels[0]).toMatchObject({ delivery: 'pushed', unit: 'V' });
    expect(services.health('ai/a')).toEqual({ state: 'ok' });
    expect(sysfs.writes.map((each) => each.slice(ADC.length + 1))).toEqual([
      'current_timestamp_clock=monotonic',
      'scan_elements/in_voltage1_en=0',
      'scan_elements/in_voltage2_en=0',
      'scan_elements/in_voltage0_en=1',
      'scan_elements/in_timestamp_en=1',
      'trigger/current_trigger=timer',
      'buffer/length=256',
      'buffer/enable=1',
    ]);
  });

  test('tells its samples with the time the kernel took them', async () => {
    plugAdc();
    await open();
    services.descriptors.only.onBytes(records([-500, 999_000_000_000n]), 1_000_000_000);
    expect(services.listener.readings).toEqual([
      {
        key: 'ai/a',
        reading: {
          level: { value: -0.5 },
          unit: 'V',
          minimum: -2.048,
          maximum: 2.047,
          isOverRange: false,
          samples: [{ value: -0.5, isOverRange: false }],
          takenUs: 999_000_000,
        },
      },
    ]);
  });

  test('is read by waiting for its next sample; the newest does when the trigger is slow', async () => {
    plugAdc();
    const driver = await open();
    const none = driver.read('ai/a', patient);
    const refusal = expect(none).rejects.toMatchObject({ code: 'IO_STARTING' });
    await services.clock.advance(1000);
    await refusal;
    const { onBytes } = services.descriptors.only;
    onBytes(records([1, 0n]), services.clock.monotonicUs());
    await services.clock.advance(10);
    const next = driver.read('ai/a', patient);
    await services.clock.advance(5);
    onBytes(records([2, 0n]), services.clock.monotonicUs());
    expect(await next).toMatchObject({ level: { value: 0.002 }, samples: [], settings: { scale: '1' } });
    const newest = driver.read('ai/a', patient);
    await services.clock.advance(1000);
    expect(await newest).toMatchObject({ level: { value: 0.002 } });
  });

  test('tells a hundred times a second at most, all samples since the last time together', async () => {
    plugAdc();
    await open();
    const { onBytes } = services.descriptors.only;
    onBytes(records([1, 0n], [2, 0n], [3, 0n]), 1);
    onBytes(records([4, 0n]), 2);
    onBytes(records([5, 0n]), 3);
    expect(values()).toEqual([['ai/a', 0.003]]);
    await services.clock.advance(10);
    expect(values()).toEqual([
      ['ai/a', 0.003],
      ['ai/a', 0.005],
    ]);
    const [first, second] = services.listener.readings.map(({ reading }) => reading.samples);
    expect(first?.map(({ value }) => value)).toEqual([0.001, 0.002, 0.003]);
    expect(second?.map(({ value }) => value)).toEqual([0.004, 0.005]);
    await services.clock.advance(100);
    onBytes(records([6, 0n]), 4);
    expect(values().at(-1)).toEqual(['ai/a', 0.006]);
  });

  test('tells sooner when 256 records wait, and marks those that are over range', async () => {
    plugAdc();
    await open();
    const { onBytes } = services.descriptors.only;
    const one: readonly [number, bigint] = [2047, 0n];
    onBytes(records([1, 0n]), 1);
    onBytes(records(...Array.from({ length: 255 }, () => one)), 2);
    expect(values()).toHaveLength(1);
    onBytes(records([1, 0n]), 3);
    const samples = services.listener.readings[1]?.reading.samples;
    expect(samples).toHaveLength(256);
    expect(samples?.filter(({ isOverRange }) => isOverRange)).toHaveLength(255);
    expect(services.listener.readings[1]?.reading.isOverRange).toBe(false);
    await services.clock.advance(50);
    expect(values()).toHaveLength(2);
  });

  test.each([
    ['absent', 0n],
    ['in the future', 2_000_000_000_000n],
    ['far in the past', 1_000n],
    ['negative', -1n],
  ])('whose stamp is %s has the time it was read', async (_what, stampNs) => {
    plugAdc();
    await open();
    services.descriptors.only.onBytes(records([1, stampNs]), 1_000_000_000);
    expect(services.listener.readings[0]?.reading.takenUs).toBe(1_000_000_000);
  });

  test('without a monotonic stamp is captured without one', async () => {
    plugAdc({ hasStamp: false });
    await open();
    services.descriptors.only.onBytes(Uint8Array.of(0x7f, 0xf0), 55);
    expect(services.listener.readings[0]?.reading).toMatchObject({
      level: { value: 2.047 },
      isOverRange: true,
      takenUs: 55,
    });
  });

  test('shares a record with others of its device, in the order of their index', async () => {
    plugAdc({ hasStamp: false });
    await open({ a: single, b: { ...single, channel: 'voltage2' } });
    expect(services.descriptors.watched.size).toBe(1);
    services.descriptors.only.onBytes(Uint8Array.of(0x10, 0x00, 0x02, 0x00), 1); // index 0 is voltage2
    expect(values()).toEqual([
      ['ai/b', 0.016],
      ['ai/a', 0.032],
    ]);
  });

  test('keeps its scale in step when that is set, for which capturing pauses', async () => {
    plugAdc();
    const driver = await open({ a: single, b: { ...single, channel: 'voltage1' } });
    await driver.configure('ai/a', { scale: '2' }, patient);
    expect(sysfs.writes.slice(-3).map((each) => each.slice(ADC.length + 1))).toEqual([
      'buffer/enable=0',
      'in_voltage_scale=2',
      'buffer/enable=1',
    ]);
    services.descriptors.only.onBytes(new Uint8Array(16).fill(1, 0, 2), 1);
    expect(new Map(values().map(([key, value]) => [key, value])).get('ai/b')).toBe(0.514);
  });

  test('gives the device back at the end', async () => {
    plugAdc();
    const driver = await open();
    await driver[Symbol.asyncDispose]();
    await driver[Symbol.asyncDispose]();
    expect(services.descriptors.watched.size).toBe(0);
    expect(sysfs.text(`${ADC}/buffer/enable`)).toBe('0');
    expect(sysfs.text(`${ADC}/trigger/current_trigger`)).toBe('');
    expect(services.clock.pendingTimers).toBe(0);
  });

  test('whatever bytes come, readings are numbers in range', async () => {
    plugAdc();
    await open();
    const { onBytes } = services.descriptors.only;
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (bytes) => {
        services.listener.readings.length = 0;
        onBytes(bytes, 5_000_000);
        await services.clock.advance(10);
        expect(services.listener.readings).toHaveLength(bytes.length >= 16 ? 1 : 0);
        const reading = services.listener.readings[0]?.reading;
        if (reading === undefined) return;
        expect(Math.abs(reading.level.value)).toBeLessThanOrEqual(2.048);
        expect(Number.isFinite(reading.takenUs)).toBe(true);
      }),
    );
  });
});

describe('capturing that cannot start or go on', () => {
  test('takes over a buffer that a crashed program left on', async () => {
    plugAdc();
    sysfs.put(`${ADC}/buffer`, { enable: 1 });
    await open();
    expect(services.health('ai/a')).toEqual({ state: 'ok' });
  });

  test('waits for its trigger, and names those there are', async () => {
    plugAdc();
    sysfs.put(`${DEVICES}/trigger0`, { name: 'another' });
    await open();
    expect(services.health('ai/a')?.problem).toMatchObject({
      code: 'IO_NOT_PRESENT',
      message: expect.stringContaining('there is another'),
    });
    sysfs.put(`${DEVICES}/trigger0`, { name: 'timer' });
    await services.until('ai/a', 'ok');
  });

  test('says when a device captures one channel at a time', async () => {
    plugAdc({ oneAtATime: true });
    await open({ a: single, b: { ...single, channel: 'voltage1' } });
    expect(services.health('ai/a')).toMatchObject({
      state: 'down',
      problem: { code: 'IO_UNSUPPORTED', message: 'IIO adc cannot capture voltage0 and voltage1 together.' },
    });
    await open();
    expect(services.health('ai/a')).toEqual({ state: 'ok' });
  });

  test('starts again for all channels when the device has gone', async () => {
    plugAdc();
    await open({ a: single, b: { ...single, channel: 'voltage1' } });
    services.descriptors.only.onEnd(new Error('ENODEV'));
    for (const key of ['ai/a', 'ai/b'] as const) {
      expect(services.health(key)).toMatchObject({ state: 'down', problem: { code: 'IO_GONE' } });
    }
    await services.until('ai/a', 'ok');
    await services.until('ai/b', 'ok');
    expect(services.descriptors.watched.size).toBe(1);
  });

  test('is noticed although the kernel says nothing of it', async () => {
    plugAdc();
    await open();
    sysfs.put(`${ADC}/buffer`, { enable: 0 }); // another program
    await services.until('ai/a', 'down');
    await services.until('ai/a', 'ok');
    expect(sysfs.text(`${ADC}/buffer/enable`)).toBe('1');
  });

  test.each([
    ['two triggers for one device', { a: single, b: { ...single, channel: 'voltage1', trigger: 'other' } }],
    ['a channel twice', { a: single, b: single }],
  ])('is refused with %s', async (_what, ai) => {
    plugAdc();
    await expect(open(ai)).rejects.toMatchObject({ code: 'IO_CONFIG_INVALID' });
  });
});
