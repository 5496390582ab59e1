import type { ControlValue, SensorControl } from '../camera.ts';
import { CONTROL_IDS } from './control-ids.ts';
import type { NativeControls } from './native-controls.ts';

export const SWITCH_FIELDS = [
  'auto_exposure_enable',
  'auto_exposure_lock',
  'auto_whitebalance_lock',
] as const;
export type SwitchField = (typeof SWITCH_FIELDS)[number];

export const WHITE_BALANCE_MODES = [
  'AUTO',
  'OFF',
  'INCANDESCENT',
  'FLUORESCENT',
  'WARM_FLUORESCENT',
  'DAYLIGHT',
  'CLOUDY_DAYLIGHT',
  'TWILIGHT',
  'SHADE',
] as const;
export type WhiteBalanceMode = (typeof WHITE_BALANCE_MODES)[number];

export const ANTI_BANDING_MODES = ['OFF', 'MAINS_50_HZ', 'MAINS_60_HZ', 'AUTO'] as const;
export type AntiBandingMode = (typeof ANTI_BANDING_MODES)[number];

/** A field of a few choices over the controls of one sensor. */
export interface Mode<T> {
  /** What it is set to now, and in the device's defaults. */
  readonly value: T;
  readonly defaultValue: T;
  /** What the sensor can do. */
  readonly choices: readonly T[];
  /** How one of these choices is made. */
  write(choice: T): readonly ControlValue[];
}

/** Fields that are on or off, by their names; undefined where the sensor has no such control. */
export const SWITCHES: Readonly<
  Record<
    SwitchField,
    { readonly initial: boolean; find(controls: NativeControls): Mode<boolean> | undefined }
  >
> = {
  auto_exposure_enable: { initial: true, find: autoExposure },
  auto_exposure_lock: { initial: false, find: (controls) => lock(controls, 1) },
  auto_whitebalance_lock: { initial: false, find: (controls) => lock(controls, 2) },
};

/** What a menu calls its choices, by the number that chooses them. */
const labelsOf = ({ menu = [] }: SensorControl): ReadonlyMap<number, string> =>
  new Map(menu.map(({ index, label }) => [index, label]));

/** The values of an automatic control that mean "automatic" and "by hand"; chosen by the labels of a menu. */
function automaticAndManual(control: SensorControl): { automatic?: number; manual?: number } {
  if (control.type !== 'menu') return { automatic: 1, manual: 0 };
  const choices = [...labelsOf(control)];
  const like = (pattern: RegExp) => choices.find(([, label]) => pattern.test(label))?.[0];
  const manual = like(/manual/i);
  const automatic = like(/^auto/i) ?? like(/aperture/i);
  return { ...(automatic !== undefined && { automatic }), ...(manual !== undefined && { manual }) };
}

function isAutomaticNow(control: SensorControl, value: number): boolean {
  if (control.type !== 'menu') return value !== 0;
  // Shutter priority: the time of exposure is set by hand, too.
  return !/manual|shutter/i.test(labelsOf(control).get(value) ?? '');
}

/** Exposure, gain and sensitivity together: by hand, all three are the client's. */
function autoExposure(controls: NativeControls): Mode<boolean> | undefined {
  const parts = [
    CONTROL_IDS.V4L2_CID_EXPOSURE_AUTO,
    CONTROL_IDS.V4L2_CID_AUTOGAIN,
    CONTROL_IDS.V4L2_CID_ISO_SENSITIVITY_AUTO,
  ].flatMap((id) => controls.find(id) ?? []);
  const [first] = parts;
  if (first === undefined) return undefined;
  const { automatic, manual } = automaticAndManual(first);
  const choices = [...(automatic === undefined ? [] : [true]), ...(manual === undefined ? [] : [false])];
  return {
    value: isAutomaticNow(first, controls.value(first)),
    defaultValue: isAutomaticNow(first, first.defaultValue),
    choices,
    write: (isOn) =>
      parts.flatMap((part) => {
        const values = automaticAndManual(part);
        const value = isOn ? values.automatic : values.manual;
        return value === undefined ? [] : [{ name: part.name, value }];
      }),
  };
}

