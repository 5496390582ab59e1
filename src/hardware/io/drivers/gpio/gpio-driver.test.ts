import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { driverServices, RecordingListener } from '../../../../../test/contracts/recording-listener.ts';
import { configured } from '../../../../../test/support/configured.ts';
import { FakeClock, settle } from '../../../../../test/support/fake-clock.ts';
import { FakeGpio, type FakeLine } from '../../../../../test/support/fake-gpio.ts';
import type { CircuitKey, Level } from '../../circuit.ts';
import type { IoDriver } from '../../driver.ts';
import { GpioConfig } from './config.ts';
import { findChips } from './found-chips.ts';
import { GpioDriver } from './gpio-driver.ts';

const NAMES = ['DOOR', 'MOTION', 'RELAY', 'LAMP', 'HEATER', 'TWIN', 'TWIN', 'SPARE'];
const call = { signal: new AbortController().signal };

let gpio: FakeGpio;
let clock: FakeClock;
let listener: RecordingListener;
let lines: FakeLine[];
let levels: Map<CircuitKey, Level>;
let open: IoDriver[];

beforeEach(() => {
  gpio = new FakeGpio();
  clock = new FakeClock();
  listener = new RecordingListener();
  lines = gpio.addChip('gpiochip0', 'board', NAMES);
  levels = new Map();
  open = [];
});
afterEach(async () => {
  for (const driver of open) await driver[Symbol.asyncDispose]();
  expect(gpio.openFds).toBe(0);
  expect(clock.pendingTimers).toBe(0);
});

function make(config: object): GpioDriver {
  const complete = configured(GpioConfig, { kind: 'gpio', chip: 'board', ...config });
  const services = driverServices(listener, {
    clock,
    descriptors: gpio,
    initialLevel: (key) => levels.get(key),
  });
  const driver = new GpioDriver('test', complete, services, gpio);
  open.push(driver);
  return driver;
}

function start(config: object): GpioDriver {
  const driver = make(config);
  driver.begin();
  return driver;
}

function line(offset: number): FakeLine {
  const found = lines[offset];
  if (found === undefined) throw new Error(`no line ${offset}`);
  return found;
}

const codeOf = (key: CircuitKey) => listener.healthOf(key)?.problem?.code;
const messageOf = (key: CircuitKey) => listener.healthOf(key)?.problem?.message;
const isOk = (key: CircuitKey) => listener.healthOf(key)?.state === 'ok';

describe('the configuration', () => {
  test.each([
    ['neither offset nor name', { di: { a: {} } }],
    ['offset and name', { di: { a: { offset: 1, name: 'MOTION' } } }],
    ['the same line twice', { di: { a: { offset: 1 } }, do: { b: { offset: 1 } } }],
    ['a clock without edges', { di: { a: { offset: 1, edges: false, clock: 'realtime' } } }],
  ])('with %s is refused', (_case, config) => {
    expect(() => make(config)).toThrow(expect.objectContaining({ code: 'IO_CONFIG_INVALID' }));
  });

  test.each(['gpiochip0', '/dev/gpiochip0', 'board'])('finds the chip by %s', (chip) => {
    start({ chip, di: { door: { offset: 0 } } });
    expect(isOk('di/door')).toBe(true);
    expect(line(0).consumer).toBe('vidicon');
  });

  test('a line that is named twice, missing or beyond the chip is down alone, and told why', () => {
    start({
      di: { a: { name: 'TWIN' }, b: { name: 'NONE' }, c: { offset: 99 }, door: { name: 'DOOR' } },
      do: { twice: { offset: 0 } },
    });
    expect(messageOf('di/a')).toBe(
      'gpiochip0 line TWIN is not there: lines 5, 6 have this name; configure one by offset.',
    );
    expect(codeOf('di/b')).toBe('IO_NOT_PRESENT');
    expect(messageOf('di/c')).toContain('the chip has 8 lines');
    expect(codeOf('do/twice')).toBe('IO_BUSY');
    expect(isOk('di/door')).toBe(true);
  });

  test('two chips of one label are told by name', () => {
    gpio.addChip('gpiochip7', 'board', ['X']);
    start({ di: { door: { offset: 0 } } });
    expect(messageOf('di/door')).toContain('gpiochip0 (board), gpiochip7 (board) have the same label');
  });
});

