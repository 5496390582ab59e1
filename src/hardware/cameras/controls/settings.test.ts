import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ControlType, SensorControl } from '../camera.ts';
import { SimulatedControls } from '../simulated/sensor-controls.ts';
import { capabilitiesOf } from './capabilities.ts';
import { CONTROL_IDS } from './control-ids.ts';
import { NativeControls } from './native-controls.ts';
import { planOf, settingsOf } from './settings.ts';

type Id = keyof typeof CONTROL_IDS;
type Range = readonly [minimum: number, maximum: number, defaultValue: number];

function control(
  id: Id,
  type: ControlType,
  [minimum, maximum, defaultValue]: Range,
  more = {},
): SensorControl {
  const name = id.replace('V4L2_CID_', '').toLowerCase();
  const range = { minimum, maximum, step: 1, defaultValue };
  return { id: CONTROL_IDS[id], name, type, ...range, value: defaultValue, flags: [], ...more };
}
const labels = (...texts: readonly string[]) => ({ menu: texts.map((label, index) => ({ index, label })) });

/** A webcam as uvcvideo describes it. */
const webcam = (): NativeControls => new NativeControls(new SimulatedControls('CAM', true).list());

/** The camera of a single-board computer: menus for everything. */
const board = [
  control('V4L2_CID_EXPOSURE_AUTO', 'menu', [0, 1, 0], labels('Auto Mode', 'Manual Mode')),
  control('V4L2_CID_EXPOSURE', 'integer', [0, 1000, 500]),
  control('V4L2_CID_ISO_SENSITIVITY', 'integer-menu', [0, 3, 1], labels('0', '100000', '200000', '400000')),
  control('V4L2_CID_ISO_SENSITIVITY_AUTO', 'menu', [0, 1, 1], labels('Manual', 'Auto')),
  control(
    'V4L2_CID_AUTO_EXPOSURE_BIAS',
    'integer-menu',
    [0, 4, 2],
    labels('-2000', '-1000', '0', '1000', '2000'),
  ),
  control('V4L2_CID_3A_LOCK', 'bitmask', [0, 7, 0]),
  control(
    'V4L2_CID_AUTO_N_PRESET_WHITE_BALANCE',
    'menu',
    [0, 9, 1],
    labels(
      'Manual',
      'Auto',
      'Incandescent',
      'Fluorescent',
      'Fluorescent H',
      'Horizon',
      'Daylight',
      'Flash',
      'Cloudy',
      'Shade',
    ),
  ),
  control('V4L2_CID_AUTO_FOCUS_START', 'button', [0, 0, 0], { value: undefined }),
];

const planFor = (controls: NativeControls, change: Record<string, unknown>) =>
  planOf('X CAM_A', controls, change).map(({ name, value }) => [name, value]);

test('a sensor without controls shows what Robopipe shows at first', () => {
  expect(settingsOf(new NativeControls([]))).toEqual({
    exposure_time: 1,
    sensitivity_iso: 850,
    auto_exposure_enable: true,
    auto_exposure_compensation: 0,
    auto_exposure_limit: 0,
    auto_exposure_lock: false,
    contrast: 0,
    brightness: 0,
    saturation: 0,
    sharpness: 1,
    chroma_denoise: 0,
    luma_denoise: 0,
    auto_whitebalance_lock: false,
    auto_whitebalance_mode: 'AUTO',
    manual_whitebalance: 6500,
    anti_banding_mode: 'MAINS_50_HZ',
    focus: null,
  });
});

test('a webcam shows its values in Robopipe’s units', () => {
  expect(settingsOf(webcam())).toMatchObject({
    exposure_time: 15_700,
    sensitivity_iso: 100,
    auto_exposure_enable: true,
    brightness: 0,
    contrast: 0,
    sharpness: 2,
    auto_whitebalance_mode: 'AUTO',
    manual_whitebalance: 4600,
    anti_banding_mode: 'MAINS_50_HZ',
    focus: { auto_focus_mode: 'CONTINUOUS_VIDEO', auto_focus_trigger: false, lens_position: 0 },
  });
});

