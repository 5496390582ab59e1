import { type TSchema, Type } from '../../../src/core/schema.ts';

/*
 * The bodies of the public system, written from its description and not from the service's own schemas. Further fields
 * are always allowed.
 */

export const Nothing = Type.Unsafe<null>({ type: 'null' });

const bytes = Type.Integer({ minimum: 0 });
const memory = Type.Object({ total: bytes, used: bytes, remaining: bytes });
const size = Type.Array(Type.Integer({ minimum: 1 }), { minItems: 2, maxItems: 2 });
const unit = Type.Number({ minimum: 0, maximum: 1 });
const orNull = (shape: TSchema) => Type.Union([shape, Nothing]);

/** Clients read `detail`; it may be a text or, as the original's, a list of what is wrong. */
export const Refusal = Type.Object({
  detail: Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.Object({}), { minItems: 1 })]),
});

export const DeviceInfo = Type.Object({
  mxid: Type.String({ pattern: '^[A-Z0-9]+$' }),
  name: Type.String({ minLength: 1 }),
  camera_name: Type.String({ minLength: 1 }),
  platform: Type.Enum([
    'X_LINK_ANY_PLATFORM',
    'X_LINK_MYRIAD_X',
    'X_LINK_MYRIAD_2',
    'X_LINK_RVC3',
    'X_LINK_RVC4',
  ]),
  protocol: Type.Enum([
    'X_LINK_ANY_PROTOCOL',
    'X_LINK_IPC',
    'X_LINK_PCIE',
    'X_LINK_TCP_IP',
    'X_LINK_USB_CDC',
    'X_LINK_USB_VSC',
  ]),
  // Studio refuses any other state and status.
  state: Type.Enum([
    'X_LINK_ANY_STATE',
    'X_LINK_BOOTED',
    'X_LINK_BOOTLOADER',
    'X_LINK_FLASH_BOOTED',
    'X_LINK_UNBOOTED',
  ]),
  status: Type.Enum(['X_LINK_SUCCESS']),
});
export const DeviceInfos = Type.Array(DeviceInfo, { minItems: 1 });

export const CameraStats = Type.Object({
  chip_temperature: Type.Object({
    average: Type.Number(),
    css: Type.Number(),
    dss: Type.Number(),
    mss: Type.Number(),
    upa: Type.Number(),
  }),
  cmx_memory_usage: memory,
  ddr_memory_usage: memory,
});

export const IrConfig = orNull(Type.Object({ flood_light: unit, dot_projector: unit }));

const active = Type.Boolean();
const streamName = '^(CAM_[A-H]|DEPTH_[A-H]_[A-H])$';
export const StreamArray = Type.Array(Type.Object({ name: Type.String({ pattern: streamName }), active }), {
  minItems: 1,
});
export const StreamObject: TSchema = {
  type: 'object',
  minProperties: 1,
  propertyNames: { pattern: streamName },
  additionalProperties: Type.Object({ active }),
};
export const StreamList = Type.Union([StreamObject, StreamArray]);

export const COLOUR_RESOLUTIONS: Readonly<Record<string, readonly [width: number, height: number]>> = {
  THE_720_P: [1280, 720],
  THE_800_P: [1280, 800],
  THE_1080_P: [1920, 1080],
  THE_1200_P: [1920, 1200],
  THE_1352X1012: [1352, 1012],
  THE_1440X1080: [1440, 1080],
  THE_2024X1520: [2024, 1520],
  THE_4_K: [3840, 2160],
  THE_4000X3000: [4000, 3000],
  THE_5_MP: [2592, 1944],
  THE_12_MP: [4056, 3040],
  THE_13_MP: [4208, 3120],
  THE_48_MP: [8000, 6000],
  THE_5312X6000: [5312, 6000],
};
const MONO_RESOLUTIONS = ['THE_400_P', 'THE_480_P', 'THE_720_P', 'THE_800_P', 'THE_1200_P'];

const fps = Type.Number({ exclusiveMinimum: 0 });
const sizes = { still_size: size, preview_size: size, video_size: size };
const colourConfig = Type.Object({
  resolution: Type.Enum(Object.keys(COLOUR_RESOLUTIONS)),
  ...sizes,
  sensor_crop: Type.Array(Type.Number(), { minItems: 2, maxItems: 2 }),
  fps,
});
const monoConfig = Type.Object({ resolution: Type.Enum(MONO_RESOLUTIONS), fps });
const genericConfig = Type.Object({ resolution: size, ...sizes, fps });
export const StreamConfig = Type.Union([colourConfig, monoConfig, genericConfig]);

export const AvailableConfigs = Type.Array(
  Type.Object({
    width: Type.Integer({ minimum: 1 }),
    height: Type.Integer({ minimum: 1 }),
    min_fps: Type.Number(),
    max_fps: Type.Number(),
  }),
  { minItems: 1 },
);

const integer = Type.Integer();
const truth = Type.Boolean();
const slider = Type.Integer({ minimum: -10, maximum: 10 });
const denoise = Type.Integer({ minimum: 0, maximum: 4 });
export const SensorControl = Type.Object({
  exposure_time: integer,
  sensitivity_iso: integer,
  auto_exposure_enable: truth,
  auto_exposure_compensation: Type.Integer({ minimum: -9, maximum: 9 }),
  auto_exposure_limit: integer,
  auto_exposure_lock: truth,
  contrast: slider,
  brightness: slider,
  saturation: slider,
  chroma_denoise: denoise,
  luma_denoise: denoise,
  auto_whitebalance_lock: truth,
  auto_whitebalance_mode: Type.Enum([
    ...['AUTO', 'OFF', 'INCANDESCENT', 'FLUORESCENT', 'WARM_FLUORESCENT'],
    ...['DAYLIGHT', 'CLOUDY_DAYLIGHT', 'TWILIGHT', 'SHADE'],
  ]),
  manual_whitebalance: integer,
  focus: orNull(
    Type.Object({
      auto_focus_mode: Type.Enum([
        ...['OFF', 'AUTO', 'MACRO', 'CONTINUOUS_VIDEO', 'CONTINUOUS_PICTURE', 'EDOF'],
      ]),
      auto_focus_trigger: truth,
      lens_position: unit,
    }),
  ),
});

const range = orNull(
  Type.Object({ min: Type.Number(), max: Type.Number(), default: Type.Number(), step: Type.Number() }),
);
const names = Type.Array(Type.String());
export const ControlCapabilities = Type.Object({
  sensor_type: Type.Enum(['COLOR', 'MONO', 'THERMAL', 'TOF']),
  has_autofocus: truth,
  has_color_controls: truth,
  exposure_time: range,
  contrast: range,
  auto_focus_modes: names,
  auto_whitebalance_modes: orNull(names),
  anti_banding_modes: names,
});

export const DeployedModel = Type.Object({
  type: Type.Enum(['Generic', 'YOLO', 'MobileNet', 'MobileNetSSD']),
});

export const Floats = Type.Object({ detections: Type.Array(Type.Number(), { minItems: 1 }) });
export const Boxes = Type.Object({
  detections: Type.Array(
    Type.Object({
      label: Type.Integer({ minimum: 0 }),
      confidence: unit,
      coords: Type.Array(unit, { minItems: 4, maxItems: 4 }),
    }),
  ),
});
