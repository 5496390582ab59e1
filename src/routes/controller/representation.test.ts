import { describe, expect, test } from 'vitest';
import { circuitView } from '../../../test/support/echo-board.ts';
import type { SettingInfo } from '../../hardware/io/circuit.ts';
import type { CircuitView } from '../../hardware/io/circuit-view.ts';
import { circuitDict, leaseAnswer } from './representation.ts';

const choice = (name: string, ...choices: string[]): SettingInfo => ({
  name,
  kind: 'choice',
  choices,
  isWritable: true,
});
const voltage = { value: 0, unit: 'V', minimum: 0, maximum: 10 };
const volts = { unit: 'V', minimum: 0, maximum: 10 };

/** The fields that Robopipe and evok show, for every type. */
const cases: readonly [string, CircuitView, Record<string, unknown>][] = [
  [
    'a digital input',
    circuitView('di', '1_01', {
      value: 1,
      channel: { settings: [choice('mode', 'Simple', 'DirectSwitch')] },
      settingValues: {
        counter: 7,
        counter_mode: 'Enabled',
        mode: 'DirectSwitch',
        debounce: 50,
        debounce_us: 5000,
      },
      input: { isInverted: false, frequencyHz: 3, lostEdges: 2 },
    }),
    {
      dev: 'di',
      counter_modes: ['Enabled', 'Disabled'],
      modes: ['Simple', 'DirectSwitch'],
      value: 1,
      counter: 7,
      counter_mode: 'Enabled',
      mode: 'DirectSwitch',
      debounce: 50,
      debounce_us: 5000,
      frequency_hz: 3,
      lost_edges: 2,
    },
  ],
  [
    'a digital input whose driver tells of no settings',
    circuitView('di', '1_01'),
    { modes: ['Simple'], mode: 'Simple', counter: 0, counter_mode: 'Disabled', debounce: 0 },
  ],
  ['a relay', circuitView('ro', '2_01', { value: 1 }), { dev: 'ro', value: 1, cause: 'command' }],
  [
    'a digital output',
    circuitView('do', '1_01', { value: 1 }),
    { dev: 'do', value: 1, modes: ['Simple'], mode: 'Simple', pwm_freq: 0, pwm_duty: 100, pending: false },
  ],
  [
    'a digital output that can be driven by pulse width, and is switched',
    circuitView('do', '1_01', { channel: { features: { pwm: { minimumHz: 1, maximumHz: 200 } } } }),
    { value: 0, modes: ['Simple', 'PWM'], mode: 'Simple', pwm_freq: 200, pwm_duty: 0 },
  ],
  [
    'a digital output that is driven by pulse width',
    circuitView('do', '1_01', {
      value: 1,
      pwm: { dutyPercent: 12.5, frequencyHz: 50 },
      channel: { features: { pwm: { minimumHz: 1, maximumHz: 200 } } },
    }),
    { value: 1, mode: 'PWM', pwm_freq: 50, pwm_duty: 12.5 },
  ],
  [
    'an output on which a pulse runs under a lease',
    circuitView('do', '1_01', {
      output: {
        cause: 'command',
        running: 'pulse',
        needsConfirmation: false,
        interlocks: [],
        lease: { id: 'a', circuits: ['do/1_01'], durationMs: 2000, remainingMs: 1499.6, isHeld: true },
      },
    }),
    {
      pending: true,
      running: 'pulse',
      lease: { id: 'a', duration_ms: 2000, remaining_ms: 1500, held: true },
    },
  ],
  [
    'an analog input with modes',
    circuitView('ai', '1_01', {
      ...volts,
      value: 3.25,
      channel: { modes: { Voltage: voltage, Current: { value: 1, unit: 'mA', minimum: 0, maximum: 20 } } },
      settingValues: { mode: 'Voltage' },
      isOverRange: true,
    }),
    {
      dev: 'ai',
      modes: {
        Voltage: { value: 0, unit: 'V', range: [0, 10] },
        Current: { value: 1, unit: 'mA', range: [0, 20] },
      },
      mode: 'Voltage',
      value: 3.25,
      unit: 'V',
      range: [0, 10],
      over_range: true,
    },
  ],
  [
    'an analog output without modes',
    circuitView('ao', '1_01', { ...volts, value: 2, channel: volts }),
    {
      dev: 'ao',
      modes: { Voltage: { value: 0, unit: 'V', range: [0, 10] } },
      mode: 'Voltage',
      value: 2,
      range: [0, 10],
      over_range: false,
    },
  ],
  [
    'an analog input of which nothing is known',
    circuitView('ai', '1'),
    { modes: {}, mode: 'Simple', value: 0 },
  ],
  [
    'a sensor',
    circuitView('sensor', '28FF', {
      value: 21.5,
      unit: '°C',
      details: { address: '28.FF', interval: 15, type: 'DS18B20', time: 1 },
    }),
    {
      dev: 'temp',
      address: '28.FF',
      value: 21.5,
      lost: false,
      time: 1,
      interval: 15,
      type: 'DS18B20',
      unit: '°C',
    },
  ],
  [
    'a sensor that is gone',
    circuitView('sensor', '28FF', { health: { state: 'stale' } }),
    { lost: true, address: '28FF' },
  ],
  [
    'an LED',
    circuitView('led', '1_01', { settingValues: { brightness: 40 } }),
    { dev: 'led', value: 0, brightness: 40 },
  ],
  [
    'a watchdog',
    circuitView('wd', '1_01', {
      value: 1,
      settingValues: { timeout: 5000, nv_save: 0 },
      details: { was_wd_reset: 0 },
    }),
    { dev: 'wd', value: 1, timeout: 5000, was_wd_reset: 0, nv_save: 0 },
  ],
  [
    'a Modbus slave',
    circuitView('modbus_slave', '1', { details: { slave_id: 1, modbus_type: 'TCP', last_comm: 0.5 } }),
    { dev: 'modbus_slave', slave_id: 1, modbus_type: 'TCP', last_comm: 0.5 },
  ],
  ["a bus's power", circuitView('owpower', '1', { value: 1 }), { dev: 'owpower', value: 1 }],
  [
    'a register',
    circuitView('register', '1_20', { value: 513 }),
    { dev: 'register', value: 513, save: true },
  ],
  [
    'a data point',
    circuitView('data_point', '1_5', { value: 2, details: { name: 'Flow', valid: true } }),
    { dev: 'data_point', value: 2, name: 'Flow', valid: true },
  ],
  [
    'a 1-Wire bus',
    circuitView('owbus', '1', {
      settingValues: { interval: 10, scan_interval: 60, do_scan: false, do_reset: false },
      details: { bus: 'OWFS' },
    }),
    { dev: 'owbus', bus: 'OWFS', interval: 10, do_scan: false, do_reset: false, scan_interval: 60 },
  ],
  [
    'the device itself',
    circuitView('device_info', '1', { details: { family: 'Neuron', model: 'S103', sn: 7, board_count: 1 } }),
    { dev: 'device_info', family: 'Neuron', model: 'S103', sn: 7, board_count: 1 },
  ],
];

