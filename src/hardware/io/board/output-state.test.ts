import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  canBeOn,
  isDue,
  newOutput,
  type OutputInput,
  type OutputState,
  type Standing,
  transition,
} from './output-state.ts';
import type { Program } from './program.ts';

const at = (value: number) => ({ kind: 'level', level: { value } }) as const;
const OFF: Standing = { cause: 'safe', target: at(0) };
const ON: Standing = { cause: 'command', target: at(1) };
const LEASED: Standing = { ...ON, lease: 'a' };
const PULSE: Program = { kind: 'pulse', steps: [{ value: 1, durationMs: 10 }], repeat: 1, end: { value: 0 } };
const BLINK: Standing = { cause: 'command', target: { kind: 'blink', onMs: 5, offMs: 5 } };

const first = newOutput({ value: 0 }, { cause: 'start-up', target: at(1) });
const off: OutputState = { ...first, isUp: true, wasUp: true, standing: OFF, written: at(0) };
const on: OutputState = { ...off, standing: ON, written: at(1) };
const leased: OutputState = { ...on, standing: LEASED };
const trying: OutputState = { ...off, tried: ON };
const down: OutputState = { ...on, isUp: false, written: undefined };
const kept: OutputState = { ...on, safe: undefined };
const pulsing: OutputState = {
  ...leased,
  standing: { ...LEASED, program: PULSE, run: { index: 0, round: 0, stepEndUs: 100, deadlineUs: 999 } },
};

const written = (value: number, isTry: boolean): OutputInput => ({
  kind: 'written',
  target: at(value),
  isTry,
  nowUs: 0,
});

/** The value in force, its cause, and the effects in short. */
function stepOf(state: OutputState, input: OutputInput) {
  const step = transition(state, input);
  const { target, cause } = step.state.standing;
  const value = target?.kind === 'level' ? target.level.value : target?.kind;
  const effects = step.effects.map((effect) => {
    if (effect.kind === 'tell') return `tell ${effect.telling.cause}`;
    return effect.kind === 'write' ? 'write' : `${effect.kind} ${effect.lease}`;
  });
  return { value, cause, effects, state: step.state };
}

test.each<[string, OutputState, OutputInput, number | string | undefined, string, readonly string[]]>([
  ['hardware that is found starts up', first, { kind: 'up' }, 1, 'start-up', ['write']],
  ['hardware that returns is safe', down, { kind: 'up' }, 0, 'safe', ['write']],
  [
    'hardware that returns after a stop is safe',
    { ...first, isStopped: true },
    { kind: 'up' },
    0,
    'safe',
    ['write'],
  ],
  ['a return ends the lease', { ...leased, isUp: false }, { kind: 'up' }, 0, 'safe', ['leave a', 'write']],
  ['without a safe value it is kept', { ...kept, isUp: false }, { kind: 'up' }, undefined, 'kept', []],
  ['up means nothing to what is up', on, { kind: 'up' }, 1, 'command', []],
  ['hardware that goes away ends no command', on, { kind: 'down' }, 1, 'command', []],
  ['a try changes nothing yet', off, { kind: 'try', standing: ON }, 0, 'safe', []],
  [
    'a stopped output tries nothing',
    { ...off, isStopped: true },
    { kind: 'try', standing: ON },
    0,
    'safe',
    [],
  ],
  ['a try that is written stands', trying, written(1, true), 1, 'command', ['tell command']],
  [
    'with its lease',
    { ...leased, tried: { ...ON, lease: 'b' } },
    written(1, true),
    1,
    'command',
    ['leave a', 'join b', 'tell command'],
  ],
  [
    'a try that fails leaves what was',
    { ...on, tried: OFF },
    { kind: 'write-failed', isTry: true },
    1,
    'command',
    ['write'],
  ],
  [
    'a try that fails goes safe where nothing stood',
    { ...trying, standing: { cause: 'kept' } },
    { kind: 'write-failed', isTry: true },
    0,
    'safe',
    ['write'],
  ],
  ['a try that is not made leaves what was', trying, { kind: 'withdraw' }, 0, 'safe', []],
  ['what was written for another reason is not the try', trying, written(0, false), 0, 'safe', []],
  ['a failure otherwise is tried again', on, { kind: 'write-failed', isTry: false }, 1, 'command', ['write']],
  ['doubt writes again', on, { kind: 'doubt' }, 1, 'command', ['write']],
  ['the end of its lease is safe', leased, { kind: 'lease-end', lease: 'a' }, 0, 'safe', ['write']],
  ['the end of another lease is nothing', leased, { kind: 'lease-end', lease: 'b' }, 1, 'command', []],
  [
    'the end of a lease is told at once when there is nothing to write',
    { ...off, standing: { ...OFF, lease: 'a' } },
    { kind: 'lease-end', lease: 'a' },
    0,
    'safe',
    ['tell lease-end'],
  ],
  [
    'a cancelled command is over before the hardware knows',
    leased,
    { kind: 'cancel' },
    0,
    'safe',
    ['leave a'],
  ],
  ['what has no safe value is kept', kept, { kind: 'cancel' }, undefined, 'kept', ['tell cancel']],
  ['but stops blinking', { ...kept, standing: BLINK }, { kind: 'cancel' }, 0, 'kept', []],
  [
    'a pulse ends at the opposite, still leased',
    pulsing,
    { kind: 'step-due', nowUs: 100 },
    0,
    'command',
    ['write'],
  ],
  ['before its time it goes on', pulsing, { kind: 'step-due', nowUs: 99 }, 1, 'command', []],
  ['a step means nothing without a program', on, { kind: 'step-due', nowUs: 0 }, 1, 'command', []],
  ['an input switches it', leased, { kind: 'switch', value: 0 }, 0, 'direct-switch', ['leave a', 'write']],
  ['an input switches nothing that is down', down, { kind: 'switch', value: 0 }, 1, 'command', []],
  ['a stop is safe', leased, { kind: 'stop' }, 0, 'safe', ['leave a', 'write']],
  ['a stop drops what is tried', trying, { kind: 'stop' }, 0, 'safe', ['tell safe']],
])('%s', (_title, state, input, value, cause, effects) => {
  expect(stepOf(state, input)).toMatchObject({ value, cause, effects });
});

