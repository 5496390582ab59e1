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

const level = (value: number) => ({ kind: 'level', level: { value } }) as const;

const UP = 'do/up';
const DOWN = 'do/down';
const channels = [digital(UP), digital(DOWN, { bus: 'other' }), digital('di/gate')];
const interlocks = { motor: [UP, DOWN] };
const held = { code: 'INTERLOCK_HELD', message: expect.stringContaining('motor') };

describe('an interlock group', () => {
  test('lets one output be on, and names the other', async () => {
    const { board, hardware } = await open({ channels, interlocks });
    await board.write([{ key: UP, command: level(1) }]);
    await expect(board.write([{ key: DOWN, command: level(1) }])).rejects.toMatchObject({
      ...held,
      message: expect.stringContaining(UP),
    });
    expect(hardware.value(DOWN)).toBe(0);
    expect(board.find('do', 'up').output?.interlocks).toEqual(['motor']);
  });

  test('changes over in one request: off and seen off, then on', async () => {
    const one = await open({ channels, interlocks });
    await one.board.write([{ key: UP, command: level(1) }]);
    one.hardware.calls.length = 0;
    const change = [
      { key: DOWN, command: level(1) },
      { key: UP, command: level(0) },
    ] as const;
    const [down, up] = await one.board.write(change);
    expect([down?.value, up?.value]).toEqual([1, 0]);
    expect(one.hardware.calls).toEqual(['write do/up=0', 'write do/down=1']);
  });

  test('does not change over when the first does not go off', async () => {
    const one = await open({ channels, interlocks });
    await one.board.write([{ key: UP, command: level(1) }]);
    one.hardware.onChange = (key) => key === UP && one.hardware.levels.set(UP, { value: 1 }); // welded
    const change = [UP, DOWN].map((key) => ({ key: key as typeof UP, command: level(key === UP ? 0 : 1) }));
    await expect(one.board.write(change)).rejects.toMatchObject(held);
    expect(one.hardware.value(DOWN)).toBe(0);
  });

  test('does not change over when switching off fails', async () => {
    const one = await open({ channels, interlocks });
    await one.board.write([{ key: UP, command: level(1) }]);
    one.hardware.writeFault = 'with-effect';
    const change = [UP, DOWN].map((key) => ({ key: key as typeof UP, command: level(key === UP ? 0 : 1) }));
    await expect(one.board.write(change)).rejects.toMatchObject({ code: 'IO_FAILED' });
    one.hardware.writeFault = undefined;
    await one.clock.advance(500);
    expect([one.hardware.value(UP), one.hardware.value(DOWN)]).toEqual([1, 0]);
  });

  test('is held by a sequence in its pauses, and by two in one request', async () => {
    const { board, clock } = await open({ channels, interlocks });
    const steps = [
      { value: 0, durationMs: 500 },
      { value: 1, durationMs: 500 },
    ];
    await board.write([{ key: UP, command: { kind: 'sequence', steps, repeat: 1 } }]);
    await expect(board.write([{ key: DOWN, command: level(1) }])).rejects.toMatchObject(held);
    await clock.advance(1000);
    await board.write([{ key: DOWN, command: level(1) }]);
    const two = [UP, DOWN].map((key) => ({ key: key as typeof UP, command: level(1) }));
    await expect(board.write(two)).rejects.toMatchObject(held);
  });

  test('is held by an output that is away', async () => {
    const { board, hardware } = await open({ channels, interlocks });
    hardware.setHealth([UP], 'down');
    await expect(board.write([{ key: DOWN, command: level(1) }])).rejects.toMatchObject(held);
    hardware.setHealth([UP], 'ok');
    await settle();
    await board.write([{ key: DOWN, command: level(1) }]);
    expect(hardware.value(DOWN)).toBe(1);
  });

  test('is held while another request is switching on', async () => {
    const one = await open({ channels, interlocks });
    one.hardware.callMs = 10;
    const first = one.board.write([{ key: UP, command: level(1) }]);
    await settle();
    await expect(one.board.write([{ key: DOWN, command: level(1) }])).rejects.toMatchObject(held);
    await one.during(first, 10);
  });

  test('withholds a safe value that is on until the other is off', async () => {
    const one = await open({ channels, interlocks, settings: { do: { up: { safe: 1 } } } });
    expect(one.hardware.initialLevel(UP)).toEqual({ value: 0 });
    expect(one.hardware.value(UP)).toBe(1);
    await one.board.write([{ key: UP, command: level(0) }], { durationMs: 500 });
    await one.board.write([{ key: DOWN, command: level(1) }]);
    await one.clock.advance(1000);
    expect([one.hardware.value(UP), one.hardware.value(DOWN)]).toEqual([0, 1]);
    await one.board.write([{ key: DOWN, command: level(0) }]);
    await settle();
    await settle();
    expect([one.hardware.value(UP), one.hardware.value(DOWN)]).toEqual([1, 0]);
  });

  test('is obeyed by an input that switches', async () => {
    const one = await open({ channels, interlocks, settings: { di: { gate: { directSwitch: DOWN } } } });
    await one.board.write([{ key: UP, command: level(1) }]);
    one.hardware.edge('di/gate', 'rising');
    await settle();
    expect(one.hardware.value(DOWN)).toBe(0);
    expect(one.events.find(({ cause }) => cause === 'fault')).toMatchObject({
      key: DOWN,
      health: { state: 'ok', problem: { code: 'INTERLOCK_HELD' } },
    });
  });
});

test('an analog output belongs to none', async () => {
  const wrong = open({ channels: [analog('ao/up'), ...channels], interlocks: { motor: ['ao/up'] } });
  await expect(wrong).rejects.toMatchObject({ code: 'IO_CONFIG_INVALID' });
});
