import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { settle } from '../../../../test/support/fake-clock.ts';
import { MemoryBoard, type MemoryBoardOptions } from '../../../../test/support/memory-board.ts';
import { analog, digital } from '../../../../test/support/memory-driver.ts';
import type { CircuitKey } from '../circuit.ts';
import type { OutputCommand } from '../circuit-view.ts';
import { ioBusy } from '../errors.ts';

const opened: MemoryBoard[] = [];
async function open(options: MemoryBoardOptions): Promise<MemoryBoard> {
  const board = await MemoryBoard.open(options);
  opened.push(board);
  return board;
}
afterEach(async () => {
  for (const board of opened.splice(0)) await board[Symbol.asyncDispose]();
});

const VALVE = 'do/valve';
const PUMP = 'do/pump';
const HEATER = 'ao/heater';
const level = (value: number) => ({ kind: 'level', level: { value } }) as const;
const write = (key: CircuitKey, command: OutputCommand) => [{ key, command }];
const writesOf = ({ hardware }: MemoryBoard) => hardware.calls.filter((call) => call.startsWith('write'));

describe('writing', () => {
  test('answers what was read back from the hardware', async () => {
    const { board, hardware } = await open({ channels: [digital(VALVE)] });
    hardware.onChange = () => hardware.levels.set(VALVE, { value: 0 }); // stuck
    const [stuck] = await board.write(write(VALVE, level(1)));
    expect(stuck).toMatchObject({ value: 0, output: { cause: 'command' } });
    hardware.onChange = () => undefined;
    const [view] = await board.write(write(VALVE, level(1)));
    expect(view).toMatchObject({ value: 1, output: { cause: 'command', safe: 0, startUp: 0 } });
    expect(view).not.toHaveProperty('output.lease');
  });

  test('changes outputs of one bus in one call of the driver', async () => {
    const one = await open({ channels: [digital(VALVE), digital(PUMP), digital('do/far', { bus: 'far' })] });
    one.hardware.calls.length = 0;
    await one.board.write(
      [VALVE, PUMP, 'do/far'].map((key) => ({ key: key as CircuitKey, command: level(1) })),
    );
    expect(writesOf(one).sort()).toEqual(['write do/far=1', 'write do/valve=1 do/pump=1']);
  });

  test.each<[string, CircuitKey, OutputCommand, string]>([
    ['an unknown circuit', 'do/none', level(1), 'CIRCUIT_NOT_FOUND'],
    ['an input', 'di/gate', level(1), 'CIRCUIT_READ_ONLY'],
    ['a digital value that is none', VALVE, level(2), 'CIRCUIT_VALUE_INVALID'],
    ['an analog value out of range', HEATER, level(10.1), 'CIRCUIT_VALUE_INVALID'],
    ['a value that is no number', HEATER, level(Number.NaN), 'CIRCUIT_VALUE_INVALID'],
    ['a pulse of no time', VALVE, { kind: 'pulse', value: 1, durationMs: 0 }, 'CIRCUIT_VALUE_INVALID'],
    ['no steps', VALVE, { kind: 'sequence', steps: [], repeat: 0 }, 'CIRCUIT_VALUE_INVALID'],
    [
      'half a repetition',
      VALVE,
      { kind: 'sequence', steps: [{ value: 1, durationMs: 5 }], repeat: 0.5 },
      'CIRCUIT_VALUE_INVALID',
    ],
    [
      'pulse width where there is none',
      VALVE,
      { kind: 'level', level: { value: 1, pwm: { dutyPercent: 50, frequencyHz: 100 } } },
      'IO_UNSUPPORTED',
    ],
    [
      'a value against the duty cycle',
      PUMP,
      { kind: 'level', level: { value: 1, pwm: { dutyPercent: 0, frequencyHz: 100 } } },
      'CIRCUIT_VALUE_INVALID',
    ],
    [
      'a frequency out of range',
      PUMP,
      { kind: 'level', level: { value: 1, pwm: { dutyPercent: 1, frequencyHz: 1001 } } },
      'CIRCUIT_VALUE_INVALID',
    ],
    [
      'a pulse without an end',
      'ao/kept',
      { kind: 'pulse', value: 1, durationMs: 5 },
      'CIRCUIT_VALUE_INVALID',
    ],
  ])('%s is refused before anything is done', async (_what, key, command, code) => {
    const pwm = { minimumHz: 1, maximumHz: 1000 };
    const one = await open({
      channels: [
        digital('do/other'),
        digital(VALVE),
        digital(PUMP, { features: { pwm } }),
        digital('di/gate'),
        analog(HEATER),
        analog('ao/kept'),
      ],
      settings: { ao: { kept: { keep: true } } },
    });
    one.hardware.calls.length = 0;
    const writes = [{ key: 'do/other', command: level(1) } as const, { key, command }];
    await expect(one.board.write(writes)).rejects.toMatchObject({ code });
    expect(one.hardware.calls).toEqual([]);
  });

  test('one circuit twice in a request is refused', async () => {
    const { board } = await open({ channels: [digital(VALVE)] });
    const twice = [...write(VALVE, level(1)), ...write(VALVE, level(0))];
    await expect(board.write(twice)).rejects.toMatchObject({ code: 'CIRCUIT_VALUE_INVALID' });
  });

  test('requests to one output follow each other, and the last one stands', async () => {
    const one = await open({ channels: [digital(VALVE), digital(PUMP)] });
    one.hardware.callMs = 10;
    const answers = Promise.all([1, 0, 1, 0].map((value) => one.board.write(write(VALVE, level(value)))));
    expect((await one.during(answers, 10)).map(([view]) => view?.value)).toEqual([1, 0, 1, 0]);
    expect(one.hardware.value(VALVE)).toBe(0);
  });

  test('a failure gives back what was commanded before, and says which outputs it concerns', async () => {
    const one = await open({ channels: [digital(VALVE), digital(PUMP)] });
    await one.board.write(write(VALVE, level(1)));
    one.hardware.writeFault = 'with-effect';
    const both = [...write(VALVE, level(0)), ...write(PUMP, level(1))];
    await expect(one.board.write(both)).rejects.toMatchObject({
      code: 'IO_FAILED',
      message: expect.stringContaining('do/valve, do/pump: '),
    });
    one.hardware.writeFault = undefined;
    await one.clock.advance(200);
    expect([one.hardware.value(VALVE), one.hardware.value(PUMP)]).toEqual([1, 0]);
    expect(one.causes(PUMP)).toContain('fault');
    expect(one.board.find('do', 'valve').output?.cause).toBe('command');
  });

  test('what could not be restored is tried again until it is', async () => {
    const one = await open({ channels: [digital(VALVE)] });
    one.hardware.writeFault = 'with-effect';
    one.hardware.onChange = () => {
      one.hardware.writeFault = 'no-effect';
    };
    await expect(one.board.write(write(VALVE, level(1)))).rejects.toMatchObject({ code: 'IO_FAILED' });
    await one.clock.advance(20_000);
    expect(one.hardware.value(VALVE)).toBe(1);
    one.hardware.writeFault = undefined;
    await one.clock.advance(6000);
    expect(one.hardware.value(VALVE)).toBe(0);
  });

  test('a lease that ran out while the write failed is not given back', async () => {
    const one = await open({ channels: [digital(VALVE)] });
    await one.board.write(write(VALVE, level(1)), { durationMs: 1000 });
    one.hardware.writeFault = 'silent';
    await expect(one.during(one.board.write(write(VALVE, level(1))))).rejects.toMatchObject({
      code: 'IO_TIMEOUT',
    });
    one.hardware.writeFault = undefined;
    await one.clock.advance(6000); // the first attempt to restore it hangs too
    expect(one.hardware.value(VALVE)).toBe(0);
    expect(one.board.find('do', 'valve').output?.cause).toBe('safe');
  });

  test('a driver that does not answer is told so, and the bus goes on', async () => {
    const one = await open({ channels: [digital(VALVE), digital(PUMP)] });
    one.hardware.readFault = 'silent';
    const read = one.board.read([PUMP]);
    const failed = expect(one.during(read)).rejects.toMatchObject({ code: 'IO_TIMEOUT' });
    await settle();
    one.hardware.readFault = undefined;
    const written = one.board.write(write(VALVE, level(1)));
    await failed;
    expect(one.hardware.isSilentDriverAborted).toBe(true);
    expect((await one.during(written))[0]?.value).toBe(1);
  });

  test('what was written but cannot be read back fails, and is written again', async () => {
    const one = await open({ channels: [digital(VALVE)] });
    one.hardware.readFault = 'fails';
    await expect(one.board.write(write(VALVE, level(1)))).rejects.toMatchObject({ code: 'IO_FAILED' });
    one.hardware.levels.set(VALVE, { value: 0 });
    one.hardware.readFault = undefined;
    await one.clock.advance(500);
    expect(one.hardware.value(VALVE)).toBe(1);
  });

  test('an inverted output is written and read the other way round', async () => {
    const one = await open({ channels: [digital(VALVE)], settings: { do: { valve: { invert: true } } } });
    expect(one.hardware.initialLevel(VALVE)).toEqual({ value: 1 });
    const [view] = await one.board.write(write(VALVE, level(1)));
    expect(view?.value).toBe(1);
    expect(one.hardware.value(VALVE)).toBe(0);
  });
});

