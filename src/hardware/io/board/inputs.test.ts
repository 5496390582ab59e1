import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { settle } from '../../../../test/support/fake-clock.ts';
import { MemoryBoard, type MemoryBoardOptions } from '../../../../test/support/memory-board.ts';
import { analog, digital } from '../../../../test/support/memory-driver.ts';

const opened: MemoryBoard[] = [];
async function open(options: MemoryBoardOptions): Promise<MemoryBoard> {
  const board = await MemoryBoard.open(options);
  opened.push(board);
  return board;
}
afterEach(async () => {
  for (const board of opened.splice(0)) await board[Symbol.asyncDispose]();
});

const GATE = 'di/gate';
const LAMP = 'do/lamp';
const LEVEL = 'ai/level';

describe('a digital input', () => {
  test('tells of edges with their stamps and the counter', async () => {
    const one = await open({ channels: [digital(GATE)] });
    one.hardware.edge(GATE, 'rising');
    one.hardware.edge(GATE, 'falling');
    expect(one.events.filter(({ cause }) => cause === 'edge')).toMatchObject([
      { value: 1, counter: 1, edge: { edge: 'rising', clock: 'monotonic', lineSequence: 1 } },
      { value: 0, counter: 1, edge: { edge: 'falling' } },
    ]);
    expect(one.board.find('di', 'gate')).toMatchObject({
      value: 0,
      settingValues: { counter: 1, counter_mode: 'Enabled', debounce: 0, debounce_us: 0, mode: 'Simple' },
      input: { isInverted: false, lostEdges: 0 },
    });
  });

  test('that is polled is read every 20 ms, never while a reading is under way', async () => {
    const polled = { delivery: 'polled' } as const;
    const one = await open({ channels: [digital(GATE, polled), digital('di/other', polled)] });
    one.hardware.levels.set(GATE, { value: 1 });
    await one.clock.advance(20);
    expect(one.events.at(-1)).toMatchObject({ key: GATE, cause: 'edge', edge: { clock: 'polled' } });
    let most = 0;
    let reads = 0;
    one.hardware.onRead = (running) => {
      most = Math.max(most, running);
      reads += 1;
    };
    one.hardware.callMs = 15;
    await one.clock.advance(3000);
    expect(most).toBe(1);
    expect(reads).toBeGreaterThan(150);
    expect(reads).toBeLessThanOrEqual(200);
  });

  test('debounces in software where nothing else does, as its settings say', async () => {
    const one = await open({ channels: [digital(GATE)], settings: { di: { gate: { debounceUs: 5000 } } } });
    one.hardware.edge(GATE, 'rising');
    await one.clock.advance(4);
    expect(one.board.find('di', 'gate').value).toBe(0);
    await one.clock.advance(1);
    expect(one.board.find('di', 'gate').value).toBe(1);
    const [view] = await one.board.write([{ key: GATE, settings: { debounce: 100 } }]);
    expect(view?.settingValues).toMatchObject({ debounce: 100, debounce_us: 10_000 });
    expect(one.causes(GATE).at(-1)).toBe('setting');
  });

  test('has its hardware debounce where that can, after every return too', async () => {
    const setting = {
      name: 'debounce_us',
      kind: 'integer',
      minimum: 0,
      maximum: 1e6,
      isWritable: true,
    } as const;
    const channel = digital(GATE, { features: { debounce: true }, settings: [setting] });
    const one = await open({ channels: [channel], settings: { di: { gate: { debounceUs: 700 } } } });
    const configured = 'configure di/gate {"debounce_us":700}';
    expect(one.hardware.calls).toEqual([configured]);
    one.hardware.setHealth([GATE], 'down');
    one.hardware.setHealth([GATE], 'ok');
    await settle();
    expect(one.hardware.calls).toEqual([configured, configured]);
    const [view] = await one.board.write([{ key: GATE, settings: { debounce: 20 } }]);
    expect(view?.settingValues).toMatchObject({ debounce: 20, debounce_us: 2000 });
    const tooLong = one.board.write([{ key: GATE, settings: { debounce: 10_001 } }]);
    await expect(tooLong).rejects.toMatchObject({ code: 'CIRCUIT_VALUE_INVALID' });
  });

  test('takes the one debounce field that has changed, and refuses two that differ', async () => {
    const one = await open({ channels: [digital(GATE)], settings: { di: { gate: { debounceUs: 5050 } } } });
    const write = (settings: Record<string, number>) => one.board.write([{ key: GATE, settings }]);
    const debounce = () => one.board.find('di', 'gate').settingValues['debounce_us'];
    await write({ debounce: 51, debounce_us: 5050 });
    expect(debounce()).toBe(5050);
    await write({ debounce: 51, debounce_us: 5060 });
    expect(debounce()).toBe(5060);
    await write({ debounce: 7, debounce_us: 5060 });
    expect(debounce()).toBe(700);
    await expect(write({ debounce: 8, debounce_us: 900 })).rejects.toMatchObject({
      code: 'CIRCUIT_VALUE_INVALID',
    });
  });

  test.each([
    [{ counter: -1 }, 'CIRCUIT_VALUE_INVALID'],
    [{ counter: 2 ** 32 }, 'CIRCUIT_VALUE_INVALID'],
    [{ counter: 1.5 }, 'CIRCUIT_VALUE_INVALID'],
    [{ counter_mode: 'On' }, 'CIRCUIT_VALUE_INVALID'],
    [{ mode: 'DirectSwitch' }, 'CIRCUIT_VALUE_INVALID'],
    [{ colour: 'red' }, 'CIRCUIT_FIELD_UNKNOWN'],
  ])('refuses %j', async (settings, code) => {
    const one = await open({ channels: [digital(GATE)] });
    await expect(one.board.write([{ key: GATE, settings }])).rejects.toMatchObject({ code });
  });

  test('begins anew when its hardware returns: what it did meanwhile is no edge', async () => {
    const one = await open({
      channels: [digital(GATE), digital(LAMP)],
      settings: { di: { gate: { directSwitch: LAMP } } },
    });
    one.hardware.edge(GATE, 'rising');
    one.hardware.edge(GATE, 'falling');
    await settle();
    one.hardware.setHealth([GATE], 'down');
    one.hardware.levels.set(GATE, { value: 1 });
    one.hardware.setHealth([GATE], 'ok');
    await one.clock.advance(100);
    expect(one.board.find('di', 'gate')).toMatchObject({ value: 1, settingValues: { counter: 1 } });
    expect(one.causes(GATE).slice(-2)).toEqual(['health', 'reading']);
    expect(one.hardware.value(LAMP)).toBe(0);
  });

  test('is heard on a bus that a silent driver holds', async () => {
    const one = await open({ channels: [digital(GATE), digital(LAMP)] });
    one.hardware.readFault = 'silent';
    const read = one.board.read([LAMP]).catch(() => undefined);
    one.hardware.edge(GATE, 'rising');
    expect(one.events.at(-1)).toMatchObject({ key: GATE, cause: 'edge' });
    one.hardware.readFault = undefined;
    await one.during(read);
  });
});