describe('what a change sets on a webcam', () => {
  test.each<[Record<string, unknown>, (readonly [string, number])[]]>([
    [{}, []],
    [{ brightness: null, unknown: 5, toString: 3 }, []],
    [{ brightness: 10 }, [['brightness', 64]]],
    [{ contrast: -5 }, [['contrast', 16]]],
    [{ saturation: '3' }, [['saturation', 83]]],
    [{ sensitivity_iso: 5000 }, [['gain', 255]]],
    [{ sharpness: 4.0 }, [['sharpness', 255]]],
    [{ anti_banding_mode: 'MAINS_60_HZ' }, [['power_line_frequency', 2]]],
    [
      { exposure_time: 8000, auto_exposure_enable: false },
      [
        ['auto_exposure', 1],
        ['exposure_time_absolute', 80],
      ],
    ],
    [
      { auto_exposure_enable: 'off', exposure_time: 15_700 },
      [
        ['auto_exposure', 1],
        ['exposure_time_absolute', 157],
      ],
    ],
    [
      { manual_whitebalance: 3000, auto_whitebalance_mode: 'OFF' },
      [
        ['white_balance_automatic', 0],
        ['white_balance_temperature', 3000],
      ],
    ],
    [
      { focus: { auto_focus_mode: 'OFF', lens_position: 0.5 } },
      [
        ['focus_automatic_continuous', 0],
        ['focus_absolute', 125],
      ],
    ],
    [
      { focus: '{"auto_focus_mode":"OFF"}' },
      [
        ['focus_automatic_continuous', 0],
        ['focus_absolute', 0],
      ],
    ],
    [{ focus: { auto_focus_mode: 'CONTINUOUS_PICTURE', lens_position: '0.7' } }, []],
    [{ luma_denoise: 0, auto_exposure_limit: 0, auto_exposure_lock: 'false' }, []],
  ])('%j', (change, expected) => {
    expect(planFor(webcam(), change)).toEqual(expected);
  });
});

describe('what a change sets on a camera of menus', () => {
  test.each<[Record<string, unknown>, (readonly [string, number])[]]>([
    [
      { auto_exposure_enable: false },
      [
        ['exposure_auto', 1],
        ['iso_sensitivity_auto', 0],
      ],
    ],
    [{ exposure_time: 33_000 }, [['exposure', 1000]]],
    [{ sensitivity_iso: 250 }, [['iso_sensitivity', 2]]],
    [{ auto_exposure_compensation: -6 }, [['auto_exposure_bias', 0]]],
    [{ auto_exposure_compensation: 3 }, [['auto_exposure_bias', 3]]],
    [
      { auto_exposure_lock: true, auto_whitebalance_lock: true },
      [
        ['3a_lock', 1],
        ['3a_lock', 3],
      ],
    ],
    [{ auto_whitebalance_mode: 'TWILIGHT' }, [['auto_n_preset_white_balance', 5]]],
    [{ focus: { auto_focus_mode: 'AUTO', auto_focus_trigger: 1 } }, [['auto_focus_start', 1]]],
  ])('%j', (change, expected) => {
    expect(planFor(new NativeControls(board), change)).toEqual(expected);
  });
});

