import { expect, test } from 'vitest';
import { SimulatedControls } from './sensor-controls.ts';

const start = (isColour = true) => new SimulatedControls('SIMULATED1 CAM_A', isColour);
const one = (controls: SimulatedControls, name: string) => controls.list().find((each) => each.name === name);

test('a colour sensor has what a webcam has, a mono sensor no colours', () => {
  const names = (isColour: boolean) =>
    start(isColour)
      .list()
      .map(({ name }) => name);
  expect(names(true)).toEqual([
    'brightness',
    'contrast',
    'saturation',
    'white_balance_automatic',
    'gain',
    'power_line_frequency',
    'white_balance_temperature',
    'sharpness',
    'auto_exposure',
    'exposure_time_absolute',
    'focus_absolute',
    'focus_automatic_continuous',
  ]);
  expect(names(false).filter((name) => /white_balance|saturation/.test(name))).toEqual([]);
});

test('a number is rounded to the step of its control', () => {
  const controls = start();
  controls.set([
    { name: 'focus_automatic_continuous', value: 0 },
    { name: 'focus_absolute', value: 13 },
  ]);
  expect(one(controls, 'focus_absolute')?.value).toBe(15);
});

test('what an automatic mode holds is inactive and refuses, until the mode is off', () => {
  const controls = start();
  expect(one(controls, 'exposure_time_absolute')?.flags).toEqual(['inactive']);
  const value = { name: 'exposure_time_absolute', value: 10 };
  expect(() => controls.set([value])).toThrow(expect.objectContaining({ code: 'CONTROL_LOCKED' }));
  controls.set([{ name: 'auto_exposure', value: 1 }, value]);
  expect(one(controls, 'exposure_time_absolute')).toMatchObject({ value: 10, flags: [] });
});

test('a refusal names its control and what was set before it', () => {
  const controls = start();
  const values = [
    { name: 'gain', value: 7 },
    { name: 'auto_exposure', value: 2 },
    { name: 'contrast', value: 1 },
  ];
  expect(() => controls.set(values)).toThrow(
    expect.objectContaining({
      code: 'CONTROL_REJECTED',
      message: expect.stringMatching(/auto_exposure = 2.*kept: gain/),
    }),
  );
  expect(one(controls, 'gain')?.value).toBe(7);
  expect(one(controls, 'contrast')?.value).toBe(32);
});

test('an unknown name is refused before anything is set', () => {
  const controls = start();
  const values = [
    { name: 'gain', value: 7 },
    { name: 'none', value: 1 },
  ];
  expect(() => controls.set(values)).toThrow(expect.objectContaining({ code: 'CONTROL_NOT_FOUND' }));
  expect(one(controls, 'gain')?.value).toBe(0);
});

test.each([65, Number.NaN, 'much'])('brightness %s is refused', (value) => {
  expect(() => start().set([{ name: 'brightness', value }])).toThrow(
    expect.objectContaining({ code: 'CONTROL_REJECTED' }),
  );
});
