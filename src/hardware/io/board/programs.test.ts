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

const LAMP = 'led/lamp';
const HEATER = 'ao/heater';
const steps = [
  { value: 1, durationMs: 30 },
  { value: 0, durationMs: 20 },
];

/** The level at every change, with its time in milliseconds since the recording began. */
function record({ hardware, clock }: MemoryBoard): [number, number | undefined][] {
  const changes: [number, number | undefined][] = [];
  const startUs = clock.monotonicUs();
  hardware.onChange = (key) => changes.push([(clock.monotonicUs() - startUs) / 1000, hardware.value(key)]);
  return changes;
}

describe('a pulse', () => {
  test('is on for its time, then off', async () => {
    const one = await open({ channels: [digital(LAMP)] });
    const changes = record(one);
    const pulse = { kind: 'pulse', value: 1, durationMs: 100 } as const;
    const [view] = await one.board.write([{ key: LAMP, command: pulse }]);
    expect(view).toMatchObject({ value: 1, output: { running: 'pulse' } });
    await one.clock.advance(200);
    expect(changes).toEqual([
      [0, 1],
      [100, 0],
    ]);
    expect(one.board.find('led', 'lamp').output).not.toHaveProperty('running');
    expect(one.causes(LAMP).slice(-2)).toEqual(['command', 'pulse-end']);
  });

  test('that comes again is prolonged without a gap', async () => {
    const one = await open({ channels: [digital(LAMP)] });
    const changes = record(one);
    for (let count = 0; count < 3; count += 1) {
      await one.board.write([{ key: LAMP, command: { kind: 'pulse', value: 1, durationMs: 100 } }]);
      await one.clock.advance(60);
    }
    await one.clock.advance(200);
    expect(changes.filter(([, value]) => value === 0)).toEqual([[220, 0]]);
  });

  test('of an analog output ends at the safe value', async () => {
    const one = await open({ channels: [analog(HEATER)], settings: { ao: { heater: { safe: 2 } } } });
    await one.board.write([{ key: HEATER, command: { kind: 'pulse', value: 7, durationMs: 100 } }]);
    expect(one.hardware.value(HEATER)).toBe(7);
    await one.clock.advance(100);
    expect(one.hardware.value(HEATER)).toBe(2);
  });
});

describe('a sequence', () => {
  test('runs its steps as often as asked, at their times, and ends at the safe value', async () => {
    const one = await open({ channels: [digital(LAMP)] });
    const changes = record(one);
    await one.board.write([{ key: LAMP, command: { kind: 'sequence', steps, repeat: 2 } }]);
    await one.clock.advance(300);
    expect(changes).toEqual([
      [0, 1],
      [30, 0],
      [50, 1],
      [80, 0],
    ]);
    expect(one.causes(LAMP).at(-1)).toBe('sequence-end');
    expect(one.board.find('led', 'lamp').output?.cause).toBe('safe');
  });

  test('leaves no step out where the hardware takes longer than a step', async () => {
    const one = await open({ channels: [digital(LAMP)] });
    const changes = record(one);
    one.hardware.callMs = 7;
    const fast = steps.map(({ value }) => ({ value, durationMs: 1 }));
    const writing = one.board.write([{ key: LAMP, command: { kind: 'sequence', steps: fast, repeat: 10 } }]);
    await one.during(writing, 1);
    await one.clock.advance(1000);
    const values = changes.map(([, value]) => value);
    expect(values).toEqual(Array.from({ length: 20 }, (_, place) => 1 - (place % 2)));
  });

  test('ends at its deadline where the hardware takes longer than a step', async () => {
    const one = await open({ channels: [digital(LAMP)] });
    const changes = record(one);
    one.hardware.callMs = 7;
    const fast = steps.map(({ value }) => ({ value, durationMs: 1 }));
    const command = { kind: 'sequence', steps: fast, repeat: 0, deadlineMs: 100 } as const;
    await one.during(one.board.write([{ key: LAMP, command }]), 1);
    await one.clock.advance(1000);
    const [lastMs = 0, value] = changes.at(-1) ?? [];
    expect(value).toBe(0);
    expect(lastMs).toBeLessThan(140);
  });

  test('goes by the clock while the hardware fails', async () => {
    const one = await open({ channels: [digital(LAMP)] });
    await one.board.write([{ key: LAMP, command: { kind: 'sequence', steps, repeat: 2 } }]);
    one.hardware.writeFault = 'no-effect';
    await one.clock.advance(110);
    expect(one.board.find('led', 'lamp').output).not.toHaveProperty('running');
  });

  test('without end runs until its deadline', async () => {
    const one = await open({ channels: [digital(LAMP)] });
    const changes = record(one);
    const command = { kind: 'sequence', steps, repeat: 0, deadlineMs: 60 } as const;
    await one.board.write([{ key: LAMP, command }]);
    await one.clock.advance(300);
    expect(changes.at(-1)).toEqual([60, 0]);
  });

  test('of an output without a safe value ends at its last value', async () => {
    const one = await open({ channels: [digital(LAMP)], settings: { led: { lamp: { safe: 'keep' } } } });
    const command = { kind: 'sequence', steps: [...steps].reverse(), repeat: 1 } as const;
    await one.board.write([{ key: LAMP, command }]);
    await one.clock.advance(300);
    expect(one.hardware.value(LAMP)).toBe(1);
  });

  test('ends with its lease', async () => {
    const one = await open({ channels: [digital(LAMP)] });
    const command = { kind: 'sequence', steps, repeat: 0 } as const;
    await one.board.write([{ key: LAMP, command }], { durationMs: 60 });
    await one.clock.advance(60);
    const changes = record(one);
    await one.clock.advance(300);
    expect([one.hardware.value(LAMP), changes]).toEqual([0, []]);
  });

  test('goes on when another command could not be written', async () => {
    const one = await open({ channels: [digital(LAMP)] });
    await one.board.write([{ key: LAMP, command: { kind: 'sequence', steps, repeat: 0 } }]);
    one.hardware.writeFault = 'no-effect';
    await expect(one.board.write([{ key: LAMP, command: level(0) }])).rejects.toMatchObject({
      code: 'IO_FAILED',
    });
    one.hardware.writeFault = undefined;
    const changes = record(one);
    await one.clock.advance(1000);
    expect(changes.length).toBeGreaterThan(30);
  });

  test('that only blinks is left to hardware that can, and ends with a write', async () => {
    const one = await open({ channels: [digital(LAMP, { features: { blink: true } })] });
    const command = { kind: 'sequence', steps, repeat: 0 } as const;
    const [view] = await one.board.write([{ key: LAMP, command }], { durationMs: 1000 });
    expect(view?.output?.running).toBe('sequence');
    expect(one.hardware.blinks.get(LAMP)).toEqual({ onMs: 30, offMs: 20 });
    const before = one.hardware.calls.length;
    await one.clock.advance(999);
    expect(one.hardware.calls).toHaveLength(before);
    await one.clock.advance(1);
    expect(one.hardware.blinks.has(LAMP)).toBe(false);
    expect(one.hardware.value(LAMP)).toBe(0);
  });

  test('that the hardware runs goes on after a command that failed', async () => {
    const one = await open({ channels: [digital(LAMP, { features: { blink: true } })] });
    await one.board.write([{ key: LAMP, command: { kind: 'sequence', steps, repeat: 0 } }]);
    one.hardware.writeFault = 'with-effect';
    await expect(one.board.write([{ key: LAMP, command: level(0) }])).rejects.toMatchObject({
      code: 'IO_FAILED',
    });
    await settle();
    expect(one.hardware.blinks.get(LAMP)).toEqual({ onMs: 30, offMs: 20 });
  });

  test('is cancelled to the safe value, with its lease', async () => {
    const one = await open({ channels: [digital(LAMP)] });
    await one.board.write([{ key: LAMP, command: { kind: 'sequence', steps, repeat: 0 } }], {
      durationMs: 1000,
    });
    const [view] = await one.board.write([{ key: LAMP, command: { kind: 'cancel' } }]);
    expect(view).toMatchObject({ value: 0, output: { cause: 'safe' } });
    expect(one.board.leases()).toEqual([]);
    expect(one.causes(LAMP).at(-1)).toBe('cancel');
  });

  test('is over even when its cancelling cannot be written', async () => {
    const one = await open({ channels: [digital(LAMP)] });
    await one.board.write([{ key: LAMP, command: level(1) }]);
    one.hardware.writeFault = 'no-effect';
    const cancel = one.board.write([{ key: LAMP, command: { kind: 'cancel' } }]);
    await expect(cancel).rejects.toMatchObject({ code: 'IO_FAILED' });
    one.hardware.writeFault = undefined;
    await one.clock.advance(500);
    expect(one.hardware.value(LAMP)).toBe(0);
  });
});

