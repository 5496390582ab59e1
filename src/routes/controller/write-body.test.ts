import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { circuitView } from '../../../test/support/echo-board.ts';
import { AppError } from '../../core/app-error.ts';
import type { CircuitView } from '../../hardware/io/circuit-view.ts';
import { COMMAND_FIELDS } from './output-command.ts';
import { circuitDict } from './representation.ts';
import { writeRequest } from './write-body.ts';

const pwm = { minimumHz: 1, maximumHz: 100_000 };
const output = circuitView('do', '1_01', { value: 1 });
const pulsed = circuitView('do', '1_02', { value: 1, channel: { features: { pwm } } });
const analog = circuitView('ao', '1_01', { unit: 'V', minimum: 0, maximum: 10 });
const input = circuitView('di', '1_01', {
  channel: {
    settings: [
      { name: 'mode', kind: 'choice', choices: ['Simple', 'DirectSwitch'], isWritable: true },
      { name: 'counter', kind: 'integer', minimum: 0, isWritable: true },
      { name: 'debounce', kind: 'integer', unit: '100 µs', isWritable: true },
      { name: 'debounce_us', kind: 'integer', unit: 'µs', isWritable: true },
      { name: 'polarity', kind: 'boolean', isWritable: true },
      { name: 'revision', kind: 'integer', isWritable: false },
    ],
  },
  settingValues: {
    mode: 'Simple',
    counter: 3,
    debounce: 50,
    debounce_us: 5000,
    polarity: false,
    revision: 2,
  },
});
const sensor = circuitView('sensor', '28', { unit: '°C' });
const led = circuitView('led', '1_01');

const commandOf = (view: CircuitView, body: unknown) => writeRequest(view, body).write.command;
const level = (value: number) => ({ kind: 'level', level: { value } });
const pulseWidth = (dutyPercent: number, frequencyHz: number) => ({
  kind: 'level',
  level: { value: dutyPercent > 0 ? 1 : 0, pwm: { dutyPercent, frequencyHz } },
});

describe('a digital value', () => {
  test.each([1, true, '1', 'true', 'True'])('%j is on', (value) => {
    expect(commandOf(output, { value })).toEqual(level(1));
  });
  test.each([0, false, '0', 'false', 'False', -0])('%j is off', (value) => {
    expect(commandOf(output, { value })).toEqual(level(0));
  });
  test.each([2, 0.5, -1, 'on', 'TRUE', '', [], {}, '1 '])('%j is neither', (value) => {
    expect(() => commandOf(output, { value })).toThrow(/do\/1_01: value is .*; expected 0 or 1/);
  });
});

test('a value that is nested deeper than JSON.stringify goes is refused, too', () => {
  const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
  expect(() => commandOf(output, { value: deep })).toThrow(/value is nested too deeply; expected 0 or 1/);
  expect(() => commandOf(output, deep)).toThrow(/saw nested too deeply/);
});

describe('an analog value', () => {
  test.each([
    [2.5, 2.5],
    ['2.5', 2.5],
    ['-1e-3', -0.001],
    ['+7', 7],
  ])('%j is %d', (value, expected) => {
    expect(commandOf(analog, { value })).toEqual(level(expected));
  });
  test.each(['', ' ', '0x10', 'Infinity', 'NaN', '1e999', 1e300, true, '1,5', [1], `1${'0'.repeat(80)}`])(
    '%j is none',
    (value) => {
      expect(() => commandOf(analog, { value })).toThrow(/ao\/1_01: value is .*; expected a number of V/);
    },
  );
});