describe('health', () => {
  test('what is down refuses writes with the reason', async () => {
    const one = await open({ channels: [digital(VALVE)], isUp: false });
    await expect(one.board.write(write(VALVE, level(1)))).rejects.toMatchObject({ code: 'IO_STARTING' });
    await expect(one.board.read([VALVE])).rejects.toMatchObject({ code: 'IO_STARTING' });
    one.hardware.setHealth([VALVE], 'ok');
    await settle();
    one.hardware.setHealth([VALVE], 'down');
    await expect(one.board.write(write(VALVE, level(1)))).rejects.toMatchObject({ code: 'IO_GONE' });
    expect(one.board.find('do', 'valve').health).toMatchObject({
      state: 'down',
      problem: { code: 'IO_GONE' },
    });
  });

  test('what another program holds refuses writes as a conflict', async () => {
    const one = await open({ channels: [digital(VALVE)] });
    one.hardware.setHealth([VALVE], 'down', ioBusy('gpiochip0 line 17', 'a modem'));
    await expect(one.board.write(write(VALVE, level(1)))).rejects.toMatchObject({
      code: 'IO_BUSY',
      kind: 'conflict',
    });
  });

  test('outputs that return are at their safe values, whatever was commanded', async () => {
    const one = await open({ channels: [digital(VALVE)], settings: { do: { valve: { startUp: 1 } } } });
    await one.board.write(write(VALVE, level(1)), { durationMs: 60_000 });
    one.hardware.setHealth([VALVE], 'down');
    expect(one.hardware.nextInitialLevel(VALVE)).toEqual({ value: 0 });
    one.hardware.setHealth([VALVE], 'ok');
    await settle();
    expect(one.hardware.value(VALVE)).toBe(0);
    expect(one.board.leases()).toEqual([]);
    expect(one.causes(VALVE).slice(-2)).toEqual(['health', 'safe']);
  });

  test('silence ends nothing; what the hardware forgot meanwhile is written again', async () => {
    const one = await open({ channels: [digital(VALVE)] });
    await one.board.write(write(VALVE, level(1)), { durationMs: 60_000 });
    one.hardware.setHealth([VALVE], 'stale');
    one.hardware.levels.set(VALVE, { value: 0 });
    one.hardware.setHealth([VALVE], 'ok');
    await settle();
    await settle();
    expect(one.hardware.value(VALVE)).toBe(1);
    expect(one.board.leases()).toHaveLength(1);
  });

  test('a lease that runs out while the hardware is away is told at once', async () => {
    const one = await open({ channels: [digital(VALVE)] });
    await one.board.write(write(VALVE, level(1)), { durationMs: 500 });
    one.hardware.setHealth([VALVE], 'down');
    await one.clock.advance(500);
    expect(one.causes(VALVE).at(-1)).toBe('lease-end');
  });
});

