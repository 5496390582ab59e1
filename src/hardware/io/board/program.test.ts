import fc from 'fast-check';
import { expect, test } from 'vitest';
import { advance, dueUs, type Program, start } from './program.ts';

const steps = [
  { value: 1, durationMs: 10 },
  { value: 0, durationMs: 5 },
];
const program: Program = { kind: 'sequence', steps, repeat: 2, end: 'safe' };

test.each([
  [0, 0, 0],
  [9.9, 0, 0],
  [10, 1, 0],
  [15, 0, 1],
  [25, 1, 1],
])('after %d ms it is in step %i of round %i', (ms, index, round) => {
  expect(advance(program, start(program, 0), ms * 1000)).toMatchObject({ index, round });
});

test('it is over after its rounds, or at its deadline', () => {
  expect(advance(program, start(program, 0), 30_000)).toBeUndefined();
  const limited = { ...program, repeat: 0, deadlineMs: 12 };
  expect(dueUs(start(limited, 0))).toBe(10_000);
  const run = advance(limited, start(limited, 0), 10_000);
  expect(run && dueUs(run)).toBe(12_000);
  expect(run && advance(limited, run, 12_000)).toBeUndefined();
});

test('late calls shift nothing', () => {
  const endless = { ...program, repeat: 0 };
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1 }), (delays) => {
      let run = start(endless, 0);
      let nowUs = 0;
      for (const delay of delays) {
        nowUs += delay;
        run = advance(endless, run, nowUs) ?? run;
      }
      expect(run).toEqual(advance(endless, start(endless, 0), nowUs));
      expect(run.index).toBe(nowUs % 15_000 < 10_000 ? 0 : 1);
    }),
  );
});
