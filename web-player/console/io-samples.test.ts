import { expect, test } from 'vitest';
import { SAMPLES_SHOWN, sparklinePoints, withSample } from './io-samples.ts';

const area = { width: SAMPLES_SHOWN - 1, height: 10 };

test('the newest samples are kept', () => {
  let samples: readonly number[] = [];
  for (let value = 0; value < SAMPLES_SHOWN + 5; value++) samples = withSample(samples, value);
  expect(samples).toHaveLength(SAMPLES_SHOWN);
  expect([samples[0], samples.at(-1)]).toEqual([5, SAMPLES_SHOWN + 4]);
});

test('the line ends at the right edge and fills the height', () => {
  expect(sparklinePoints([1, 3, 2], area)).toBe('117.0,10.0 118.0,0.0 119.0,5.0');
});

test('a resting signal is a line in the middle', () => {
  expect(sparklinePoints([4, 4], area)).toBe('118.0,5.0 119.0,5.0');
});

test('noise of a signal that rests in its range stays small', () => {
  const points = sparklinePoints([5, 5.01], { ...area, minimum: 0, maximum: 10 });
  expect(points).toBe('118.0,5.3 119.0,4.8');
});

test('without samples there is no point', () => {
  expect(sparklinePoints([], area)).toBe('');
});
