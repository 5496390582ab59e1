import { expect, test } from 'vitest';
import { EDGE_ROWS, EdgeLog, type EdgeRow } from './io-edge-log.ts';

const row = (key: string, counter: number): EdgeRow => ({
  key,
  edge: 'rising',
  wallUs: counter,
  counter,
  lost: 0,
  missed: 0,
});
const counters = (rows: readonly EdgeRow[]) => rows.map(({ counter }) => counter);

test('the newest edges are kept, oldest first, and all are counted', () => {
  const log = new EdgeLog();
  for (let counter = 1; counter <= EDGE_ROWS + 10; counter++) log.add(row('di/1', counter));
  expect(log.total()).toBe(EDGE_ROWS + 10);
  const kept = log.newest(EDGE_ROWS + 10);
  expect(kept).toHaveLength(EDGE_ROWS);
  expect([kept[0]?.counter, kept.at(-1)?.counter]).toEqual([11, EDGE_ROWS + 10]);
  expect(counters(log.newest(2))).toEqual([EDGE_ROWS + 9, EDGE_ROWS + 10]);
});

test('edges of a slow input outlive those of a fast one', () => {
  const log = new EdgeLog();
  log.add(row('di/slow', 1));
  for (let counter = 1; counter <= 1000; counter++) log.add(row('di/fast', counter));
  expect(counters(log.newest(EDGE_ROWS, 'di/slow'))).toEqual([1]);
  expect([log.total('di/slow'), log.total('di/fast'), log.total('di/none')]).toEqual([1, 1000, 0]);
});

test('none is asked for, none is given', () => {
  const log = new EdgeLog();
  log.add(row('di/1', 1));
  expect(log.newest(0)).toEqual([]);
});
