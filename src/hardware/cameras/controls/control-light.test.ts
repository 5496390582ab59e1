import { expect, test } from 'vitest';
import type { ControlType, SensorControl } from '../camera.ts';
import { CONTROL_IDS } from './control-ids.ts';
import { controlLight } from './control-light.ts';

const control = (
  name: string,
  type: ControlType,
  [minimum, maximum, step]: readonly [number, number, number],
  value: number,
  more: Partial<SensorControl> = {},
): SensorControl => ({
  id: 1,
  name,
  type,
  minimum,
  maximum,
  step,
  defaultValue: minimum,
  value,
  flags: [],
  ...more,
});
const menu = (value: number, ...labels: readonly string[]) =>
  control('led_mode', 'menu', [0, labels.length - 1, 1], value, {
    id: CONTROL_IDS.V4L2_CID_FLASH_LED_MODE,
    menu: labels.map((label, index) => ({ index, label })),
  });
const torch = (value: number, [minimum, maximum, step] = [25, 200, 25] as const) =>
  control('intensity_torch_mode', 'integer', [minimum, maximum, step], value, {
    id: CONTROL_IDS.V4L2_CID_FLASH_TORCH_INTENSITY,
  });
const light = (name: string, ...list: SensorControl[]) => controlLight('CAMERA CAM_A', list, name);
const written = (name: string, intensity: number, ...list: SensorControl[]): string[] =>
  light(name, ...list)
    .write(intensity)
    .map(({ name, value }) => `${name}=${value}`);

const illuminator = control('illuminator_1', 'boolean', [0, 1, 1], 1);
const dimmer = control('light', 'integer', [10, 110, 5], 60);

test.each<[string, string, number, SensorControl[], string[]]>([
  ['a switch is on above 0', 'illuminator_1', 0.1, [illuminator], ['illuminator_1=1']],
  ['a switch is off at 0', 'illuminator_1', 0, [illuminator], ['illuminator_1=0']],
  ['a number goes through its range', 'light', 0.52, [dimmer], ['light=60']],
  ['a number is least at 0', 'light', 0, [dimmer], ['light=10']],
  ['a menu is on by its label', 'led_mode', 1, [menu(0, 'Off', 'On', 'Blink')], ['led_mode=1']],
  ['a menu is off by its label', 'led_mode', 0, [menu(1, 'Auto', 'On', 'Off')], ['led_mode=2']],
  [
    'a torch is switched on first',
    'intensity_torch_mode',
    0.5,
    [menu(0, 'Off', 'Flash', 'Torch'), torch(25)],
    ['led_mode=2', 'intensity_torch_mode=100'],
  ],
  [
    'a torch as weak as it can be is still on',
    'intensity_torch_mode',
    0.01,
    [menu(0, 'Off', 'Flash', 'Torch'), torch(25)],
    ['led_mode=2', 'intensity_torch_mode=25'],
  ],
  [
    'a torch is switched off and keeps its strength',
    'intensity_torch_mode',
    0,
    [menu(2, 'Off', 'Flash', 'Torch'), torch(25)],
    ['led_mode=0'],
  ],
  [
    'a torch without a switch goes through its range',
    'intensity_torch_mode',
    0,
    [torch(50)],
    ['intensity_torch_mode=25'],
  ],
])('%s', (_title, name, intensity, list, expected) => {
  expect(written(name, intensity, ...list)).toEqual(expected);
});

test('what is read back is a part of the range, and 0 while it is off', () => {
  expect(light('illuminator_1', illuminator).intensity).toBe(1);
  expect(light('light', dimmer).intensity).toBe(0.5);
  expect(light('led_mode', menu(1, 'Off', 'On')).intensity).toBe(1);
  expect(light('led_mode', menu(2, 'Off', 'On', 'Blink')).intensity).toBe(0);
  const modes = ['Off', 'Flash', 'Torch'];
  expect(light('intensity_torch_mode', menu(2, ...modes), torch(100)).intensity).toBe(0.5);
  expect(light('intensity_torch_mode', menu(0, ...modes), torch(100)).intensity).toBe(0);
});

test.each([
  ['CONTROL_NOT_FOUND', 'other', illuminator],
  ['CONTROL_UNSUPPORTED', 'text', control('text', 'string', [0, 8, 1], 0)],
  ['CONTROL_UNSUPPORTED', 'led_mode', menu(0, 'Off', 'Blink')],
  ['CONTROL_UNSUPPORTED', 'fixed', control('fixed', 'integer', [3, 3, 1], 3)],
])('what cannot be a light is refused with %s', (code, name, only) => {
  expect(() => light(name, only)).toThrowError(expect.objectContaining({ code }));
});