describe('outputs', () => {
  test('are taken hold of at their initial level and change together', async () => {
    levels.set('do/relay', { value: 1 });
    levels.set('ro/lamp', { value: 0 });
    const driver = start({
      do: { relay: { name: 'RELAY' }, heater: { offset: 4, activeLow: true } },
      ro: { lamp: { offset: 3 } },
    });
    levels.set('do/heater', { value: 0 });
    expect(line(2).history).toEqual([1]);
    expect(line(3).history).toEqual([0]);
    await driver.write([{ key: 'do/heater', level: { value: 0 } }], call);
    gpio.calls.length = 0;
    await driver.write(
      [
        { key: 'do/relay', level: { value: 0 } },
        { key: 'do/heater', level: { value: 1 } },
        { key: 'ro/lamp', level: { value: 1 } },
      ],
      call,
    );
    expect(gpio.calls).toEqual(['LINE_SET_VALUES']);
    expect([2, 3, 4].map((offset) => gpio.level(line(offset)))).toEqual([0, 1, 0]);
  });

  test('without an initial level are left as they are until they are written, and so are others', async () => {
    line(4).isOutput = true;
    line(4).driven = 1;
    levels.set('do/relay', { value: 1 });
    const driver = start({
      do: {
        relay: { offset: 2 },
        lamp: { offset: 3, activeLow: true, drive: 'open-drain' },
        heater: { offset: 4 },
      },
    });
    expect(line(3).isOutput).toBe(false);
    expect(line(4)).toMatchObject({ isOutput: true, driven: 1, history: [] });
    expect((await driver.read('do/heater', call)).level.value).toBe(1);
    await driver.write([{ key: 'do/lamp', level: { value: 1 } }], call);
    expect(line(3)).toMatchObject({ isOutput: true, driven: 0 });
    expect(line(3).history).not.toContain(1);
    expect(line(2).history).not.toContain(0);
    expect(line(4).history).toEqual([]);
    await driver.write([{ key: 'do/relay', level: { value: 0 } }], call);
    expect(line(2).driven).toBe(0);
    await driver.write([{ key: 'do/heater', level: { value: 0 } }], call);
    expect(line(2).history.slice(-2)).toEqual([0, 0]);
    expect(line(3).driven).toBe(0);
  });

  test('that are written with one that was left alone change together all the same', async () => {
    levels.set('do/relay', { value: 1 });
    levels.set('do/heater', { value: 1 });
    const driver = start({ do: { relay: { offset: 2 }, lamp: { offset: 3 }, heater: { offset: 4 } } });
    gpio.calls.length = 0;
    await driver.write(
      [
        { key: 'do/relay', level: { value: 0 } },
        { key: 'do/lamp', level: { value: 1 } },
        { key: 'do/heater', level: { value: 0 } },
      ],
      call,
    );
    expect(gpio.calls).toEqual(['LINE_SET_CONFIG', 'LINE_SET_VALUES']);
    expect(line(2).history).toEqual([1, 1, 0]); // the configuration sets lines one by one, the values together
    expect(line(4).history).toEqual([1, 1, 0]);
    expect(line(3).driven).toBe(1);
  });

  test('of one chip are one request as long as 64 lines and 10 attributes suffice', () => {
    lines = gpio.addChip(
      'gpiochip1',
      'wide',
      Array.from({ length: 70 }, () => ''),
    );
    const outputs = Array.from({ length: 70 }, (_, offset) => [`o${offset}`, { offset }]);
    start({ chip: 'wide', do: Object.fromEntries(outputs) });
    expect(gpio.calls).toEqual(['GET_LINE', 'GET_LINE']);
  });

  test('that are not held by us are refused to be written, and inputs always', async () => {
    line(2).consumer = 'gpioset';
    const driver = start({ di: { door: { offset: 0 } }, do: { relay: { offset: 2 }, lamp: { offset: 3 } } });
    const both = [
      { key: 'do/lamp', level: { value: 1 } },
      { key: 'do/relay', level: { value: 1 } },
    ] as const;
    await expect(driver.write(both, call)).rejects.toMatchObject({ code: 'IO_BUSY' });
    expect(line(3).history).toEqual([]);
    const input = [{ key: 'di/door', level: { value: 1 } }] as const;
    await expect(driver.write(input, call)).rejects.toMatchObject({ code: 'CIRCUIT_READ_ONLY' });
  });
});

