import type { Circuit } from './io-circuit.ts';

/** A digital input as a service lists it, for tests. */
export const digitalInput: Circuit = {
  key: 'di/1_01',
  dev: 'di',
  circuit: '1_01',
  label: 'Gate',
  direction: 'input',
  signal: 'digital',
  driver: { name: 'board', kind: 'simulated' },
  hardware: 'line 1',
  health: { state: 'ok' },
  value: 0,
  age_ms: 20,
  settings: [{ name: 'counter', kind: 'integer', writable: true, value: 7 }],
  input: { inverted: false, counter: 7, frequency_hz: 0, lost_edges: 0 },
};

/** A digital output with a pulse and a lease. */
export const digitalOutput: Circuit = {
  key: 'do/1_01',
  dev: 'do',
  circuit: '1_01',
  label: 'Valve',
  direction: 'output',
  signal: 'digital',
  driver: { name: 'board', kind: 'simulated' },
  hardware: 'line 2',
  health: { state: 'ok' },
  value: 1,
  pwm_range: { minimum_hz: 1, maximum_hz: 1000, frequency_hz: 100 },
  settings: [{ name: 'mode', kind: 'choice', choices: ['Simple', 'PWM'], writable: true, value: 'Simple' }],
  output: {
    cause: 'command',
    running: 'pulse',
    confirm: false,
    interlocks: [],
    lease: { id: 'a', duration_ms: 2000, remaining_ms: 1500, held: false },
  },
};

/** A thermometer. */
export const thermometer: Circuit = {
  key: 'sensor/28',
  dev: 'temp',
  circuit: '28',
  label: 'Cabinet',
  direction: 'input',
  signal: 'analog',
  driver: { name: 'bus', kind: 'onewire' },
  hardware: '28',
  health: { state: 'ok' },
  value: 21,
  unit: '°C',
  settings: [],
};
