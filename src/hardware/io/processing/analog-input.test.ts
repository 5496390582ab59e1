import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnalogInputSettings } from '../settings.ts';
import { AnalogInput, type AnalogInputOptions } from './analog-input.ts';

const SETTINGS: AnalogInputSettings = {
  scale: 1,
  offset: 0,
  calibration: [],
  filter: 'none',
  filterLength: 5,
  deadband: 0,
  samplePeriodMs: 1000,
};

type Range = NonNullable<AnalogInputOptions['channelRange']>;

function open(settings: Partial<AnalogInputSettings> = {}, channelRange: Range = {}): AnalogInput {
  return new AnalogInput({ settings: { ...SETTINGS, ...settings }, channelRange, circuit: 'ai/1_01' });
}

const sample = (input: AnalogInput, value: number, isOverRange = false) =>
  input.take([{ value, isOverRange }]);
const values = (input: AnalogInput, raws: readonly number[]) => raws.map((raw) => sample(input, raw).value);

describe('scaling', () => {
  test('scale is applied before offset', () => {
    const input = open({ scale: 2, offset: 10, unit: 'bar' });
    expect(values(input, [0, 1, -3])).toEqual([10, 12, 4]);
    expect(input.unit).toBe('bar');
  });

  test('a calibration replaces them: straight between its points and beyond them', () => {
    const input = open({
      scale: 99,
      calibration: [
        { measured: 20, actual: 100 },
        { measured: 4, actual: 0 },
        { measured: 12, actual: 80 },
      ],
    });
    expect(values(input, [4, 8, 12, 16, 20, 24, 0])).toEqual([0, 40, 80, 90, 100, 110, -40]);
  });

  test.each([
    ['a single point', [{ measured: 1, actual: 2 }], 'one point'],
    [
      'two points with the same measured value',
      [
        { measured: 1, actual: 2 },
        { measured: 3, actual: 4 },
        { measured: 1, actual: 5 },
      ],
      'two points measured at 1',
    ],
  ])('%s is refused', (_what, calibration, message) => {
    expect(() => open({ calibration })).toThrow(
      expect.objectContaining({ code: 'IO_CONFIG_INVALID', message: expect.stringContaining(message) }),
    );
  });

  test('a calibration goes through its points', () => {
    const coordinate = fc.integer({ min: -1e6, max: 1e6 });
    const point = fc.record({ measured: coordinate, actual: coordinate });
    const points = fc.uniqueArray(point, { minLength: 2, maxLength: 64, selector: (one) => one.measured });
    fc.assert(
      fc.property(points, (calibration) => {
        const input = open({ calibration });
        for (const { measured, actual } of calibration) {
          expect(sample(input, measured).value).toBeCloseTo(actual, 6);
        }
      }),
    );
  });
});

describe('filters', () => {
  test('a median leaves single outliers out', () => {
    const input = open({ filter: 'median', filterLength: 3 });
    expect(values(input, [1, 3, 100, 2, -100, 2])).toEqual([1, 2, 3, 3, 2, 2]);
  });

  test('an average is of the last samples', () => {
    const input = open({ filter: 'average', filterLength: 2 });
    expect(values(input, [1, 3, 5, 5])).toEqual([1, 2, 4, 5]);
  });

  test('an average forgets a great sample without a trace', () => {
    const input = open({ filter: 'average', filterLength: 3 });
    expect(values(input, [1e300, 0.1, 0.1, 0.1, 0.1, 0.1]).at(-1)).toBeCloseTo(0.1, 12);
  });

  test.each(['median', 'average'] as const)('a %s is what a plain computation gives', (filter) => {
    const samples = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(samples, fc.integer({ min: 2, max: 12 }), (raws, filterLength) => {
        const input = open({ filter, filterLength });
        for (const [place, value] of values(input, raws).entries()) {
          const window = raws.slice(Math.max(0, place + 1 - filterLength), place + 1).sort((a, b) => a - b);
          const middle = [window[(window.length - 1) >> 1] ?? 0, window[window.length >> 1] ?? 0];
          const of = filter === 'median' ? middle : window;
          expect(value).toBeCloseTo(of.reduce((sum, one) => sum + one, 0) / of.length, 9);
        }
      }),
    );
  });
});

describe('range', () => {
  test.each([
    ['its minimum', { minimum: 1 }, {}, 0.5],
    ['its maximum', { maximum: 20, scale: 2 }, {}, 10.5],
    ["the channel's minimum, before scaling", { scale: -1 }, { minimum: 0 }, -0.1],
    ["the channel's maximum, before scaling", { scale: 0.1 }, { maximum: 10 }, 10.1],
  ])('a value beyond %s is over range', (_what, settings, channelRange, raw) => {
    const input = open(settings, channelRange);
    expect(sample(input, 5).isOverRange).toBe(false);
    expect(sample(input, raw)).toMatchObject({ isOverRange: true, isReportable: true });
  });

  test('the hardware may say so', () => {
    expect(sample(open(), 5, true)).toEqual({ value: 5, isOverRange: true, isReportable: true });
  });

  test.each([Number.NaN, Infinity, -Infinity])('%d keeps the last value, over range', (raw) => {
    const input = open({ filter: 'average' });
    expect(sample(input, raw)).toEqual({ value: 0, isOverRange: true, isReportable: true });
    sample(input, 7);
    expect(sample(input, raw)).toEqual({ value: 7, isOverRange: true, isReportable: true });
    expect(sample(input, 7)).toEqual({ value: 7, isOverRange: false, isReportable: true });
  });
});

describe('deadband', () => {
  const reportable = (input: AnalogInput, raws: readonly number[]) =>
    raws.filter((raw) => sample(input, raw).isReportable);

  test('is against the value that was reported last, so that slow drifts are told', () => {
    expect(reportable(open({ deadband: 1 }), [0, 0.5, 0.9, 1, 1.5, 0.5, 0])).toEqual([0, 1, 0]);
  });

  test('of 0 tells every change and nothing else', () => {
    expect(reportable(open(), [3, 3, 3.001, 3.001, 3])).toEqual([3, 3.001, 3]);
  });

  test('does not hide a change of the range', () => {
    const input = open({ deadband: 100, maximum: 10 });
    expect(reportable(input, [9, 11, 11, 9])).toEqual([9, 11, 9]);
  });
});