describe('inputs', () => {
  test('tell their value at first, then every edge with its number and what was lost', () => {
    line(1).pull = 1;
    start({ di: { door: { offset: 0, clock: 'realtime' }, motion: { offset: 1, activeLow: true } } });
    expect(listener.readingsOf('di/door')[0]?.level).toEqual({ value: 0 });
    gpio.pull(line(0), 1, { timestampNs: 77n });
    gpio.pull(line(0), 0, { isLost: true });
    gpio.pull(line(0), 1, { isLost: true });
    gpio.pull(line(0), 0);
    gpio.pull(line(1), 0);
    expect(listener.edgesOf('di/door')).toMatchObject([
      { edge: 'rising', timestampNs: 77n, clock: 'realtime', lineSequence: 1, lost: 0 },
      { edge: 'falling', lineSequence: 4, lost: 2 },
    ]);
    expect(listener.edgesOf('di/motion')).toMatchObject([{ edge: 'rising', clock: 'monotonic' }]);
  });

  test('share a request while each can have a debounce period of its own', async () => {
    lines = gpio.addChip(
      'gpiochip1',
      'wide',
      Array.from({ length: 20 }, () => ''),
    );
    const inputs = Array.from({ length: 20 }, (_, offset) => [`i${offset}`, { offset }]);
    const driver = start({ chip: 'wide', di: Object.fromEntries(inputs) });
    expect(gpio.calls).toEqual(['GET_LINE', 'GET_LINE']);
    for (let offset = 0; offset < 20; offset += 1) {
      await driver.configure(`di/i${offset}`, { debounce_us: 1000 + offset }, call);
    }
    expect(lines.map(({ debounceUs }) => debounceUs)).toEqual(lines.map((_, offset) => 1000 + offset));
    expect(gpio.calls.slice(2).every((name) => name === 'LINE_SET_CONFIG')).toBe(true);
  });

  test('are debounced by the kernel, which has the last word', async () => {
    const driver = start({ di: { door: { offset: 0 }, motion: { offset: 1 } } });
    await driver.configure('di/door', { debounce_us: 5000 }, call);
    expect((await driver.read('di/door', call)).settings).toEqual({ debounce_us: 5000 });
    expect((await driver.read('di/motion', call)).settings).toEqual({ debounce_us: 0 });
    gpio.longestDebounceUs = 10_000;
    await expect(driver.configure('di/door', { debounce_us: 20_000 }, call)).rejects.toMatchObject({
      code: 'IO_UNSUPPORTED',
      message: 'gpiochip0 line 0 cannot debounce by 20000 µs.',
    });
    expect((await driver.read('di/door', call)).settings).toEqual({ debounce_us: 5000 });
    gpio.pull(line(0), 1);
    expect(listener.edgesOf('di/door')).toHaveLength(1);
  });

  test('that cannot do what is asked are down alone, and told what', () => {
    line(1).hasInterrupt = false;
    start({
      di: { door: { offset: 0 }, motion: { offset: 1 }, late: { offset: 7, clock: 'hte' } },
      do: { relay: { offset: 2 } },
    });
    expect(isOk('di/door')).toBe(true);
    expect(isOk('do/relay')).toBe(true);
    expect(messageOf('di/motion')).toContain('gpiochip0 line 1 cannot be an input, or report edges');
    expect(codeOf('di/late')).toBe('IO_UNSUPPORTED');
    expect(messageOf('di/late')).toContain('clock hte');
  });

  test('without edges need no interrupt and are polled', async () => {
    line(1).hasInterrupt = false;
    const driver = start({ di: { motion: { offset: 1, edges: false } } });
    expect(driver.channels[0]).toMatchObject({ delivery: 'polled', features: {}, settings: [] });
    line(1).pull = 1;
    expect((await driver.read('di/motion', call)).level.value).toBe(1);
  });
});

describe('a line that somebody else holds', () => {
  test('is down with the name of its consumer, and taken when it is free', async () => {
    line(2).consumer = 'gpioset';
    levels.set('do/relay', { value: 1 });
    start({ do: { relay: { offset: 2 }, lamp: { offset: 3 } } });
    expect(messageOf('do/relay')).toBe('gpiochip0 line 2 is held by gpioset; free it first.');
    expect(isOk('do/lamp')).toBe(true);
    line(2).consumer = undefined;
    await clock.advance(250);
    expect(isOk('do/relay')).toBe(true);
    expect(line(2).history).toEqual([1]);
  });

  test('is looked at less and less often, and told of once', async () => {
    line(2).consumer = 'kernel';
    start({ do: { relay: { offset: 2 } } });
    await clock.advance(60_000);
    expect(listener.healths).toHaveLength(1);
    line(2).consumer = undefined;
    await clock.advance(5000);
    expect(isOk('do/relay')).toBe(true);
  });
});

