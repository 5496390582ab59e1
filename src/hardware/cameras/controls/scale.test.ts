import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SensorControl } from '../camera.ts';
import { centredScale, menuScale, type Scale, spreadScale, unitScale } from './scale.ts';

function control(minimum: number, maximum: number, step: number, defaultValue: number): SensorControl {
  const range = { minimum, maximum, step, defaultValue };
  return { id: 1, name: 'x', type: 'integer', ...range, value: defaultValue, flags: [] };
}

/** Any integer control that a driver may describe, its default on no step. */
const anyControl = fc
  .tuple(
    fc.integer({ min: -70_000, max: 70_000 }),
    fc.nat(70_000),
    fc.nat(100),
    fc.double({ min: 0, max: 1, noNaN: true }),
  )
  .map(([minimum, span, step, place]) =>
    control(minimum, minimum + span, step, minimum + Math.round(span * place)),
  );

const SCALES: readonly (readonly [string, (control: SensorControl) => Scale])[] = [
  ['of units', (each) => unitScale(each, 100)],
  ['spread', (each) => spreadScale(each, { min: 100, max: 5000, step: 1 })],
  ['centred', (each) => centredScale(each, 10)],
];

describe.each(SCALES)('a scale %s', (_, scaleOf) => {
  test('gives the device nothing out of its range or off its step', () => {
    fc.assert(
      fc.property(anyControl, fc.double({ min: 0, max: 1, noNaN: true }), (each, place) => {
        const scale = scaleOf(each);
        const native = scale.toNative(Math.round(scale.min + place * (scale.max - scale.min)));
        expect(native).toBeGreaterThanOrEqual(each.minimum);
        expect(native).toBeLessThanOrEqual(each.maximum);
        const isOnStep = (native - each.minimum) % Math.max(1, each.step) === 0;
        expect(isOnStep || native === each.defaultValue).toBe(true);
      }),
    );
  });

  test('shows a value that, set again, is shown again', () => {
    fc.assert(
      fc.property(anyControl, fc.double({ min: 0, max: 1, noNaN: true }), (each, place) => {
        fc.pre(each.step <= 1); // on a coarse grid the nearest step may lie on the other side
        const scale = scaleOf(each);
        const native = each.minimum + Math.round(place * (each.maximum - each.minimum));
        const shown = scale.toRobopipe(native);
        expect(shown).toBeGreaterThanOrEqual(scale.min);
        expect(shown).toBeLessThanOrEqual(scale.max);
        expect(scale.toRobopipe(scale.toNative(shown))).toBe(shown);
      }),
    );
  });

  test('keeps the order of values', () => {
    fc.assert(
      fc.property(anyControl, fc.integer({ min: -10, max: 10 }), (each, value) => {
        const scale = scaleOf(each);
        const within = Math.min(scale.max - 1, Math.max(scale.min, value));
        fc.pre(scale.max > scale.min);
        expect(scale.toNative(within)).toBeLessThanOrEqual(scale.toNative(within + 1));
      }),
    );
  });
});

test.each([
  [-10, 0],
  [-5, 64],
  [0, 128],
  [5, 192],
  [10, 255],
])('a level of %d is %d in a range of 0 to 255 around 128', (level, native) => {
  const scale = centredScale(control(0, 255, 1, 128), 10);
  expect(scale.toNative(level)).toBe(native);
  expect(scale.toRobopipe(native)).toBe(level);
});

test('the default is set as it is, also between two steps', () => {
  expect(centredScale(control(0, 255, 10, 128), 10).toNative(0)).toBe(128);
});

test('a default at the end of the range leaves one side only', () => {
  expect(centredScale(control(0, 255, 1, 0), 10)).toMatchObject({ min: 0, max: 10 });
  expect(centredScale(control(0, 255, 1, 255), 10)).toMatchObject({ min: -10, max: 0 });
});

test('a menu of numbers takes the nearest of them, and what is no number is no choice', () => {
  const menu = ['auto', '100000', '200000', '400000'].map((label, index) => ({ index, label }));
  const iso = { ...control(0, 3, 1, 0), type: 'integer-menu' as const, menu };
  const scale = menuScale(iso, (label) => (Number(label) > 0 ? Number(label) / 1000 : undefined));
  expect(scale).toMatchObject({ min: 100, max: 400 });
  expect([100, 149, 151, 390].map((value) => scale?.toNative(value))).toEqual([1, 1, 2, 3]);
  expect([0, 1, 2, 3].map((index) => scale?.toRobopipe(index))).toEqual([100, 100, 200, 400]);
  expect(menuScale({ ...iso, menu: [] }, Number)).toBeUndefined();
});