/** A bit of V4L2_CID_3A_LOCK. */
function lock(controls: NativeControls, bit: number): Mode<boolean> | undefined {
  const control = controls.find(CONTROL_IDS.V4L2_CID_3A_LOCK);
  if (control === undefined || (control.maximum & bit) === 0) return undefined;
  const present = controls.value(control);
  return {
    value: (present & bit) !== 0,
    defaultValue: (control.defaultValue & bit) !== 0,
    choices: [false, true],
    write: (isOn) => [{ name: control.name, value: isOn ? present | bit : present & ~bit }],
  };
}

/** enum v4l2_auto_n_preset_white_balance; flash light is like daylight, and the grey world is an automatic mode. */
const PRESETS: readonly (readonly [preset: number, mode: WhiteBalanceMode])[] = [
  [1, 'AUTO'],
  [0, 'OFF'],
  [2, 'INCANDESCENT'],
  [3, 'FLUORESCENT'],
  [4, 'WARM_FLUORESCENT'],
  [6, 'DAYLIGHT'],
  [8, 'CLOUDY_DAYLIGHT'],
  [5, 'TWILIGHT'],
  [9, 'SHADE'],
  [7, 'DAYLIGHT'],
  [10, 'AUTO'],
];

/** White balance: a menu of presets, or automatic and by hand; undefined where the sensor has neither. */
export function whiteBalance(controls: NativeControls): Mode<WhiteBalanceMode> | undefined {
  const presets = controls.find(CONTROL_IDS.V4L2_CID_AUTO_N_PRESET_WHITE_BALANCE);
  if (presets !== undefined) return menuMode(controls, presets, PRESETS, 'AUTO');
  const automatic = controls.find(CONTROL_IDS.V4L2_CID_AUTO_WHITE_BALANCE);
  if (automatic !== undefined) {
    const modeOf = (value: number): WhiteBalanceMode => (value === 0 ? 'OFF' : 'AUTO');
    return {
      value: modeOf(controls.value(automatic)),
      defaultValue: modeOf(automatic.defaultValue),
      choices: ['AUTO', 'OFF'],
      write: (mode) => [{ name: automatic.name, value: mode === 'OFF' ? 0 : 1 }],
    };
  }
  if (controls.find(CONTROL_IDS.V4L2_CID_WHITE_BALANCE_TEMPERATURE) === undefined) return undefined;
  return { value: 'OFF', defaultValue: 'OFF', choices: ['OFF'], write: () => [] };
}

/** enum v4l2_power_line_frequency. */
const FREQUENCIES: readonly (readonly [index: number, mode: AntiBandingMode])[] = [
  [0, 'OFF'],
  [1, 'MAINS_50_HZ'],
  [2, 'MAINS_60_HZ'],
  [3, 'AUTO'],
];

/** Against the flicker of lamps; undefined where the sensor has no such control. */
export function antiBanding(controls: NativeControls): Mode<AntiBandingMode> | undefined {
  const control = controls.find(CONTROL_IDS.V4L2_CID_POWER_LINE_FREQUENCY);
  return control && menuMode(controls, control, FREQUENCIES, 'OFF');
}

/** A menu whose indices mean modes; the first index of a mode is the one that is set. */
function menuMode<T>(
  controls: NativeControls,
  control: SensorControl,
  meanings: readonly (readonly [index: number, mode: T])[],
  otherwise: T,
): Mode<T> {
  const has = labelsOf(control);
  const offered = meanings.filter(([index]) => has.has(index));
  const modeOf = (value: number): T => meanings.find(([index]) => index === value)?.[1] ?? otherwise;
  return {
    value: modeOf(controls.value(control)),
    defaultValue: modeOf(control.defaultValue),
    choices: [...new Set(offered.map(([, mode]) => mode))],
    write: (choice) =>
      offered
        .filter(([, mode]) => mode === choice)
        .slice(0, 1)
        .map(([value]) => ({ name: control.name, value })),
  };
}
