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

const VALVE = 'do/valve';
const PUMP = 'do/pump';
const channels = [digital(VALVE), digital(PUMP)];
const both = [VALVE, PUMP].map((key) => ({ key: key as typeof VALVE, command: level(1) }));

describe('a lease', () => {
  test('covers all outputs of its write, and ends for all of them', async () => {
    const one = await open({ channels });
    const views = await one.board.write(both, { durationMs: 500 });
    const [lease] = one.board.leases();
    expect(lease).toMatchObject({
      circuits: [VALVE, PUMP],
      durationMs: 500,
      remainingMs: 500,
      isHeld: false,
    });
    expect(views.map(({ output }) => output?.lease?.id)).toEqual([lease?.id, lease?.id]);
    expect(lease?.id).toMatch(/^[0-9a-f-]{36}$/);
    one.hardware.calls.length = 0;
    await one.clock.advance(500);
    expect(one.hardware.calls).toEqual(['write do/valve=0 do/pump=0']);
    expect(one.events.filter(({ cause }) => cause === 'lease-end')).toMatchObject([
      { key: VALVE, value: 0, lease: lease?.id },
      { key: PUMP, value: 0, lease: lease?.id },
    ]);
    expect(one.board.leases()).toEqual([]);
  });

  test('begins anew when it is renewed', async () => {
    const one = await open({ channels });
    await one.board.write(both, { durationMs: 500 });
    const id = one.board.leases()[0]?.id ?? '';
    for (let count = 0; count < 5; count += 1) {
      await one.clock.advance(400);
      expect(one.board.renewLease(id).remainingMs).toBe(500);
    }
    expect(one.hardware.value(VALVE)).toBe(1);
    await one.clock.advance(500);
    expect(one.hardware.value(VALVE)).toBe(0);
    expect(() => one.board.renewLease(id)).toThrow(expect.objectContaining({ code: 'LEASE_NOT_FOUND' }));
    expect(() => one.board.holdLease(id)).toThrow(expect.objectContaining({ code: 'LEASE_NOT_FOUND' }));
    await expect(one.board.endLease(id)).rejects.toMatchObject({ code: 'LEASE_NOT_FOUND' });
  });

  test('does not run out while anybody holds it', async () => {
    const one = await open({ channels });
    await one.board.write(both, { durationMs: 500 });
    const id = one.board.leases()[0]?.id ?? '';
    const [first, second] = [one.board.holdLease(id), one.board.holdLease(id)];
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    await one.clock.advance(10_000);
    expect(one.board.leases()).toMatchObject([{ isHeld: true, remainingMs: 500 }]);
    second[Symbol.dispose]();
    await one.clock.advance(499);
    expect(one.hardware.value(VALVE)).toBe(1);
    await one.clock.advance(1);
    expect(one.hardware.value(VALVE)).toBe(0);
  });

  test('loses an output that is written again, and is gone with the last', async () => {
    const one = await open({ channels });
    await one.board.write(both, { durationMs: 500 });
    await one.board.write([{ key: VALVE, command: level(1) }]);
    expect(one.board.leases()).toMatchObject([{ circuits: [PUMP] }]);
    await one.clock.advance(500);
    expect([one.hardware.value(VALVE), one.hardware.value(PUMP)]).toEqual([1, 0]);
    await one.board.write([{ key: PUMP, command: level(1) }], { durationMs: 500 });
    await one.board.write([{ key: PUMP, command: level(1) }], { durationMs: 600 });
    expect(one.board.leases()).toMatchObject([{ durationMs: 600 }]);
  });

  test('that is ended has its outputs safe when that is told', async () => {
    const one = await open({ channels });
    await one.board.write(both, { durationMs: 500 });
    await one.board.endLease(one.board.leases()[0]?.id ?? '');
    expect([one.hardware.value(VALVE), one.hardware.value(PUMP)]).toEqual([0, 0]);
  });

  test('that ends while the hardware fails says so, and the outputs are safe later', async () => {
    const one = await open({ channels });
    await one.board.write(both, { durationMs: 500 });
    one.hardware.writeFault = 'no-effect';
    await expect(one.board.endLease(one.board.leases()[0]?.id ?? '')).rejects.toMatchObject({
      code: 'IO_FAILED',
    });
    one.hardware.writeFault = undefined;
    await one.clock.advance(500);
    expect([one.hardware.value(VALVE), one.hardware.value(PUMP)]).toEqual([0, 0]);
    expect(one.causes(PUMP).slice(-2)).toEqual(['fault', 'lease-end']);
  });

  test.each([49, 3_600_001, Number.NaN])('of %d ms is refused', async (durationMs) => {
    const { board } = await open({ channels });
    await expect(board.write(both, { durationMs })).rejects.toMatchObject({ code: 'CIRCUIT_VALUE_INVALID' });
  });

  test('is refused for an output that has no safe value', async () => {
    const one = await open({ channels, settings: { do: { pump: { safe: 'keep' } } } });
    await expect(one.board.write(both, { durationMs: 500 })).rejects.toMatchObject({
      code: 'CIRCUIT_VALUE_INVALID',
      message: expect.stringContaining(PUMP),
    });
    expect(one.hardware.value(VALVE)).toBe(0);
  });

  test('of a write that failed is none', async () => {
    const one = await open({ channels });
    one.hardware.writeFault = 'with-effect';
    await expect(one.board.write(both, { durationMs: 500 })).rejects.toMatchObject({ code: 'IO_FAILED' });
    expect(one.board.leases()).toEqual([]);
  });

  test('covers what succeeded when another bus failed, so that it ends by itself', async () => {
    const one = await open({ channels: [digital(VALVE), digital(PUMP, { bus: 'far' })] });
    one.hardware.writeFault = 'with-effect';
    one.hardware.faulty = PUMP;
    const failed = one.board.write(both, { durationMs: 500 });
    await expect(failed).rejects.toMatchObject({ code: 'IO_FAILED' });
    one.hardware.writeFault = undefined;
    expect(one.board.leases()).toMatchObject([{ circuits: [VALVE] }]);
    expect(one.hardware.value(VALVE)).toBe(1);
    await one.clock.advance(1000);
    expect([one.hardware.value(VALVE), one.hardware.value(PUMP)]).toEqual([0, 0]);
  });

  test('is one of a thousand at the most', async () => {
    const many = Array.from({ length: 1001 }, (_, index) => digital(`do/${index}`));
    const one = await open({ channels: many });
    for (const { circuit } of many.slice(0, 1000)) {
      await one.board.write([{ key: `do/${circuit}`, command: level(1) }], { durationMs: 3_600_000 });
    }
    const over = one.board.write([{ key: 'do/1000', command: level(1) }], { durationMs: 500 });
    await expect(over).rejects.toMatchObject({ code: 'IO_OVERLOADED' });
    expect(one.hardware.value('do/1000')).toBe(0);
  });
});

describe('events', () => {
  test('are numbered, and a listener that throws does not stop the others', async () => {
    const one = await open({ channels });
    const seen: number[] = [];
    one.board.onEvent(() => {
      throw new Error('mine');
    });
    const listening = one.board.onEvent(({ number }) => seen.push(number));
    await one.board.write(both);
    await settle();
    expect(seen.length).toBeGreaterThanOrEqual(2);
    expect(seen).toEqual(seen.map((_, index) => (seen[0] ?? 0) + index));
    expect(one.logged).toContain('a listener to I/O events failed');
    listening[Symbol.dispose]();
    const count = seen.length;
    await one.board.write([{ key: VALVE, command: level(0) }]);
    expect(seen).toHaveLength(count);
  });

  test('begin with number 1', async () => {
    const one = await open({ channels: [analog('ai/level')], isUp: false });
    one.hardware.setHealth(['ai/level'], 'ok');
    await settle();
    expect(one.events.map(({ number, cause }) => [number, cause])).toEqual([
      [1, 'health'],
      [2, 'reading'],
    ]);
  });
});