describe('pulse width', () => {
  test.each([
    [{ pwm_duty: 40 }, pulseWidth(40, 1000)],
    [{ pwm_duty: '40', pwm_freq: '50' }, pulseWidth(40, 50)],
    [{ value: 1, pwm_duty: 40, pwm_freq: 50 }, pulseWidth(40, 50)],
    [{ pwm_duty: 0 }, pulseWidth(0, 1000)],
    [{ pwm_freq: 50 }, pulseWidth(100, 50)],
    // Robopipe's full bodies, which switch.
    [{ pwm_freq: 1000, pwm_duty: 100, value: 1 }, level(1)],
    [{ pwm_freq: 1000, pwm_duty: 0, value: 0 }, level(0)],
    [{ value: 1, pwm_freq: 50 }, level(1)],
  ])('%j', (body, command) => {
    expect(commandOf(pulsed, body)).toEqual(command);
  });

  test('a mode alone keeps the level, pulsed or not', () => {
    const running = { ...pulsed, pwm: { dutyPercent: 30, frequencyHz: 200 } };
    expect(commandOf(pulsed, { mode: 'PWM' })).toEqual(pulseWidth(100, 1000));
    expect(commandOf(running, { mode: 'PWM' })).toEqual(pulseWidth(30, 200));
    expect(commandOf(running, { mode: 'Simple' })).toEqual(level(1));
  });

  const volts = circuitView('ao', '1_01', { channel: { unit: 'V', minimum: 0, maximum: 10 } });
  test.each([
    ['a pulsed output', pulsed, 'Simple, PWM'],
    ['another', output, 'Simple'],
    ['an analog one', volts, 'Voltage'],
  ])('a mode that %s does not have is refused, also beside a value', (_what, view, names) => {
    for (const mode of ['Toggle', 'pwm', 1, {}])
      expect(() => commandOf(view, { value: 1, mode })).toThrow(`expected one of ${names}`);
  });

  test('the frequency of the driver is kept where nobody names one', () => {
    const section = { ...pulsed, settingValues: { pwm_freq: 10_000 } };
    expect(commandOf(section, { pwm_duty: 60 })).toEqual(pulseWidth(60, 10_000));
  });

  test('a duty cycle or frequency alone keeps the other', () => {
    const running = { ...pulsed, pwm: { dutyPercent: 30, frequencyHz: 200 } };
    expect(commandOf(running, { pwm_duty: 60 })).toEqual(pulseWidth(60, 200));
    expect(commandOf(running, { pwm_freq: 400 })).toEqual(pulseWidth(30, 400));
  });

  test('an output that cannot do it is switched by 0 and 100, and refuses what lies between', () => {
    expect(commandOf(output, { pwm_freq: 1000, pwm_duty: 100, value: 1 })).toEqual(level(1));
    expect(commandOf(output, { pwm_duty: 0 })).toEqual(level(0));
    for (const body of [{ pwm_duty: 50 }, { pwm_freq: 50 }])
      expect(() => commandOf(output, body)).toThrow(/do\/1_01 cannot be driven by pulse width/);
    expect(() => commandOf(led, { pwm_duty: 50 })).toThrow(/led\/1_01 has no field pwm_duty to write/);
  });

  test.each([101, -1, 'half', null])('the duty cycle %j is refused', (duty) => {
    expect(() => commandOf(pulsed, { pwm_duty: duty })).toThrow(AppError);
  });
});

describe('what runs for a time', () => {
  test.each([
    [{ pulse_ms: 200 }, { kind: 'pulse', value: 1, durationMs: 200 }],
    [
      { pulse_ms: '200', value: 'False' },
      { kind: 'pulse', value: 0, durationMs: 200 },
    ],
    [
      { blink: { on_ms: 100, off_ms: 400 } },
      {
        kind: 'sequence',
        repeat: 0,
        steps: [
          { value: 1, durationMs: 100 },
          { value: 0, durationMs: 400 },
        ],
      },
    ],
    [
      { blink: { on_ms: 1, off_ms: 2, count: 3 }, deadline_ms: 5000 },
      {
        kind: 'sequence',
        repeat: 3,
        deadlineMs: 5000,
        steps: [
          { value: 1, durationMs: 1 },
          { value: 0, durationMs: 2 },
        ],
      },
    ],
    [
      { sequence: [{ value: true, ms: 10 }] },
      { kind: 'sequence', repeat: 1, steps: [{ value: 1, durationMs: 10 }] },
    ],
    [
      { sequence: [{ value: 0, ms: 10 }], repeat: 0, deadline_ms: 99 },
      { kind: 'sequence', repeat: 0, deadlineMs: 99, steps: [{ value: 0, durationMs: 10 }] },
    ],
    [{ cancel: true }, { kind: 'cancel' }],
    [{ cancel: 'True' }, { kind: 'cancel' }],
  ])('%j', (body, command) => {
    expect(commandOf(output, body)).toEqual(command);
  });

  test('an analog pulse needs a value', () => {
    expect(commandOf(analog, { pulse_ms: 50, value: 3.5 })).toEqual({
      kind: 'pulse',
      value: 3.5,
      durationMs: 50,
    });
    expect(() => commandOf(analog, { pulse_ms: 50 })).toThrow(
      /ao\/1_01: pulse_ms is 50; expected a value beside it/,
    );
    expect(() => commandOf(analog, { blink: { on_ms: 1, off_ms: 1 } })).toThrow(/cannot blink/);
  });

  test.each([
    [{ pulse_ms: 0 }, /pulse_ms is 0; expected a whole number from 1/],
    [{ pulse_ms: 1.5 }, /pulse_ms is 1.5/],
    [{ pulse_ms: 86_400_001 }, /to 86400000/],
    [{ blink: true }, /blink is true; expected an object of on_ms, off_ms, count\?/],
    [{ blink: { on_ms: 1 } }, /expected an object of on_ms/],
    [{ blink: { on_ms: 1, off_ms: 1, times: 2 } }, /expected an object of on_ms/],
    [{ blink: { on_ms: 0, off_ms: 1 } }, /blink.on_ms is 0/],
    [{ sequence: [] }, /a list of 1 to 1000 entries/],
    [
      {
        sequence: [
          { value: 1, ms: 10 },
          { value: 2, ms: 10 },
        ],
      },
      /sequence\[1\].value is 2/,
    ],
    [{ sequence: [{ value: 1, ms: 10 }], repeat: -1 }, /repeat is -1/],
    [{ repeat: 3 }, /repeat is 3; expected a sequence beside it/],
    [{ deadline_ms: 3 }, /deadline_ms is 3; expected a sequence beside it/],
  ])('%j is refused with the field, what was seen and what is expected', (body, reason) => {
    expect(() => commandOf(output, body)).toThrow(reason);
  });
});