describe('a dict has the fields of evok', () => {
  test.each(cases)('%s', (_what, view, expected) => {
    const dict = JSON.parse(JSON.stringify(circuitDict(view)));
    expect(dict).toMatchObject({
      circuit: view.channel.circuit,
      health: view.health.state,
      label: view.label,
      ...expected,
    });
  });
});

test('a circuit without a value says so, and one without a reading has a null', () => {
  expect(circuitDict(circuitView('device_info', '1'))).not.toHaveProperty('value');
  const { value, ...unread } = circuitView('do', '1');
  expect(value).toBe(0);
  expect(circuitDict(unread)).toMatchObject({ value: null, pwm_duty: 0 });
});

test('health is told with its reason, and the age of the value in whole milliseconds', () => {
  const problem = { code: 'IO_GONE', message: 'It is gone.' };
  const view = circuitView('di', '1', { alias: 'gate', health: { state: 'down', problem } });
  expect(circuitDict(view)).toMatchObject({ alias: 'gate', health: 'down', problem, age_ms: 12 });
});

test("a driver's detail never takes the place of the address, the value or the health", () => {
  const details = { dev: 'x', circuit: 'y', value: 9, health: 'z' };
  expect(circuitDict(circuitView('ai', '1', { details }))).toMatchObject({
    dev: 'ai',
    circuit: '1',
    value: 0,
    health: 'ok',
  });
});

test('a lease names its circuits', () => {
  const lease = { id: 'a', circuits: ['do/1'], durationMs: 50, remainingMs: 20.4, isHeld: false } as const;
  expect(leaseAnswer(lease)).toEqual({
    id: 'a',
    circuits: ['do/1'],
    duration_ms: 50,
    remaining_ms: 20,
    held: false,
  });
});
