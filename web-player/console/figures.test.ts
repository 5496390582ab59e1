import { expect, test } from 'vitest';
import { formatBitrate, formatUptime } from './figures.ts';

test('bitrates are told in the unit that suits them', () => {
  expect([0, 850.4, 3_540].map(formatBitrate)).toEqual(['0 kbit/s', '850 kbit/s', '3.5 Mbit/s']);
});

test('the time since the start is told in its two largest units', () => {
  expect([59, 720, 11_110, 187_200].map(formatUptime)).toEqual(['0 min', '12 min', '3 h 5 min', '2 d 4 h']);
});