describe('a chip', () => {
  test('that is not there is looked for', async () => {
    start({ chip: 'adapter', di: { a: { offset: 0 } } });
    expect(messageOf('di/a')).toContain('no chip has this label; there is gpiochip0 (board)');
    gpio.addChip('gpiochip4', 'adapter', ['']);
    await clock.advance(250);
    expect(isOk('di/a')).toBe(true);
  });

  test('that may not be opened says what grants it', () => {
    gpio.denied.add('/dev/gpiochip0');
    start({ di: { a: { offset: 0 } } });
    expect(codeOf('di/a')).toBe('IO_DENIED');
    expect(messageOf('di/a')).toContain('gpio on most systems');
  });

  test.each([
    ['told by the kernel', true],
    ['found by asking', false],
  ])('that is pulled out is gone, %s, and taken again under another number', async (_case, isTold) => {
    levels.set('do/relay', { value: 0 });
    const driver = start({ di: { door: { offset: 0 } }, do: { relay: { offset: 2 } } });
    await driver.configure('di/door', { debounce_us: 700 }, call);
    gpio.removeChip('gpiochip0', isTold);
    if (!isTold) await clock.advance(1000);
    expect([codeOf('di/door'), codeOf('do/relay')]).toEqual(['IO_GONE', 'IO_GONE']);
    await expect(driver.read('di/door', call)).rejects.toMatchObject({ code: 'IO_GONE' });
    await settle();
    expect(gpio.openFds).toBe(0);
    await clock.advance(30_000);
    expect(codeOf('di/door')).toBe('IO_GONE');
    lines = gpio.addChip('gpiochip9', 'board', NAMES);
    levels.set('do/relay', { value: 1 });
    await clock.advance(5000);
    expect(isOk('do/relay')).toBe(true);
    expect(line(2).history).toEqual([1]);
    expect(line(0).debounceUs).toBe(700);
    gpio.pull(line(0), 1);
    expect(listener.edgesOf('di/door')).toMatchObject([{ lineSequence: 1, lost: 0 }]);
  });

  test('that is pulled out during a call is gone at once', async () => {
    const driver = start({ do: { relay: { offset: 2 } } });
    gpio.removeChip('gpiochip0', false);
    const write = driver.write([{ key: 'do/relay', level: { value: 1 } }], call);
    await expect(write).rejects.toMatchObject({ code: 'IO_GONE' });
    expect(codeOf('do/relay')).toBe('IO_GONE');
  });

  test('gets its lines back at disposal, idempotently', async () => {
    const driver = start({ di: { door: { offset: 0 } }, do: { relay: { offset: 2 } } });
    expect(gpio.watched).toBe(2);
    await driver[Symbol.asyncDispose]();
    await driver[Symbol.asyncDispose]();
    expect(lines.map(({ consumer }) => consumer)).toEqual(NAMES.map(() => undefined));
    expect(gpio.watched).toBe(0);
  });
});

describe('discovery', () => {
  test('lists chips and lines, and suggests free named ones as inputs', () => {
    line(2).consumer = 'gpioset';
    line(2).isOutput = true;
    gpio.addChip('gpiochip10', '', ['']);
    gpio.addChip('gpiochip2', 'odd label/x', ['constructor', '+5V out', '---']);
    const found = findChips(gpio, '/dev');
    expect(found.map(({ title }) => title)).toEqual([
      'gpiochip0  board  8 lines',
      'gpiochip2  odd label/x  3 lines',
      'gpiochip10    1 lines',
    ]);
    expect(found[0]?.details[2]).toBe('2  RELAY  output  used by gpioset');
    expect(found[0]?.details[3]).toBe('3  LAMP  input  free');
    expect(found[0]?.suggestion).toEqual({
      name: 'board',
      config: {
        kind: 'gpio',
        chip: 'board',
        di: {
          door: { name: 'DOOR' },
          motion: { name: 'MOTION' },
          lamp: { name: 'LAMP' },
          heater: { name: 'HEATER' },
          spare: { name: 'SPARE' },
        },
      },
    });
    expect(found[1]?.suggestion).toMatchObject({
      name: 'gpiochip2',
      config: {
        chip: 'gpiochip2',
        di: { constructor: { name: 'constructor' }, '5v_out': { name: '+5V out' }, unnamed: { name: '---' } },
      },
    });
    expect(found[2]?.suggestion).toBeUndefined();
    expect(gpio.openFds).toBe(0);
    for (const each of found) if (each.suggestion) configured(GpioConfig, each.suggestion.config);
  });

  test('tells of chips that may not be opened', () => {
    gpio.denied.add('/dev/gpiochip0');
    expect(findChips(gpio, '/dev')).toEqual([
      { title: 'a GPIO chip', details: [expect.stringContaining('may not be used by this user')] },
    ]);
  });
});