describe('refusals name the field, what was seen and what is allowed', () => {
  test.each<[Record<string, unknown>, string, RegExp]>([
    [
      { exposure_time: 99 },
      'CONTROL_VALUE_INVALID',
      /exposure_time must be a whole number from 100 to 500000, saw 99/,
    ],
    [{ brightness: 11 }, 'CONTROL_VALUE_INVALID', /brightness .*-10 to 10, saw 11/],
    [{ brightness: '1.5' }, 'CONTROL_VALUE_INVALID', /saw "1.5"/],
    [{ brightness: '' }, 'CONTROL_VALUE_INVALID', /saw ""/],
    [{ brightness: [1] }, 'CONTROL_VALUE_INVALID', /saw \[1\]/],
    [{ luma_denoise: 5 }, 'CONTROL_VALUE_INVALID', /luma_denoise .* 0 to 4/],
    [{ luma_denoise: 2 }, 'CONTROL_UNSUPPORTED', /luma_denoise to 2; possible: 0/],
    [{ auto_exposure_enable: 2 }, 'CONTROL_VALUE_INVALID', /true or false, saw 2/],
    [{ auto_exposure_lock: true }, 'CONTROL_UNSUPPORTED', /auto_exposure_lock to true/],
    [{ auto_whitebalance_mode: 'SHADE' }, 'CONTROL_UNSUPPORTED', /possible: AUTO, OFF/],
    [{ auto_whitebalance_mode: 'shade' }, 'CONTROL_VALUE_INVALID', /one of AUTO/],
    [{ focus: 5 }, 'CONTROL_VALUE_INVALID', /focus must be an object/],
    [{ focus: '{' }, 'CONTROL_VALUE_INVALID', /focus must be an object/],
    [{ focus: { lens_position: 1.1 } }, 'CONTROL_VALUE_INVALID', /focus.lens_position .*0 to 1, saw 1.1/],
    [{ focus: { auto_focus_mode: 'MACRO' } }, 'CONTROL_UNSUPPORTED', /possible: OFF, CONTINUOUS_VIDEO/],
    [{ focus: { auto_focus_trigger: true } }, 'CONTROL_UNSUPPORTED', /auto_focus_trigger/],
  ])('%j', (change, code, message) => {
    expect(() => planFor(webcam(), change)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  test('a lens that does not move', () => {
    const change = { focus: { auto_focus_mode: 'OFF' } };
    expect(() => planFor(new NativeControls([]), change)).toThrow(
      expect.objectContaining({ code: 'CONTROL_UNSUPPORTED' }),
    );
    expect(planFor(new NativeControls([]), { focus: null })).toEqual([]);
  });
});

/** A webcam with any values. */
const anyWebcam = fc
  .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 20, maxLength: 20 })
  .map((places) =>
    new SimulatedControls('CAM', true).list().map((each, index): SensorControl => {
      const place = places[index] ?? 0;
      const steps = Math.floor(((each.maximum - each.minimum) / each.step) * place);
      const choice = each.menu?.[Math.floor(place * (each.menu.length - 1))]?.index;
      return { ...each, value: choice ?? each.minimum + steps * each.step, flags: [] };
    }),
  );

test('the whole object sent back as it was read, even as text, changes nothing', () => {
  fc.assert(
    fc.property(anyWebcam, (list) => {
      const controls = new NativeControls(list);
      const whole = settingsOf(controls);
      expect(planFor(controls, { ...whole })).toEqual([]);
      const texts = Object.entries(whole).map(([name, value]) => [
        name,
        typeof value === 'object' ? value : String(value),
      ]);
      expect(planFor(controls, Object.fromEntries(texts))).toEqual([]);
    }),
  );
});

test('the whole object with one change sets what is changed and nothing else', () => {
  fc.assert(
    fc.property(anyWebcam, fc.integer({ min: -10, max: 10 }), (list, level) => {
      const controls = new NativeControls(list);
      const plan = planFor(controls, { ...settingsOf(controls), saturation: level });
      expect(plan.filter(([name]) => name !== 'saturation')).toEqual([]);
    }),
  );
});

test('a value that waits for an automatic mode to go off is shown instead of the one of the device', () => {
  const locked = new SimulatedControls('CAM', true).list();
  const waiting = new Map([['exposure_time_absolute', 42]]);
  expect(settingsOf(new NativeControls(locked, waiting)).exposure_time).toBe(4200);
  const free = locked.map((each) => ({ ...each, flags: [] }));
  expect(settingsOf(new NativeControls(free, waiting)).exposure_time).toBe(15_700);
});

test('whatever a client sends is planned or refused in words', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...Object.keys(settingsOf(webcam()))), fc.jsonValue()),
      (change) => {
        try {
          planFor(webcam(), change);
        } catch (error) {
          expect(error).toMatchObject({ kind: 'invalid' });
        }
      },
    ),
  );
});

test('capabilities are the ranges of the device in Robopipe’s units', () => {
  expect(capabilitiesOf(webcam(), true)).toMatchObject({
    sensor_type: 'COLOR',
    has_autofocus: true,
    has_color_controls: true,
    exposure_time: { min: 100, max: 500_000, default: 15_700, step: 100 },
    brightness: { min: -10, max: 10, default: 0, step: 1 },
    manual_whitebalance: { min: 2800, max: 6500, default: 4600, step: 1 },
    auto_exposure_enable: { min: 0, max: 1, default: 1, step: 1 },
    lens_position: { min: 0, max: 1, default: 0 },
    luma_denoise: null,
    auto_exposure_limit: null,
    auto_focus_modes: ['OFF', 'CONTINUOUS_VIDEO', 'CONTINUOUS_PICTURE'],
    auto_whitebalance_modes: ['AUTO', 'OFF'],
    anti_banding_modes: ['OFF', 'MAINS_50_HZ', 'MAINS_60_HZ', 'AUTO'],
  });
  expect(capabilitiesOf(new NativeControls([]), false)).toMatchObject({
    sensor_type: 'MONO',
    has_autofocus: false,
    has_color_controls: false,
    exposure_time: null,
    lens_position: null,
    auto_focus_modes: [],
    auto_whitebalance_modes: null,
    anti_banding_modes: [],
    native: [],
  });
});
