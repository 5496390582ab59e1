import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import type { CircuitKey, Level } from '../../src/hardware/io/circuit.ts';
import { DescriptorThread } from '../../src/hardware/io/descriptors/index.ts';
import type { IoDriver } from '../../src/hardware/io/driver.ts';
import { GpioConfig } from '../../src/hardware/io/drivers/gpio/config.ts';
import { discoverGpio, openGpio } from '../../src/hardware/io/drivers/gpio/index.ts';
import { GpioSysfsConfig } from '../../src/hardware/io/drivers/gpio-sysfs/config.ts';
import { openGpioSysfs } from '../../src/hardware/io/drivers/gpio-sysfs/index.ts';
import { driverServices, RecordingListener } from '../contracts/recording-listener.ts';
import { configured } from '../support/configured.ts';
import { eventually } from '../support/service.ts';
import { burstOf1000Edges } from './support/edge-burst.ts';
import { GpioTrace } from './support/gpio-trace.ts';
import { isInLab, useLab } from './support/lab.ts';
import { LineHolder } from './support/line-holder.ts';
import { SimulatedChip } from './support/simulated-chip.ts';

const LABEL = 'gpio-test';
const call = { signal: new AbortController().signal };

/** Lines of the kernel's gpio-sim, driven by the drivers alone, without the service around them. */
describe.skipIf(!isInLab)('GPIO lines (gpio-sim)', () => {
  const lab = useLab(() => ({}));
  let descriptors: DescriptorThread;
  let listener = new RecordingListener();
  let levels = new Map<CircuitKey, Level>();
  let chip: SimulatedChip;

  beforeAll(() => {
    descriptors = new DescriptorThread();
  });
  afterAll(() => descriptors[Symbol.asyncDispose]());
  beforeEach(() => {
    const made = new SimulatedChip(LABEL, ['DOOR', 'MOTION', 'RELAY', 'LAMP', 'HEATER', 'IRCUT']);
    lab.defer(async () => made[Symbol.dispose]());
    chip = made;
    listener = new RecordingListener();
    levels = new Map();
  });

  const own = () => driverServices(listener, { descriptors, initialLevel: (key) => levels.get(key) });
  const isOk = (key: CircuitKey) => listener.healthOf(key)?.state === 'ok';
  const untilOk = (...keys: CircuitKey[]) =>
    eventually(
      () => keys.map((key) => listener.healthOf(key)),
      () => keys.every(isOk),
      `${keys.join(', ')} being ok`,
    );
  const untilEdges = (key: CircuitKey, count: number) =>
    eventually(
      () => listener.edgesOf(key).length,
      (seen) => seen >= count,
      `${count} edges of ${key}`,
    );
  const start = async (config: object): Promise<IoDriver> => {
    const complete = configured(GpioConfig, { kind: 'gpio', chip: LABEL, ...config });
    const driver = await openGpio('test', complete, own());
    lab.defer(async () => driver[Symbol.asyncDispose]());
    return driver;
  };
  /** How gpioinfo describes a line, in one line of single blanks. */
  const info = async (offset: number): Promise<string> => {
    const lines = (await lab.run('gpioinfo', LABEL)).split('\n');
    return (lines[offset + 1] ?? '').trim().replace(/\s+/g, ' ');
  };
  /** Another program holds a line, until it is told to end or the test has ended. */
  const hold = async (offset: number): Promise<LineHolder> => {
    const holder = await LineHolder.start(LABEL, offset);
    lab.defer(() => holder[Symbol.asyncDispose]());
    return holder;
  };

  test('are requested with direction, bias, polarity and drive, and released at the end', async () => {
    levels.set('do/lamp', { value: 0 });
    levels.set('do/relay', { value: 1 });
    const driver = await start({
      di: {
        door: { name: 'DOOR', bias: 'pull-up', activeLow: true },
        motion: { offset: 1, bias: 'pull-down' },
      },
      do: { relay: { offset: 2 }, lamp: { offset: 3, drive: 'open-drain', bias: 'pull-up' } },
    });
    await untilOk('di/door', 'di/motion', 'do/relay', 'do/lamp');
    expect(await info(0)).toBe('line 0: "DOOR" "vidicon" input active-low [used pull-up]');
    expect(await info(1)).toBe('line 1: "MOTION" "vidicon" input active-high [used pull-down]');
    expect(await info(3)).toContain('"vidicon" output active-high [used open-drain pull-up]');
    expect(chip.pulled(0)).toBe('pull-up');
    expect((await driver.read('di/door', call)).level.value).toBe(0);
    expect([chip.value(2), chip.value(3)]).toEqual([1, 0]);
    await driver[Symbol.asyncDispose]();
    for (const offset of [0, 1, 2, 3]) expect(await info(offset)).toContain('unused');
    expect(chip.value(2)).toBe(0);
  });

  test('tell edges with the time of the kernel and its numbers', async () => {
    await start({ di: { door: { offset: 0 }, motion: { offset: 1, activeLow: true, clock: 'realtime' } } });
    await untilOk('di/door', 'di/motion');
    expect(listener.readingsOf('di/motion')[0]?.level).toEqual({ value: 1 });
    const beforeNs = process.hrtime.bigint();
    for (const level of [1, 0, 1] as const) {
      const seen = listener.edgesOf('di/door').length;
      chip.pull(0, level);
      await untilEdges('di/door', seen + 1);
    }
    const afterNs = process.hrtime.bigint();
    chip.pull(1, 1);
    await untilEdges('di/motion', 1);
    const edges = listener.edgesOf('di/door');
    expect(edges).toMatchObject([
      { edge: 'rising', lineSequence: 1, lost: 0, clock: 'monotonic' },
      { edge: 'falling', lineSequence: 2, lost: 0 },
      { edge: 'rising', lineSequence: 3, lost: 0 },
    ]);
    const times = [beforeNs, ...edges.map(({ timestampNs }) => timestampNs), afterNs];
    expect(times).toEqual([...times].sort((a, b) => Number(a - b)));
    const [motion] = listener.edgesOf('di/motion');
    expect(motion).toMatchObject({ edge: 'falling', lineSequence: 1, clock: 'realtime' });
    expect(Math.abs(Number(motion?.timestampNs) / 1e6 - Date.now())).toBeLessThan(600_000);
  });

  test('lose no edge of a burst of 1,000 that comes while the main thread is busy', async () => {
    await start({ di: { door: { offset: 0 } } });
    await untilOk('di/door');
    chip.pull(0, 1);
    await untilEdges('di/door', 1);
    burstOf1000Edges(chip, 0);
    await untilEdges('di/door', 1001);
    const seen = listener.edgesOf('di/door');
    expect(seen.map(({ lineSequence }) => lineSequence)).toEqual(seen.map((_, index) => index + 1));
    expect(seen.map(({ edge }) => edge)).toEqual(seen.map((_, i) => (i % 2 === 0 ? 'rising' : 'falling')));
    expect(seen.filter(({ lost }) => lost > 0)).toEqual([]);
    const times = seen.map(({ timestampNs }) => timestampNs);
    expect(times).toEqual([...times].sort((a, b) => Number(a - b)));
    lab.note(`1,000 edges in ${Number((times.at(-1) ?? 0n) - (times[1] ?? 0n)) / 1e6} ms`);
  });

  test('are debounced by the kernel, with a period that changes while they are held', async () => {
    const driver = await start({ di: { door: { offset: 0 }, motion: { offset: 1 } } });
    await untilOk('di/door', 'di/motion');
    await driver.configure('di/door', { debounce_us: 400_000 }, call);
    expect((await driver.read('di/door', call)).settings).toEqual({ debounce_us: 400_000 });
    expect((await driver.read('di/motion', call)).settings).toEqual({ debounce_us: 0 });
    for (const level of [1, 0, 1, 0, 1] as const) chip.pull(0, level);
    await untilEdges('di/door', 1);
    chip.pull(1, 1);
    await untilEdges('di/motion', 1);
    expect(listener.edgesOf('di/door')).toMatchObject([{ edge: 'rising', lost: 0 }]);
    await driver.configure('di/door', { debounce_us: 0 }, call);
    chip.pull(0, 0);
    await untilEdges('di/door', 2);
    expect(listener.edgesOf('di/door').at(-1)).toMatchObject({ edge: 'falling', lost: 0 });
    expect((await driver.read('di/door', call)).level.value).toBe(0);
  });

  test('are set without a glitch, and left alone until they are written where nothing is asked', async () => {
    const { base } = chip;
    levels.set('do/relay', { value: 1 });
    levels.set('do/heater', { value: 1 });
    const trace = new GpioTrace();
    lab.defer(async () => trace[Symbol.dispose]());
    const driver = await start({
      do: { relay: { offset: 2 }, lamp: { offset: 3 }, heater: { offset: 4, activeLow: true } },
    });
    await untilOk('do/relay', 'do/lamp', 'do/heater');
    expect([trace.levels(base + 2), trace.levels(base + 3), trace.levels(base + 4)]).toEqual([[1], [], [0]]);
    expect(await info(3)).toBe('line 3: "LAMP" "vidicon" input active-high [used]');
    await driver.write([{ key: 'do/lamp', level: { value: 1 } }], call);
    expect(trace.levels(base + 3)).not.toContain(0);
    expect(trace.levels(base + 2)).not.toContain(0);
    expect([2, 3, 4].map((offset) => chip.value(offset))).toEqual([1, 1, 0]);
    await driver.write(
      [
        { key: 'do/relay', level: { value: 0 } },
        { key: 'do/lamp', level: { value: 0 } },
        { key: 'do/heater', level: { value: 0 } },
      ],
      call,
    );
    expect([2, 3, 4].map((offset) => chip.value(offset))).toEqual([0, 0, 1]);
    expect((await driver.read('do/heater', call)).level.value).toBe(0);
  });

  test('that another program holds are told with its name, and taken when it ends', async () => {
    const holder = await hold(2);
    levels.set('do/relay', { value: 1 });
    const driver = await start({ do: { relay: { name: 'RELAY' }, lamp: { offset: 3 } } });
    await untilOk('do/lamp');
    const { problem } = listener.healthOf('do/relay') ?? {};
    expect(problem?.code).toBe('IO_BUSY');
    expect(problem?.message).toContain('held by gpioset');
    await expect(driver.read('do/relay', call)).rejects.toMatchObject({ code: 'IO_BUSY' });
    await holder[Symbol.asyncDispose]();
    await untilOk('do/relay');
    expect(chip.value(2)).toBe(1);
  });

  test('that are ours are busy for others', async () => {
    await start({ do: { relay: { offset: 2 } } });
    await untilOk('do/relay');
    const other = lab.spawn('gpioset', LABEL, '2=1');
    const [code] = (await once(other.child, 'exit')) as [number];
    expect(code).not.toBe(0);
  });

  test.each([
    ['inputs and outputs', { di: { door: { offset: 0 } }, do: { relay: { offset: 2 } } }],
    ['outputs alone', { do: { relay: { offset: 2 } } }],
  ])('of a chip that is pulled out are gone at once, and back with it: %s', async (_case, config) => {
    levels.set('do/relay', { value: 1 });
    const driver = await start(config);
    await untilOk('do/relay');
    const unpluggedUs = systemClock.monotonicUs();
    chip.unplug();
    await eventually(
      () =>
        driver.channels.map(({ type, circuit }) => listener.healthOf(`${type}/${circuit}`)?.problem?.code),
      (codes) => codes.every((code) => code === 'IO_GONE'),
      'all being gone',
    );
    lab.note(`noticed after ${systemClock.monotonicUs() - unpluggedUs} µs`);
    const write = driver.write([{ key: 'do/relay', level: { value: 0 } }], call);
    await expect(write).rejects.toMatchObject({ code: 'IO_GONE' });
    chip.plug();
    await untilOk('do/relay');
    expect(chip.value(2)).toBe(1);
    await driver.write([{ key: 'do/relay', level: { value: 0 } }], call);
    expect(chip.value(2)).toBe(0);
    if (driver.channels.length === 1) return;
    chip.pull(0, 1);
    await untilEdges('di/door', 1);
    expect(listener.edgesOf('di/door')).toMatchObject([{ edge: 'rising', lineSequence: 1, lost: 0 }]);
  });

  test('are found, with who holds them', async () => {
    await hold(2);
    const found = (await discoverGpio({ sys: '/sys', dev: '/dev' })).find(({ title }) =>
      title.includes(LABEL),
    );
    expect(found?.details[2]).toBe('2  RELAY  output  used by gpioset');
    expect(found?.suggestion).toMatchObject({
      name: LABEL,
      config: { chip: LABEL, di: { door: { name: 'DOOR' }, ircut: { name: 'IRCUT' } } },
    });
    expect(found?.suggestion?.config).not.toHaveProperty('di.relay');
  });

  test('work through sysfs as well, on kernels that offer it', async () => {
    const number = chip.base;
    levels.set('do/relay', { value: 1 });
    levels.set('do/heater', { value: 0 });
    const trace = new GpioTrace();
    lab.defer(async () => trace[Symbol.dispose]());
    const config = configured(GpioSysfsConfig, {
      kind: 'gpio-sysfs',
      di: { door: { gpio: number }, motion: { gpio: number + 1, activeLow: true } },
      do: { relay: { gpio: number + 2 }, heater: { gpio: number + 4, activeLow: true } },
    });
    const driver = await openGpioSysfs('test', config, own());
    lab.defer(async () => driver[Symbol.asyncDispose]());
    await untilOk('di/door', 'di/motion', 'do/relay', 'do/heater');
    expect([trace.levels(number + 2), trace.levels(number + 4)]).toEqual([[1], [1]]);
    expect(await info(0)).toContain('"sysfs" input');
    expect((await driver.read('di/motion', call)).level.value).toBe(1);
    for (const level of [1, 0] as const) {
      chip.pull(0, level);
      await eventually(
        () => listener.readingsOf('di/door').at(-1)?.level.value,
        (value) => value === level,
        `di/door at ${level}`,
      );
    }
    const writes = [
      { key: 'do/relay', level: { value: 0 } },
      { key: 'do/heater', level: { value: 1 } },
    ] as const;
    await driver.write(writes, call);
    expect([chip.value(2), chip.value(4)]).toEqual([0, 0]);
    expect((await driver.read('do/heater', call)).level.value).toBe(1);
    await driver[Symbol.asyncDispose]();
    expect(await info(0)).toContain('unused');
  });

  test('through sysfs are gone with their chip, and the service goes on', async () => {
    const config = configured(GpioSysfsConfig, { kind: 'gpio-sysfs', di: { door: { gpio: chip.base } } });
    const driver = await openGpioSysfs('test', config, own());
    lab.defer(async () => driver[Symbol.asyncDispose]());
    await untilOk('di/door');
    chip.unplug();
    await eventually(
      () => driver.read('di/door', call).then(String, () => listener.healthOf('di/door')?.state),
      (state) => state === 'down',
      'di/door being down',
    );
    chip.plug();
    await untilOk('di/door');
  });
});
