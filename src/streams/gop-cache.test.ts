import { expect, test } from 'vitest';
import { fakeUnit } from '../../test/support/fake-media.ts';
import { GopCache } from './gop-cache.ts';

const sequences = (cache: GopCache) => cache.units.map((unit) => unit.sequence);

test('the cache holds what has come since the newest sync sample', () => {
  const cache = new GopCache({ maxBytes: 1e6, maxMs: 10_000 });
  for (let number = 5; number < 23; number += 1) cache.push(fakeUnit(number));
  expect(sequences(cache)).toEqual([21, 22, 23]);
  expect(cache.bytes).toBe(300);
});

test('a group that outgrows the bytes is dropped whole until the next sync sample', () => {
  const cache = new GopCache({ maxBytes: 450, maxMs: 10_000 });
  for (let number = 0; number < 7; number += 1) cache.push(fakeUnit(number));
  expect(sequences(cache)).toEqual([]);
  cache.push(fakeUnit(10));
  expect(sequences(cache)).toEqual([11]);
});

test('a group that grows too old is dropped whole', () => {
  const cache = new GopCache({ maxBytes: 1e6, maxMs: 100 });
  for (let number = 0; number < 4; number += 1) cache.push(fakeUnit(number));
  expect(sequences(cache)).toHaveLength(4);
  cache.push(fakeUnit(4));
  expect(sequences(cache)).toEqual([]);
});
