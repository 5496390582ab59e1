import { describe, expect, test } from 'vitest';
import {
  formatDuration,
  formatFrequency,
  formatLevel,
  formatQuantity,
  formatSettingName,
  formatTimeOfDay,
  nameOf,
} from './io-format.ts';
import { digitalInput, digitalOutput, thermometer } from './io-test-circuits.ts';

test('a circuit has its label, unless that is only where it is', () => {
  expect(nameOf(digitalInput)).toBe('Gate');
  expect(nameOf({ ...digitalInput, label: digitalInput.hardware })).toBe('di/1_01');
  expect(nameOf({ ...digitalInput, label: digitalInput.hardware, alias: 'gate' })).toBe('gate');
});

describe('a level', () => {
  const { value: _, ...unread } = thermometer;
  test.each([
    ['an inactive input', digitalInput, 'Inactive'],
    ['an active input', { ...digitalInput, value: 1 }, 'Active'],
    ['an output that is on', digitalOutput, 'On'],
    ['an output that is off', { ...digitalOutput, value: 0 }, 'Off'],
    [
      'a pulsed output',
      { ...digitalOutput, pwm: { duty_percent: 40, frequency_hz: 1000 } },
      'On · 40\u00a0%',
    ],
    ['an analog value', thermometer, '21\u00a0°C'],
    ['a value that was never read', unread, '–'],
    ['a circuit without a value', { ...unread, signal: 'none' as const }, ''],
  ])('of %s', (_name, circuit, text) => {
    expect(formatLevel(circuit)).toBe(text);
  });
});

test.each([
  [3.3, 'V', 0.01, '3.30\u00a0V'],
  [2.5, 'V', 0.25, '2.50\u00a0V'],
  [5, 'V', 10 / 4096, '5.0000\u00a0V'],
  [7, '', 1, '7'],
  [-0.1234, 'V', undefined, '-0.123\u00a0V'],
  [21.0625, '°C', undefined, '21.06\u00a0°C'],
  [101.27, 'kPa', undefined, '101.3\u00a0kPa'],
  [1960.4, 'Ω', undefined, '1,960\u00a0Ω'],
  [65_535, undefined, undefined, '65,535'],
])('%d %s in steps of %s is %s', (value, unit, step, text) => {
  expect(formatQuantity(value, unit, step)).toBe(text);
});

test.each([
  [0.5, '0.5\u00a0Hz'],
  [12.54, '12.5\u00a0Hz'],
  [1000, '1\u00a0kHz'],
  [1_250_000, '1.25\u00a0MHz'],
])('%d Hz is %s', (hz, text) => {
  expect(formatFrequency(hz)).toBe(text);
});

test.each([
  [-5, '0.0 s'],
  [840, '0.8 s'],
  [9_960, '10 s'],
  [65_000, '65 s'],
  [180_000, '3 min'],
  [7_200_000, '2 h'],
])('%d ms are %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test('a time of day has microseconds, with their zeros', () => {
  const wallUs = new Date(2025, 5, 1, 4, 3, 2, 7).getTime() * 1000 + 45;
  expect(formatTimeOfDay(wallUs)).toBe('04:03:02.007045');
});

test('a setting is named in words, with its unit once', () => {
  const setting = { kind: 'integer', writable: true } as const;
  expect(formatSettingName({ ...setting, name: 'debounce_us', unit: 'µs' })).toBe('Debounce (µs)');
  expect(formatSettingName({ ...setting, name: 'counter_mode' })).toBe('Counter mode');
});
