import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fakeUnit } from '../../test/support/fake-media.ts';
import type { AccessUnit } from '../media/coded.ts';
import { Reader } from './reader.ts';

function makeReader(limits = { maxBytes: 1000, maxMs: 10_000 }) {
  let readable = 0;
  const reader = new Reader(
    1,
    'test',
    limits,
    { onReadable: () => (readable += 1), onClosed: () => undefined },
    0,
  );
  return { reader, readableCalls: () => readable };
}

function drain(reader: Reader): AccessUnit[] {
  const units: AccessUnit[] = [];
  for (let unit = reader.take(); unit !== undefined; unit = reader.take()) units.push(unit);
  return units;
}

test('a reader gets nothing before a sync sample', () => {
  const { reader } = makeReader();
  reader.offer(fakeUnit(3));
  expect(reader.take()).toBeUndefined();
  reader.offer(fakeUnit(10));
  expect(drain(reader).map((unit) => unit.sequence)).toEqual([11]);
  expect(reader.stats(0).unitsDropped).toBe(0);
});

test('the burst of a late reader comes before the live units', () => {
  const { reader } = makeReader();
  reader.burst([fakeUnit(10), fakeUnit(11)]);
  reader.offer(fakeUnit(12));
  expect(drain(reader).map((unit) => unit.sequence)).toEqual([11, 12, 13]);
});

test('a burst larger than the cap does not make a reader lag', () => {
  const { reader } = makeReader({ maxBytes: 250, maxMs: 10_000 });
  reader.burst([0, 1, 2, 3, 4, 5].map((number) => fakeUnit(number)));
  reader.offer(fakeUnit(6));
  expect(reader.stats(0)).toMatchObject({ queuedUnits: 7, lags: 0 });
});

test('a reader that falls behind loses its backlog and resumes at the newest sync sample', () => {
  const { reader } = makeReader({ maxBytes: 500, maxMs: 10_000 });
  for (let number = 0; number < 25; number += 1) reader.offer(fakeUnit(number));
  const stats = reader.stats(0);
  expect(stats.lags).toBe(2);
  expect(drain(reader).map((unit) => unit.sequence)).toEqual([21, 22, 23, 24, 25]);
  expect(stats.unitsDropped).toBe(20);
});

test('a reader that waits too long falls behind even when its units are small', () => {
  const { reader } = makeReader({ maxBytes: 1e9, maxMs: 200 });
  for (let number = 0; number < 8; number += 1) reader.offer(fakeUnit(number, { gop: 100 }));
  expect(reader.stats(0)).toMatchObject({ state: 'lagging', lags: 1, queuedUnits: 0 });
});

test('onReadable is called once for each time the queue fills', () => {
  const { reader, readableCalls } = makeReader();
  reader.offer(fakeUnit(0));
  reader.offer(fakeUnit(1));
  expect(readableCalls()).toBe(1);
  drain(reader);
  reader.offer(fakeUnit(2));
  expect(readableCalls()).toBe(2);
});

test('a unit is let go once it is taken, even when the queue never runs empty', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void; // what the flag adds
  const { reader } = makeReader({ maxBytes: 1e9, maxMs: 1e9 });
  const offer = (number: number): WeakRef<AccessUnit> => {
    const unit = fakeUnit(number);
    reader.offer(unit);
    return new WeakRef(unit);
  };
  offer(0);
  const taken = [1, 2, 3].map((number) => {
    const unit = offer(number);
    reader.take();
    return unit;
  });
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  expect(reader.stats(0).queuedUnits).toBe(1);
  expect(taken.map((unit) => unit.deref() !== undefined)).toEqual([false, false, true]);
});

test('whatever the pace, what a reader takes is decodable: it starts and resumes at sync samples', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(6), { maxLength: 200 }),
      fc.integer({ min: 100, max: 900 }),
      (takes, maxBytes) => {
        const { reader } = makeReader({ maxBytes, maxMs: 10_000 });
        let last: AccessUnit | undefined;
        let taken = 0;
        takes.forEach((count, number) => {
          reader.offer(fakeUnit(number, { gop: 7 }));
          for (let i = 0; i < count; i += 1) {
            const unit = reader.take();
            if (unit === undefined) break;
            taken += 1;
            expect(unit.isSync || unit.sequence === (last?.sequence ?? 0) + 1).toBe(true);
            last = unit;
          }
        });
        const { unitsDropped, unitsSent, queuedUnits } = reader.stats(0);
        expect(unitsSent).toBe(taken);
        expect(unitsSent + unitsDropped + queuedUnits).toBe(takes.length);
      },
    ),
  );
});
