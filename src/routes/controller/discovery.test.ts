import { expect, test } from 'vitest';
import { circuitView } from '../../../test/support/echo-board.ts';
import { circuitEntry } from './discovery.ts';

const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('an output is described with all that a page needs', () => {
  const view = circuitView('do', '1_01', {
    alias: 'valve',
    label: 'Valve',
    value: 1,
    pwm: { dutyPercent: 50, frequencyHz: 1000 },
    channel: { features: { pwm: { minimumHz: 1, maximumHz: 100_000 } } },
    settings: [{ name: 'mode', kind: 'choice', choices: ['Simple', 'PWM'], isWritable: true }],
    settingValues: { mode: 'Simple' },
    output: {
      cause: 'command',
      running: 'pulse',
      safe: 0,
      startUp: 0,
      needsConfirmation: true,
      interlocks: ['motor'],
      lease: { id: 'a', circuits: ['do/1_01'], durationMs: 2000, remainingMs: 1500, isHeld: false },
    },
  });
  expect(sent(circuitEntry(view))).toEqual({
    key: 'do/1_01',
    dev: 'do',
    circuit: '1_01',
    alias: 'valve',
    label: 'Valve',
    direction: 'output',
    signal: 'digital',
    driver: { name: 'test', kind: 'simulated' },
    hardware: 'test 1_01',
    health: { state: 'ok' },
    value: 1,
    pwm: { duty_percent: 50, frequency_hz: 1000 },
    pwm_range: { minimum_hz: 1, maximum_hz: 100_000, frequency_hz: 1000 },
    age_ms: 12,
    settings: [{ name: 'mode', kind: 'choice', choices: ['Simple', 'PWM'], writable: true, value: 'Simple' }],
    output: {
      cause: 'command',
      running: 'pulse',
      safe: 0,
      start_up: 0,
      confirm: true,
      interlocks: ['motor'],
      lease: { id: 'a', duration_ms: 2000, remaining_ms: 1500, held: false },
    },
  });
});

test('an input is described with its counter, and what does not apply is absent', () => {
  const view = circuitView('di', '1_01', {
    settingValues: { counter: 12 },
    input: { isInverted: true, frequencyHz: 3, lostEdges: 1, switches: 'do/1_01' },
  });
  const entry = sent(circuitEntry(view));
  expect(entry).toMatchObject({
    input: { inverted: true, counter: 12, frequency_hz: 3, lost_edges: 1, switches: 'do/1_01' },
  });
  for (const field of ['output', 'pwm', 'pwm_range', 'unit', 'over_range', 'alias'])
    expect(entry).not.toHaveProperty(field);
});

test('an analog circuit has its range; one that is down says why', () => {
  const problem = { code: 'IO_GONE', message: 'It is gone.' };
  const range = { unit: 'V', minimum: 0, maximum: 10, step: 0.01 };
  const view = circuitView('ai', '1', { ...range, health: { state: 'down', problem } });
  expect(circuitEntry(view)).toMatchObject({
    ...range,
    over_range: false,
    health: { state: 'down', problem },
  });
});
