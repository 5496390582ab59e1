import fc from 'fast-check';
import { expect, test } from 'vitest';
import { advance, dueUs, type Program, type Run, start } from './program.ts';

const steps = [
  { value: 1, durationMs: 10 },
  { value: 0, durationMs: 5 },
];
const program: Program = { kind: 'sequence', steps, repeat: 2, end: 'safe' };

/** Where it is after calls at these moments, in milliseconds. */
function after(one: Program, ...momentsMs: readonly number[]): Run | undefined {
  return momentsMs.reduce<Run | undefined>((run, ms) => run && advance(one, run, ms * 1000), start(one, 0));
}

test.each([
  [[0], 0, 0],
  [[9.9], 0, 0],
  [[10], 1, 0],
  [[10, 15], 0, 1],
  [[10, 15, 25], 1, 1],
])('after calls at %j ms it is in step %i of round %i', (moments, index, round) => {
  expect(after(program, ...moments)).toMatchObject({ index, round });
});

test('it is over after its rounds, or at its deadline', () => {
  expect(after(program, 10, 15, 25, 30)).toBeUndefined();
  const limited = { ...program, repeat: 0, deadlineMs: 12 };
  expect(dueUs(start(limited, 0))).toBe(10_000);
  const run = advance(limited, start(limited, 0), 10_000);
  expect(run && dueUs(run)).toBe(12_000);
  expect(run && advance(limited, run, 12_000)).toBeUndefined();
});

test('a late call shifts nothing while the step that it begins is not over', () => {
  expect(after(program, 14)).toMatchObject({ index: 1, stepEndUs: 15_000 });
  expect(after(program, 15)).toMatchObject({ index: 1, stepEndUs: 20_000 });
});

test('however late calls are, no step is left out', () => {
  const endless = { ...program, repeat: 0 };
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1 }), (delays) => {
      let run = start(endless, 0);
      let nowUs = 0;
      for (const delay of delays) {
        nowUs += delay;
        const { index } = run;
        const isDue = nowUs >= run.stepEndUs;
        run = advance(endless, run, nowUs) ?? run;
        expect(run.index).toBe(isDue ? 1 - index : index);
        expect(run.stepEndUs).toBeGreaterThan(nowUs);
      }
    }),
  );
});
