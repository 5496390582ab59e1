import { Type } from '../../core/schema.ts';
import {
  ANTI_BANDING_MODES,
  type ControlCapabilities,
  type ControlSettings,
  type FieldRange,
  FOCUS_MODES,
  NUMBER_FIELDS,
  SWITCH_FIELDS,
  WHITE_BALANCE_MODES,
} from '../../hardware/cameras/controls/index.ts';
import { SensorControl } from './schema.ts';

/** What each field says; ranges are the sensor's own, see `control/capabilities`. */
const DESCRIPTIONS = {
  exposure_time: 'Microseconds; set while `auto_exposure_enable` is true, it waits until that goes off.',
  sensitivity_iso: 'ISO; by hand together with the time of exposure.',
  auto_exposure_compensation: 'Thirds of an EV.',
  auto_exposure_limit: 'Longest automatic exposure in microseconds; no driver has a control for it.',
  contrast: '-10 to 10; 0 is the default of the device.',
  brightness: '-10 to 10; 0 is the default of the device.',
  saturation: '-10 to 10; 0 is the default of the device.',
  sharpness: '0 to 4.',
  chroma_denoise: '0 to 4.',
  luma_denoise: '0 to 4.',
  manual_whitebalance: 'Kelvin; set while white balance is automatic, it waits until that goes off.',
  auto_exposure_enable: 'Exposure, gain and sensitivity are the device’s.',
  auto_exposure_lock: 'Holds what automatic exposure has found.',
  auto_whitebalance_lock: 'Holds what automatic white balance has found.',
} as const;

const fields = [...NUMBER_FIELDS, ...SWITCH_FIELDS] as const;

const focus = {
  auto_focus_mode: Type.Enum(FOCUS_MODES),
  auto_focus_trigger: Type.Boolean({ description: 'True starts one search; false when read.' }),
  lens_position: Type.Number({ description: '0 to 1; used in mode OFF.' }),
};
const modes = {
  auto_whitebalance_mode: Type.Enum(WHITE_BALANCE_MODES),
  anti_banding_mode: Type.Enum(ANTI_BANDING_MODES, { description: 'Against the flicker of lamps.' }),
};

const numbers = NUMBER_FIELDS.map((name) => [name, Type.Integer({ description: DESCRIPTIONS[name] })]);
const switches = SWITCH_FIELDS.map((name) => [name, Type.Boolean({ description: DESCRIPTIONS[name] })]);

// Typed by the domain, whose field names the builders cannot see.
export const ControlSettingsSchema = Type.Unsafe<ControlSettings>(
  Type.Object(
    {
      ...Object.fromEntries([...numbers, ...switches]),
      ...modes,
      focus: Type.Unsafe({
        anyOf: [Type.Object(focus), { type: 'null' }],
        description: 'Null where the focus is fixed.',
      }),
    },
    { $id: 'ControlSettings', description: 'The controls of a sensor; every field is always there.' },
  ),
);

/** Clients send numbers and truths as text, too: what a field takes is looked at behind the route. */
const lax = (description: string) => Type.Unsafe<unknown>({ description });

// Unknown fields are let through on purpose, as the Robopipe API does.
export const ControlChange = Type.Unsafe<Readonly<Record<string, unknown>>>({
  type: 'object',
  description:
    'What is to change; absent, null and unknown fields change nothing. Numbers and truths may be text: `"3"`, `"yes"`.',
  properties: {
    ...Object.fromEntries(fields.map((name) => [name, lax(DESCRIPTIONS[name])])),
    auto_whitebalance_mode: lax(`${WHITE_BALANCE_MODES.join(', ')}.`),
    anti_banding_mode: lax(`${ANTI_BANDING_MODES.join(', ')}.`),
    focus: lax(
      'Replaces the whole object; absent members are CONTINUOUS_VIDEO, false and 0. A form sends its JSON.',
    ),
  },
});

const range = (description: string) =>
  Type.Unsafe<FieldRange | null>({
    anyOf: [
      Type.Object({
        min: Type.Number(),
        max: Type.Number(),
        default: Type.Number(),
        step: Type.Number(),
      }),
      { type: 'null' },
    ],
    description,
  });

export const ControlCapabilitiesSchema = Type.Unsafe<ControlCapabilities>(
  Type.Object(
    {
      sensor_type: Type.Enum(['COLOR', 'MONO']),
      has_autofocus: Type.Boolean(),
      has_color_controls: Type.Boolean(),
      ...Object.fromEntries(fields.map((name) => [name, range(DESCRIPTIONS[name])])),
      lens_position: range('Of `focus`.'),
      auto_focus_modes: Type.Array(Type.Enum(FOCUS_MODES)),
      auto_whitebalance_modes: Type.Unsafe({
        anyOf: [Type.Array(Type.Enum(WHITE_BALANCE_MODES)), { type: 'null' }],
      }),
      anti_banding_modes: Type.Array(Type.Enum(ANTI_BANDING_MODES)),
      native: Type.Array(SensorControl, { description: "The driver's own controls, with their values now." }),
    },
    {
      $id: 'ControlCapabilities',
      description: 'What a sensor can be set to. A field without a control is null; for truths 1 is true.',
    },
  ),
);

const nativeValue = Type.Union([Type.Number(), Type.String()]);

export const NativeControlValues = Type.Unsafe<Readonly<Record<string, number | string>>>({
  $id: 'NativeControlValues',
  type: 'object',
  additionalProperties: nativeValue,
  description: "Values by the driver's names of controls; those without a value are absent.",
});

export const NativeControlChange = Type.Unsafe<Readonly<Record<string, unknown>>>({
  type: 'object',
  maxProperties: 512,
  description:
    "Values by the driver's names of controls; numbers may be text, and a button takes any number.",
});