describe('events', () => {
  test('wait until the hardware has followed', () => {
    const { state } = stepOf(leased, { kind: 'lease-end', lease: 'a' });
    expect(stepOf(state, written(0, false)).effects).toEqual(['tell lease-end']);
  });

  test('wait through failures, and are told when the hardware goes away', () => {
    const { state } = stepOf(leased, { kind: 'lease-end', lease: 'a' });
    const failed = stepOf(state, { kind: 'write-failed', isTry: false });
    expect(failed.effects).toEqual(['write']);
    expect(stepOf(failed.state, { kind: 'down' }).effects).toEqual(['tell lease-end']);
  });

  test('of a kind are told once', () => {
    const once = stepOf(on, { kind: 'stop' }).state;
    expect(stepOf(once, { kind: 'stop' }).state.untold).toHaveLength(1);
  });
});

test('a pulse that is off now can go on', () => {
  const standing: Standing = { cause: 'command', target: at(0), program: { ...PULSE, end: { value: 1 } } };
  expect(canBeOn({ ...off, standing })).toBe(true);
  expect(canBeOn({ ...off, standing: { ...standing, program: { ...PULSE, steps: [], end: 'safe' } } })).toBe(
    false,
  );
});

test('whatever happens, a stopped output ends at its safe value once written', () => {
  const inputs = fc.array(
    fc.oneof<fc.Arbitrary<OutputInput>[]>(
      fc.constantFrom<OutputInput>(
        { kind: 'up' },
        { kind: 'down' },
        { kind: 'cancel' },
        { kind: 'withdraw' },
        { kind: 'doubt' },
        { kind: 'try', standing: ON },
        { kind: 'try', standing: { ...LEASED, program: PULSE } },
        { kind: 'lease-end', lease: 'a' },
        { kind: 'switch', value: 1 },
        { kind: 'write-failed', isTry: true },
        { kind: 'write-failed', isTry: false },
        written(1, true),
        written(1, false),
      ),
      fc.nat(1000).map((nowUs): OutputInput => ({ kind: 'step-due', nowUs })),
    ),
  );
  fc.assert(
    fc.property(inputs, inputs, (before, later) => {
      let state = first;
      for (const input of [...before, { kind: 'stop' } as const, ...later]) {
        state = transition(state, input).state;
      }
      expect(state.standing).toEqual(OFF);
      expect(state.tried).toBeUndefined();
      expect(isDue(transition({ ...state, isUp: true }, written(0, false)).state)).toBe(false);
    }),
  );
});