describe('counters', () => {
  let folder: string;
  const start = () => open({ channels: [digital(GATE)], folder });
  const remembered = () => JSON.parse(readFileSync(join(folder, 'counters.json'), 'utf8'));
  const prepare = (): void => {
    folder = mkdtempSync(join(tmpdir(), 'vidicon-counters-'));
  };
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('survive an orderly stop', async () => {
    prepare();
    const one = await start();
    one.hardware.edge(GATE, 'rising');
    await one.during(Promise.resolve(one.board[Symbol.asyncDispose]()));
    const next = await start();
    expect(next.board.find('di', 'gate').settingValues['counter']).toBe(1);
  });

  test('are written once a minute while they change', async () => {
    prepare();
    const one = await start();
    one.hardware.edge(GATE, 'rising');
    await one.clock.advance(59_999);
    expect(() => remembered()).toThrow();
    await one.clock.advance(1);
    await expect.poll(remembered).toEqual({ [GATE]: 1 });
  });

  test('that a client sets are on the disk when it is told so', async () => {
    prepare();
    const one = await start();
    const [view] = await one.board.write([{ key: GATE, settings: { counter: 1000 } }]);
    expect(remembered()).toEqual({ [GATE]: 1000 });
    expect(view?.settingValues['counter']).toBe(1000);
  });

  test('do not count while their mode is Disabled', async () => {
    prepare();
    const one = await start();
    await one.board.write([{ key: GATE, settings: { counter_mode: 'Disabled' } }]);
    one.hardware.edge(GATE, 'rising');
    expect(one.events.at(-1)).not.toHaveProperty('counter');
    expect(one.board.find('di', 'gate').settingValues['counter']).toBe(0);
  });
});

