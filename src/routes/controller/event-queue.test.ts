import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventQueue, type QueuedEvent } from './event-queue.ts';

const event = fc.record({
  key: fc.constantFrom('ai/1', 'ai/2', 'di/1'),
  isSample: fc.boolean(),
});
/** Events in order of their numbers, with takings in between. */
const run = fc.array(
  fc.oneof(
    event,
    fc.nat({ max: 5 }).map((limit) => ({ limit })),
  ),
  { maxLength: 200 },
);

/** Pushes and takes, then takes what is left. */
function play(
  steps: readonly (Omit<QueuedEvent, 'number'> | { readonly limit: number })[],
  capacity: number,
) {
  const queue = new EventQueue<QueuedEvent>(capacity);
  const pushed: QueuedEvent[] = [];
  const taken = [];
  for (const step of steps) {
    if ('limit' in step) taken.push(...queue.take(step.limit));
    else {
      const next = { ...step, number: pushed.length + 1 };
      pushed.push(next);
      queue.push(next);
      expect(queue.length).toBeLessThanOrEqual(capacity);
    }
  }
  taken.push(...queue.take(capacity));
  return { queue, pushed, taken };
}

test('below the cap no event is lost but samples that a newer one of their circuit replaced', () => {
  fc.assert(
    fc.property(run, (steps) => {
      const { queue, pushed, taken } = play(steps, 1000);
      const numbers = new Set(taken.map(({ event }) => event.number));
      const gone = pushed.filter(({ number }) => !numbers.has(number));
      for (const { key, number, isSample } of gone) {
        expect(isSample).toBe(true);
        expect(taken.some(({ event }) => event.isSample && event.key === key && event.number > number)).toBe(
          true,
        );
      }
      expect(queue.coalesced).toBe(gone.length);
      expect(queue.missed).toBe(0);
      expect(taken.every(({ missed }) => missed === 0)).toBe(true);
    }),
  );
});

test('events come out in order, each once, whatever the cap', () => {
  fc.assert(
    fc.property(run, fc.integer({ min: 1, max: 8 }), (steps, capacity) => {
      const numbers = play(steps, capacity).taken.map(({ event }) => event.number);
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    }),
  );
});

test('every event is taken, replaced or counted as missed', () => {
  fc.assert(
    fc.property(run, fc.integer({ min: 1, max: 8 }), (steps, capacity) => {
      const { queue, pushed, taken } = play(steps, capacity);
      expect(taken.length + queue.coalesced + queue.missed).toBe(pushed.length);
      expect(taken.reduce((sum, { missed }) => sum + missed, 0)).toBe(queue.missed);
    }),
  );
});

test('over the cap the oldest go, and the next that is taken says how many', () => {
  const queue = new EventQueue<QueuedEvent>(3);
  for (let number = 1; number <= 5; number += 1) queue.push({ key: 'di/1', number, isSample: false });
  expect(queue.take(2)).toMatchObject([
    { event: { number: 3 }, missed: 2 },
    { event: { number: 4 }, missed: 0 },
  ]);
  queue.push({ key: 'di/1', number: 6, isSample: false });
  expect(queue.take(9).map(({ event, missed }) => [event.number, missed])).toEqual([
    [5, 0],
    [6, 0],
  ]);
});

test('a sample that waits is replaced at the end, behind the edges that came before it', () => {
  const queue = new EventQueue<QueuedEvent>();
  queue.push({ key: 'ai/1', number: 1, isSample: true });
  queue.push({ key: 'di/1', number: 2, isSample: false });
  queue.push({ key: 'ai/1', number: 3, isSample: true });
  expect(queue.take(9).map(({ event }) => event.number)).toEqual([2, 3]);
});
