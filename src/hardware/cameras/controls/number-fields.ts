import type { SensorControl } from '../camera.ts';
import { CONTROL_IDS } from './control-ids.ts';
import type { NativeControls } from './native-controls.ts';
import { centredScale, menuScale, type Scale, spreadScale, unitScale } from './scale.ts';

export const NUMBER_FIELDS = [
  'exposure_time',
  'sensitivity_iso',
  'auto_exposure_compensation',
  'auto_exposure_limit',
  'contrast',
  'brightness',
  'saturation',
  'sharpness',
  'chroma_denoise',
  'luma_denoise',
  'manual_whitebalance',
] as const;
export type NumberField = (typeof NUMBER_FIELDS)[number];

/** The control behind a field, and how its numbers become the field's. */
export interface ScaledControl {
  readonly control: SensorControl;
  readonly scale: Scale;
}

interface Definition {
  /** What a sensor without such a control shows. */
  readonly initial: number;
  /** What such a sensor's field takes, if it took any. */
  readonly min: number;
  readonly max: number;
  /** The control that a sensor has for it. */
  find(controls: NativeControls): ScaledControl | undefined;
}

const LEVEL = { initial: 0, min: -10, max: 10 };
const DENOISE = { initial: 0, min: 0, max: 4 };

/** What `exposure` (a unit of the driver's own) and gains are spread over. */
const EXPOSURE_US = { min: 1, max: 33_000, step: 1 };
const ISO = { min: 100, max: 5000, step: 1 };

/** A step of compensation is a third of an EV; menus count in 0.001 EV. */
const BIAS_PER_STEP = 1000 / 3;
/** Menus of sensitivity count in 0.001 ISO. */
const MENU_PER_ISO = 1000;

const scaled = (
  control: SensorControl | undefined,
  scaleOf: (control: SensorControl) => Scale | undefined,
): ScaledControl | undefined => {
  const scale = control && scaleOf(control);
  return control === undefined || scale === undefined ? undefined : { control, scale };
};

const level = (id: number): Definition => ({
  ...LEVEL,
  find: (controls) => scaled(controls.find(id), (control) => centredScale(control, LEVEL.max)),
});
const denoise = (...names: readonly string[]): Definition => ({
  ...DENOISE,
  find: (controls) =>
    scaled(controls.named(...names), (control) => spreadScale(control, { ...DENOISE, step: 1 })),
});

/** Fields of one number, by their names. docs/camera-controls.md explains each. */
export const NUMBERS: Readonly<Record<NumberField, Definition>> = {
  exposure_time: {
    initial: 1,
    min: 1,
    max: 33_000_000,
    find: (controls) =>
      scaled(controls.find(CONTROL_IDS.V4L2_CID_EXPOSURE_ABSOLUTE), (control) => unitScale(control, 100)) ??
      scaled(controls.find(CONTROL_IDS.V4L2_CID_EXPOSURE), (control) => spreadScale(control, EXPOSURE_US)),
  },
  sensitivity_iso: {
    initial: 850,
    min: ISO.min,
    max: ISO.max,
    find: (controls) =>
      scaled(controls.find(CONTROL_IDS.V4L2_CID_ISO_SENSITIVITY), (control) =>
        menuScale(control, (label) => (Number(label) > 0 ? Number(label) / MENU_PER_ISO : undefined)),
      ) ??
      scaled(controls.find(CONTROL_IDS.V4L2_CID_GAIN, CONTROL_IDS.V4L2_CID_ANALOGUE_GAIN), (control) =>
        spreadScale(control, ISO),
      ),
  },
  auto_exposure_compensation: {
    initial: 0,
    min: -9,
    max: 9,
    find: (controls) =>
      scaled(controls.find(CONTROL_IDS.V4L2_CID_AUTO_EXPOSURE_BIAS), (control) =>
        menuScale(control, (label) => withinNine(Number(label) / BIAS_PER_STEP)),
      ),
  },
  auto_exposure_limit: { initial: 0, min: 0, max: 33_000_000, find: () => undefined },
  contrast: level(CONTROL_IDS.V4L2_CID_CONTRAST),
  brightness: level(CONTROL_IDS.V4L2_CID_BRIGHTNESS),
  saturation: level(CONTROL_IDS.V4L2_CID_SATURATION),
  sharpness: {
    initial: 1,
    min: 0,
    max: 4,
    find: (controls) =>
      scaled(controls.find(CONTROL_IDS.V4L2_CID_SHARPNESS), (control) =>
        spreadScale(control, { min: 0, max: 4, step: 1 }),
      ),
  },
  chroma_denoise: denoise('chroma_denoise', 'chroma_noise_reduction', 'color_noise_reduction'),
  luma_denoise: denoise('luma_denoise', 'luma_noise_reduction', 'noise_reduction'),
  manual_whitebalance: {
    initial: 6500,
    min: 1000,
    max: 12_000,
    find: (controls) =>
      scaled(controls.find(CONTROL_IDS.V4L2_CID_WHITE_BALANCE_TEMPERATURE), (control) =>
        unitScale(control, 1),
      ),
  },
};

/** Choices beyond Robopipe's nine steps to either side are left out. */
const withinNine = (steps: number): number | undefined =>
  Math.abs(Math.round(steps)) <= 9 ? steps : undefined;