describe('DirectSwitch', () => {
  async function openSwitch(directSwitchMode: 'follow' | 'inverted' | 'toggle') {
    const settings = { di: { gate: { directSwitch: LAMP, directSwitchMode } } } as const;
    const one = await open({ channels: [digital(GATE), digital(LAMP)], settings });
    const press = async (edge: 'rising' | 'falling') => {
      one.hardware.edge(GATE, edge);
      await settle();
      return one.hardware.value(LAMP);
    };
    return { ...one, one, press };
  }

  test.each([
    ['follow', [1, 0, 1, 0]],
    ['inverted', [0, 1, 0, 1]],
    ['toggle', [1, 1, 0, 0]],
  ] as const)('%s', async (mode, expected) => {
    const { press, one } = await openSwitch(mode);
    expect(one.board.find('di', 'gate')).toMatchObject({
      settingValues: { mode: 'DirectSwitch' },
      input: { switches: LAMP },
    });
    const seen = [];
    for (const edge of ['rising', 'falling', 'rising', 'falling'] as const) seen.push(await press(edge));
    expect(seen).toEqual(expected);
    expect(one.board.find('do', 'lamp').output?.cause).toBe('direct-switch');
    expect(one.causes(LAMP).at(-1)).toBe('direct-switch');
  });

  test('is off in mode Simple', async () => {
    const { press, one } = await openSwitch('follow');
    await one.board.write([{ key: GATE, settings: { mode: 'Simple' } }]);
    expect(await press('rising')).toBe(0);
  });

  test('takes its output out of a lease', async () => {
    const { press, one } = await openSwitch('follow');
    await one.board.write([{ key: LAMP, command: { kind: 'level', level: { value: 0 } } }], {
      durationMs: 500,
    });
    expect(await press('rising')).toBe(1);
    expect(one.board.leases()).toEqual([]);
    await one.clock.advance(1000);
    expect(one.hardware.value(LAMP)).toBe(1);
  });
});

describe('an analog input', () => {
  test('is calibrated, and told of when it changes enough', async () => {
    const settings = { ai: { level: { scale: 2, deadband: 1, unit: 'bar' } } } as const;
    const one = await open({ channels: [analog(LEVEL)], settings });
    for (const value of [1, 1.2, 2]) one.hardware.set(LEVEL, value);
    expect(one.events.filter(({ cause }) => cause === 'reading').map(({ value }) => value)).toEqual([
      0, 2, 4,
    ]);
    expect(one.board.find('ai', 'level')).toMatchObject({ value: 4, unit: 'bar', isOverRange: false });
    one.hardware.set(LEVEL, 11);
    expect(one.board.find('ai', 'level')).toMatchObject({ value: 22, isOverRange: true });
  });

  test('has every sample of a reading filtered, tells once, and says so when one was over range', async () => {
    const settings = { ai: { level: { filter: 'average', filterLength: 4 } } } as const;
    const one = await open({ channels: [analog(LEVEL)], settings });
    const told = () => one.events.filter(({ cause }) => cause === 'reading').slice(1);
    const sample = (value: number, isOverRange = false) => ({ value, isOverRange });
    one.hardware.measure(LEVEL, [sample(4), sample(10, true), sample(2), sample(8)]);
    expect(told()).toMatchObject([{ value: 6, isOverRange: true }]);
    one.hardware.measure(LEVEL, [sample(6)]);
    expect(told().slice(1)).toMatchObject([{ value: 6.5, isOverRange: false }]);
    one.hardware.measure(LEVEL, []);
    expect(told()).toHaveLength(2);
    expect(one.board.find('ai', 'level').value).toBe(6.5);
    one.hardware.setHealth([LEVEL], 'down');
    one.hardware.setHealth([LEVEL], 'ok');
    one.hardware.levels.set(LEVEL, { value: 9 });
    one.hardware.measure(LEVEL, []);
    expect(told().slice(2)).toMatchObject([{ value: 6.25 }]); // the first after its return
  });

  test('that is polled is read at its own period', async () => {
    const channels = [analog(LEVEL, { delivery: 'polled' }), analog('ai/slow', { delivery: 'polled' })];
    const one = await open({ channels, settings: { ai: { level: { samplePeriodMs: 10 } } } });
    let reads = 0;
    one.hardware.onRead = () => {
      reads += 1;
    };
    await one.clock.advance(1000);
    expect(reads).toBe(101);
  });

  test('is asked when it is read, and has its age', async () => {
    const one = await open({ channels: [analog(LEVEL)] });
    one.hardware.levels.set(LEVEL, { value: 3 });
    await one.clock.advance(250);
    expect(one.board.find('ai', 'level')).toMatchObject({ value: 0, ageMs: 250, minimum: 0, maximum: 10 });
    expect(await one.board.read([LEVEL])).toMatchObject([{ value: 3, ageMs: 0 }]);
  });
});