describe('what contradicts itself is refused', () => {
  const steps = [{ value: 1, ms: 10 }];
  const blink = { on_ms: 1, off_ms: 1 };
  test.each([
    { value: 1, pwm_duty: 0 },
    { value: 0, pwm_duty: 40 },
    { value: 0, pwm_duty: 100 },
    { value: 1, blink },
    { value: 1, sequence: steps },
    { value: 1, cancel: true },
    { pulse_ms: 10, blink },
    { pulse_ms: 10, pwm_duty: 50 },
    { pulse_ms: 10, deadline_ms: 50 },
    { blink, sequence: steps },
    { blink, repeat: 2 },
    { blink, cancel: true },
    { cancel: true, pwm_freq: 50 },
    { cancel: true, lease_ms: 1000 },
  ])('%j', (body) => {
    expect(() => writeRequest(pulsed, body)).toThrow(
      expect.objectContaining({ code: 'CIRCUIT_VALUE_INVALID' }),
    );
  });
});

describe('settings', () => {
  test('are written under their names, as numbers, texts or switches', () => {
    const body = { mode: 'DirectSwitch', counter: '0', debounce: 100, polarity: 'True' };
    expect(writeRequest(input, body).write).toEqual({
      key: 'di/1_01',
      settings: { mode: 'DirectSwitch', counter: 0, debounce: 100, polarity: true },
    });
  });

  test.each([
    [{ mode: 1 }, /mode is 1; expected one of Simple, DirectSwitch/],
    [{ counter: 1.5 }, /counter is 1.5; expected a whole number/],
    [{ counter: true }, /counter is true/],
    [{ polarity: 'yes' }, /polarity is "yes"; expected true or false/],
  ])('%j is refused', (body, reason) => {
    expect(() => writeRequest(input, body)).toThrow(reason);
  });

  test('of an output go with its command', () => {
    const settings = [{ name: 'brightness', kind: 'integer', isWritable: true }] as const;
    const view = circuitView('led', '1', { channel: { settings } });
    expect(writeRequest(view, { value: 1, brightness: 40 }).write).toEqual({
      key: 'led/1',
      command: level(1),
      settings: { brightness: 40 },
    });
  });
});

describe("a circuit's own answer, changed, can be sent back", () => {
  const sent = (view: CircuitView): object => JSON.parse(JSON.stringify(circuitDict(view)));

  test('a digital input with another debounce period, in either unit', () => {
    const kept = { mode: 'Simple', counter: 3, polarity: false };
    expect(writeRequest(input, { ...sent(input), debounce: 100 }).write.settings).toEqual({
      ...kept,
      debounce: 100,
    });
    expect(writeRequest(input, { ...sent(input), debounce_us: 200 }).write.settings).toEqual({
      ...kept,
      debounce_us: 200,
    });
  });

  test('an output with another duty cycle', () => {
    const off = { ...pulsed, value: 0 };
    for (const view of [pulsed, off])
      expect(commandOf(view, { ...sent(view), pwm_duty: 25 })).toEqual(pulseWidth(25, 1000));
  });

  test('a switched output with the other value, which is the same however often it is sent', () => {
    for (const [view, value] of [
      [output, 0],
      [{ ...pulsed, value: 0 }, 1],
    ] as const) {
      const body = { ...sent(view), value };
      expect(commandOf(view, body)).toEqual(level(value));
      expect(commandOf({ ...view, value }, body)).toEqual(level(value));
    }
  });

  test('an output that is pulsed has to be told whether value or duty cycle is meant', () => {
    const running = { ...pulsed, pwm: { dutyPercent: 30, frequencyHz: 200 } };
    expect(() => commandOf(running, { ...sent(running), value: 0 })).toThrow(/value is 0; expected 1 beside/);
  });

  test.each([output, pulsed, analog, led])('$key as it is', (view) => {
    expect(commandOf(view, sent(view))).toEqual(level(view.value ?? 0));
  });
});