describe('start', () => {
  const settings = { do: { valve: { startUp: 1 }, pump: { startUp: 'keep' } } } as const;
  const channels = [digital(VALVE), digital(PUMP), digital('owpower/bus'), analog(HEATER)];

  test('outputs go to their start-up values once their hardware works', async () => {
    const one = await open({ channels, settings, isUp: false });
    expect(one.board.find('do', 'valve').output?.cause).toBe('unknown');
    expect(one.hardware.initialLevel(VALVE)).toEqual({ value: 1 });
    one.hardware.levels.set(HEATER, { value: 5 });
    one.hardware.setHealth([VALVE, PUMP, HEATER, 'owpower/bus'], 'ok');
    await settle();
    await settle();
    expect([VALVE, PUMP, HEATER].map((key) => one.hardware.value(key as CircuitKey))).toEqual([1, 0, 0]);
    const causes = one.board.circuits().map(({ key, output }) => [key, output?.cause]);
    expect(causes).toEqual([
      [VALVE, 'start-up'],
      [PUMP, 'kept'],
      [HEATER, 'start-up'],
      ['owpower/bus', 'kept'],
    ]);
    expect(writesOf(one).join()).not.toContain('owpower');
    expect(one.causes(VALVE)).toEqual(['health', 'start-up']);
  });

  test('after a crash they go to their safe values; after an orderly stop to the start-up values', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vidicon-crash-'));
    const crashed = await MemoryBoard.open({ channels, settings, folder });
    expect(crashed.hardware.value(VALVE)).toBe(1);
    const after = await MemoryBoard.open({ channels, settings, folder }); // nobody disposed the first
    expect(after.hardware.initialLevel(VALVE)).toEqual({ value: 0 });
    expect(after.hardware.value(VALVE)).toBe(0);
    expect(after.board.find('do', 'valve').output?.cause).toBe('safe');
    await after.during(Promise.resolve(after.board[Symbol.asyncDispose]()));
    const last = await MemoryBoard.open({ channels, settings, folder });
    expect(last.board.find('do', 'valve').output?.cause).toBe('start-up');
    for (const one of [crashed, last]) await one[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
});

describe('stop', () => {
  test('writes safe values, ends everything, and takes nothing more', async () => {
    const one = await open({
      channels: [digital(VALVE), digital(PUMP), analog(HEATER)],
      settings: { ao: { heater: { slewPerSecond: 1 } } },
    });
    await one.board.write(write(VALVE, level(1)));
    await one.board.write(
      write(PUMP, { kind: 'sequence', steps: [{ value: 1, durationMs: 5 }], repeat: 0 }),
      {
        durationMs: 1000,
      },
    );
    const heating = one.board.write(write(HEATER, level(5)));
    await heating;
    await one.clock.advance(1000);
    const stopped = one.during(Promise.resolve(one.board[Symbol.asyncDispose]()));
    await expect(one.board.write(write(VALVE, level(1)))).rejects.toMatchObject({ code: 'IO_STOPPING' });
    await stopped;
    expect([VALVE, PUMP, HEATER].map((key) => one.hardware.value(key as CircuitKey))).toEqual([0, 0, 0]);
    expect(one.hardware.disposals).toBe(1);
    expect(one.clock.pendingTimers).toBe(0);
  });

  test('writes safe values although a write was waiting for its turn', async () => {
    const one = await open({ channels: [digital(VALVE), digital(PUMP)] });
    await one.board.write(write(VALVE, level(1)), { durationMs: 500 });
    one.hardware.callMs = 30;
    await one.clock.advance(490);
    const reading = one.board.read([PUMP]).catch(() => undefined);
    await one.clock.advance(15); // the lease is over, the bus is busy
    await one.during(Promise.resolve(one.board[Symbol.asyncDispose]()), 10);
    await reading;
    expect(one.hardware.value(VALVE)).toBe(0);
  });

  test('does not wait for hardware that is silent, and the next start is a safe one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vidicon-silent-'));
    const settings = { do: { valve: { startUp: 1 } } } as const;
    const one = await MemoryBoard.open({ channels: [digital(VALVE)], settings, folder });
    one.hardware.writeFault = 'silent';
    const startUs = one.clock.monotonicUs();
    await one.during(Promise.resolve(one.board[Symbol.asyncDispose]()));
    expect(one.clock.monotonicUs() - startUs).toBeLessThan(2_500_000);
    const next = await MemoryBoard.open({ channels: [digital(VALVE)], settings, folder });
    expect(next.board.find('do', 'valve').output?.cause).toBe('safe');
    await next[Symbol.asyncDispose]();
  });
});
