import { expect, test } from 'vitest';
import type { CircuitEvent } from './io-circuit.ts';
import { leaseLeftMs, listed, withDict, withEvent } from './io-live-circuit.ts';
import { digitalInput, digitalOutput, thermometer } from './io-test-circuits.ts';

const event = (fields: Partial<CircuitEvent>): CircuitEvent => ({
  dev: 'di',
  circuit: '1_01',
  cause: 'edge',
  seq: 1,
  wall_us: 0,
  ...fields,
});

test('a list says when values were taken', () => {
  expect(listed(digitalInput, undefined, 0, 1000).takenAtMs).toBe(980);
});

test('an edge changes value and counter, also the counter among the settings', () => {
  const after = withEvent(listed(digitalInput, undefined, 0, 1000), event({ value: 1, counter: 8 }), 2000);
  expect(after).toMatchObject({ value: 1, takenAtMs: 2000, input: { counter: 8 } });
  expect(after.settings).toMatchObject([{ name: 'counter', value: 8 }]);
});

test('what an event told after a list was asked for outlives the list; the rest of the list is taken', () => {
  const before = withEvent(listed(digitalInput, undefined, 0, 10), event({ value: 1, counter: 8 }), 120);
  const input = { inverted: false, counter: 7, frequency_hz: 50, lost_edges: 2 };
  const after = listed({ ...digitalInput, input }, before, 100, 150);
  expect(after).toMatchObject({ value: 1, input: { counter: 8, frequency_hz: 50, lost_edges: 2 } });
  expect(listed(digitalInput, before, 130, 150)).toMatchObject({ value: 0, input: { counter: 7 } });
});

test('health goes and comes with its reason', () => {
  const problem = { code: 'IO_GONE', message: 'gone' };
  const circuit = listed(digitalInput, undefined, 0, 0);
  const down = withEvent(circuit, event({ cause: 'health', health: 'down', problem }), 1);
  expect(down.health).toEqual({ state: 'down', problem });
  expect(withEvent(down, event({ cause: 'reading', value: 1 }), 2).health.state).toBe('down');
  expect(withEvent(down, event({ cause: 'health', health: 'ok' }), 2).health).toEqual({ state: 'ok' });
});

test('readings are samples of analog inputs; other events are not', () => {
  let circuit = listed(thermometer, undefined, 0, 0);
  circuit = withEvent(circuit, event({ cause: 'reading', value: 22 }), 1);
  circuit = withEvent(circuit, event({ cause: 'health', value: 22, health: 'ok' }), 2);
  expect(circuit.samples).toEqual([21, 22]);
  expect(
    withEvent(listed(digitalInput, undefined, 0, 0), event({ cause: 'reading', value: 1 }), 1).samples,
  ).toEqual([]);
});

test('a reading says whether it is over range, and a list that was asked for before keeps that', () => {
  const over = withEvent(
    listed(thermometer, undefined, 0, 0),
    event({ cause: 'reading', value: 130, over_range: true }),
    20,
  );
  expect(over.over_range).toBe(true);
  expect(listed({ ...thermometer, over_range: false }, over, 10, 30).over_range).toBe(true);
  expect(withEvent(over, event({ cause: 'reading', value: 22, over_range: false }), 40).over_range).toBe(
    false,
  );
});

test('an answer replaces value, pulse width, settings and cause, and ends what it does not name', () => {
  const dict = {
    dev: 'do',
    circuit: '1_01',
    value: 1,
    pwm_duty: 30,
    pwm_freq: 500,
    mode: 'PWM',
    cause: 'safe',
  };
  const after = withDict(listed(digitalOutput, undefined, 0, 0), dict, 50);
  expect(after).toMatchObject({ value: 1, pwm: { duty_percent: 30, frequency_hz: 500 } });
  expect(after.output).toEqual({ cause: 'safe', confirm: false, interlocks: [] });
  expect(after.settings).toMatchObject([{ name: 'mode', value: 'PWM' }]);
});

test('an answer that came after a list was asked for outlives the list: settings, cause and lease', () => {
  const lease = { id: 'a', duration_ms: 900, remaining_ms: 900, held: false };
  const dict = { value: 1, mode: 'PWM', cause: 'command', lease };
  const written = withDict(listed(digitalOutput, undefined, 0, 0), dict, 50);
  const asked = listed(digitalOutput, written, 40, 60);
  expect(asked.settings).toMatchObject([{ name: 'mode', value: 'PWM' }]);
  expect(asked.output).toMatchObject({ cause: 'command', lease });
  expect(leaseLeftMs(asked, 150)).toBe(800);
  expect(listed(digitalOutput, written, 55, 60)).toMatchObject({
    settings: digitalOutput.settings,
    output: digitalOutput.output,
  });
});

test('an output that is just on or off has no pulse width, whatever duty cycle the answer names', () => {
  const pulsed = listed({ ...digitalOutput, pwm: { duty_percent: 30, frequency_hz: 500 } }, undefined, 0, 0);
  const dict = { value: 1, mode: 'Simple', pwm_duty: 100, pwm_freq: 500 };
  const switched = withDict(pulsed, dict, 50);
  expect(switched).not.toHaveProperty('pwm');
  expect(listed(pulsed, switched, 40, 60)).not.toHaveProperty('pwm');
});

test('a snapshot leaves cause and lease alone, because it says only that it is one', () => {
  const after = withDict(
    listed(digitalOutput, undefined, 0, 0),
    { value: 0, cause: 'snapshot', health: 'stale' },
    900,
  );
  expect(after).toMatchObject({ value: 0, health: { state: 'stale' }, output: digitalOutput.output });
  expect(leaseLeftMs(after, 900)).toBe(600);
});

test('unit and range follow the mode of an analog circuit', () => {
  const after = withDict(listed(thermometer, undefined, 0, 0), { value: 12, unit: 'mA', range: [4, 20] }, 1);
  expect(after).toMatchObject({ value: 12, unit: 'mA', minimum: 4, maximum: 20 });
});

test('a dict of the wrong types changes nothing', () => {
  const circuit = listed(digitalOutput, undefined, 0, 0);
  const dict = { value: '1', health: 'fine', unit: 3, range: ['a'], mode: null, over_range: 1, lease: 5 };
  expect(withDict(circuit, dict, 0)).toEqual({ ...circuit, toldAtMs: 0, readBackAtMs: 0 });
});

test('a lease runs down, and does not while it is held', () => {
  const circuit = listed(digitalOutput, undefined, 0, 1000);
  expect([leaseLeftMs(circuit, 1500), leaseLeftMs(circuit, 9000)]).toEqual([1000, 0]);
  const lease = { id: 'a', duration_ms: 2000, remaining_ms: 2000, held: true };
  const held = { ...digitalOutput, output: { cause: 'command', confirm: false, interlocks: [], lease } };
  expect(leaseLeftMs(listed(held, undefined, 0, 0), 10)).toBeUndefined();
});