describe('an analog output that must change slowly', () => {
  const ramped = { channels: [analog(HEATER)], settings: { ao: { heater: { slewPerSecond: 10, safe: 1 } } } };

  test('approaches what is written at its rate, from where it is', async () => {
    const one = await open(ramped);
    await one.clock.advance(1000);
    expect(one.hardware.value(HEATER)).toBe(1);
    const changes = record(one);
    await one.board.write([{ key: HEATER, command: level(3) }]);
    await one.clock.advance(1000);
    expect(changes.at(-1)?.[1]).toBe(3);
    for (const [ms, value = 0] of changes) expect(value).toBeLessThanOrEqual(1 + 0.2 + ms / 100 + 1e-9);
    expect(changes.length).toBeGreaterThanOrEqual(10);
    expect(changes.at(-1)?.[0]).toBe(180);
  });

  test('approaches its safe value at its rate too, but at once when the service stops', async () => {
    const one = await open(ramped);
    await one.clock.advance(1000);
    await one.board.write([{ key: HEATER, command: level(5) }], { durationMs: 1000 });
    await one.clock.advance(1000);
    expect(one.hardware.value(HEATER)).toBeGreaterThan(4.5);
    await one.clock.advance(1000);
    expect(one.hardware.value(HEATER)).toBe(1);
    await one.board.write([{ key: HEATER, command: level(5) }]);
    await one.clock.advance(1000);
    const changes = record(one);
    await one.during(Promise.resolve(one.board[Symbol.asyncDispose]()));
    expect(changes).toEqual([[0, 1]]);
  });

  test('gets there on a bus where others fail and calls take their time', async () => {
    const one = await open({ ...ramped, channels: [analog(HEATER), digital(LAMP)] });
    one.hardware.callMs = 15;
    one.hardware.writeFault = 'no-effect';
    one.hardware.faulty = LAMP;
    one.hardware.setHealth([LAMP], 'down');
    one.hardware.setHealth([LAMP], 'ok');
    const written = one.board.write([{ key: HEATER, command: level(6) }]);
    await one.during(written, 10);
    await one.clock.advance(10_000);
    expect(one.hardware.value(HEATER)).toBe(6);
  });

  test('begins at what the hardware has when it returns', async () => {
    const one = await open({ ...ramped, isUp: false });
    one.hardware.levels.set(HEATER, { value: 9 });
    const changes = record(one);
    one.hardware.setHealth([HEATER], 'ok');
    await one.clock.advance(2000);
    expect(changes[0]?.[1]).toBeCloseTo(8.8);
    expect(changes.at(-1)?.[1]).toBe(1);
  });
});