describe('a lease', () => {
  test('goes with what it keeps', () => {
    expect(writeRequest(output, { value: 1, lease_ms: 2000 })).toEqual({
      write: { key: 'do/1_01', command: level(1) },
      leaseMs: 2000,
    });
  });

  test.each([49, 3_600_001, 100.5, 'long', true])('of %j ms is refused', (lease) => {
    expect(() => writeRequest(output, { value: 1, lease_ms: lease })).toThrow(
      /lease_ms is .* from 50 to 3600000/,
    );
  });

  test('without an output is refused', () => {
    expect(() => writeRequest(output, { lease_ms: 500 })).toThrow(/nothing to write to do\/1_01/);
    expect(() => writeRequest(input, { counter: 0, lease_ms: 500 })).toThrow(
      expect.objectContaining({ code: 'CIRCUIT_READ_ONLY' }),
    );
  });
});

test.each([
  [sensor, { value: 1 }, 'CIRCUIT_READ_ONLY', /sensor\/28 is no output: its value/],
  [input, { value: 1 }, 'CIRCUIT_READ_ONLY', /di\/1_01 is no output/],
  [input, { pulse_ms: 5 }, 'CIRCUIT_READ_ONLY', /its pulse_ms/],
  [input, { revision: 5 }, 'REQUEST_INVALID', /nothing to write to di\/1_01; it has mode, counter/],
  [
    output,
    { brightness: 5 },
    'CIRCUIT_FIELD_UNKNOWN',
    /do\/1_01 has no field brightness to write; it has value/,
  ],
  [output, JSON.parse('{"__proto__":1}'), 'CIRCUIT_FIELD_UNKNOWN', /__proto__/],
  [output, { constructor: 1 }, 'CIRCUIT_FIELD_UNKNOWN', /constructor/],
  [output, {}, 'REQUEST_INVALID', /nothing to write to do\/1_01; it has value/],
  [output, { value: null }, 'REQUEST_INVALID', /nothing to write/],
  [output, { cancel: false }, 'REQUEST_INVALID', /nothing to write/],
  [output, [1], 'REQUEST_INVALID', /has to be an object with the fields of do\/1_01; saw \[1\]/],
  [output, 1, 'REQUEST_INVALID', /saw 1/],
  [output, undefined, 'REQUEST_INVALID', /saw nothing/],
])('%# what cannot be written is refused with a code of its own', (view, body, code, reason) => {
  expect(() => writeRequest(view, body)).toThrow(expect.objectContaining({ code }));
  expect(() => writeRequest(view, body)).toThrow(reason);
});

/** Every number anywhere in a value. */
function numbers(value: unknown): readonly number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbers) : [];
}

test('no body makes it fail otherwise than with a refusal, or lets a number through that is none', () => {
  const likely = fc.constantFrom<unknown[]>(1, 0, 50, 100, true, '1', 'True', 'Simple', '2.5');
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.double(),
    fc.constantFrom('1e400', 'NaN', '-Infinity', 1e300),
    fc.array(fc.record({ value: likely, ms: fc.oneof(fc.double(), likely) }), { maxLength: 3 }),
    fc.record({ on_ms: fc.oneof(fc.double(), fc.nat()), off_ms: fc.nat() }),
  );
  const field = fc.oneof({ weight: 3, arbitrary: likely }, { weight: 1, arbitrary: odd });
  const commands = COMMAND_FIELDS.filter((name) => name !== 'cancel');
  const viewAndBody = fc.constantFrom(output, pulsed, analog, input, sensor, led).chain((view) => {
    const own = view.channel.direction === 'output' ? ['value', ...commands, 'lease_ms'] : [];
    const known = fc.constantFrom('value', ...own, ...view.settings.map(({ name }) => name));
    const other = fc.constantFrom('cancel', 'dev', 'label', 'counter', 'brightness', '__proto__');
    const name = fc.oneof({ weight: 9, arbitrary: known }, { weight: 1, arbitrary: other });
    const object = fc.dictionary(name, field, { minKeys: 1, maxKeys: 3 });
    return fc.tuple(
      fc.constant(view),
      fc.oneof({ weight: 9, arbitrary: object }, { weight: 1, arbitrary: fc.jsonValue() }),
    );
  });
  let accepted = 0;
  fc.assert(
    fc.property(viewAndBody, ([view, seen]) => {
      try {
        const request = writeRequest(view, seen);
        accepted += 1;
        expect(numbers(request).every((number) => Math.abs(number) <= 1e12)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
        expect(['invalid', 'conflict']).toContain(error instanceof AppError && error.kind);
      }
    }),
    { numRuns: 3000 },
  );
  expect(accepted).toBeGreaterThan(100);
});
