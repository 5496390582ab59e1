import type { FrameInterval } from '../../media/picture.ts';
import type { CaptureRequest, Source, SourceListener } from '../../media/source.ts';

/** A frame size a sensor offers: one size, or a range with steps. Sizes in luma samples. */
export type FrameSize =
  | {
      readonly kind: 'discrete';
      readonly width: number;
      readonly height: number;
      readonly frameIntervals: readonly FrameInterval[];
    }
  | {
      readonly kind: 'stepwise';
      readonly minWidth: number;
      readonly maxWidth: number;
      readonly stepWidth: number;
      readonly minHeight: number;
      readonly maxHeight: number;
      readonly stepHeight: number;
    };

/** One pixel format of a sensor, by fourcc (any the driver names, not only those the service can use). */
export interface SensorFormat {
  readonly pixelFormat: string;
  readonly description: string;
  readonly frameSizes: readonly FrameSize[];
}

export const CONTROL_TYPES = [
  'integer',
  'boolean',
  'menu',
  'integer-menu',
  'button',
  'integer64',
  'string',
  'bitmask',
  'other',
] as const;
export type ControlType = (typeof CONTROL_TYPES)[number];

/** One control of a sensor as its driver describes it (V4L2: VIDIOC_QUERY_EXT_CTRL). */
export interface SensorControl {
  readonly id: number;
  /** The driver's name in lower case with underscores, as v4l2-ctl prints it: `exposure_time_absolute`. */
  readonly name: string;
  readonly type: ControlType;
  readonly minimum: number;
  readonly maximum: number;
  readonly step: number;
  readonly defaultValue: number;
  readonly value: number | string | undefined;
  /** Choices of a menu: the index to set and its label. */
  readonly menu?: readonly { readonly index: number; readonly label: string }[];
  readonly flags: readonly ('disabled' | 'grabbed' | 'read-only' | 'inactive' | 'volatile' | 'write-only')[];
}

/** What a control is to be set to; a button takes any number. */
export interface ControlValue {
  /** As `SensorControl.name`. */
  readonly name: string;
  /** Text for a control of type `string` only. */
  readonly value: number | string;
}

/** One image stream of a camera, named in the order the device lists them. */
export interface SensorInfo {
  /** `CAM_A` to `CAM_H`; `DEPTH_B_C` and so on where it measures depth. */
  readonly name: string;
  /** What a person calls it: the node's card name or the configured label. */
  readonly label: string;
  readonly isColour: boolean;
  /** Device node, where there is one. */
  readonly node?: string;
  readonly formats: readonly SensorFormat[];
  /** What it does unless it is asked for something else, where its driver has a choice of its own. */
  readonly defaultMode?: { readonly width: number; readonly height: number; readonly frameRate: number };
  readonly controls: readonly SensorControl[];
}

export const CAMERA_BUSES = ['usb', 'pci', 'platform', 'network', 'file', 'virtual'] as const;
export type CameraBus = (typeof CAMERA_BUSES)[number];

/** One physical device. */
export interface CameraInfo {
  /** Stable across reboots and ports where the device says who it is; `[A-Z0-9]+`. */
  readonly mxid: string;
  /** Product name. */
  readonly cameraName: string;
  /** Where it is attached: USB path such as `1-1.2`, a bus address, a host name. */
  readonly path: string;
  readonly bus: CameraBus;
  /** The camera driver that owns it here: `v4l2`, `simulated`, `url`. */
  readonly driver: string;
  /** The kernel's driver where there is one: `uvcvideo`. */
  readonly kernelDriver?: string;
  readonly serial?: string;
  readonly nodes: readonly string[];
  readonly sensors: readonly SensorInfo[];
}

/** Owns one kind of camera: knows which are present, and opens their sensors. */
export interface CameraDriver extends AsyncDisposable {
  readonly kind: string;
  /** The cameras present now, as of the last event or scan. */
  cameras(): readonly CameraInfo[];
  /** Looks at the hardware again. Resolves when `cameras()` is up to date. */
  refresh(): Promise<void>;
  /**
   * Opens a sensor and starts capture.
   * @param options.signal aborts the opening; what was opened half-way is released.
   * @throws AppError CAMERA_NOT_FOUND, SENSOR_NOT_FOUND, CAMERA_BUSY (another program holds it), CAMERA_DENIED
   * (permissions), SOURCE_FAILED, SOURCE_FORMAT_UNSUPPORTED.
   */
  open(
    mxid: string,
    sensor: string,
    request: CaptureRequest,
    listener: SourceListener,
    options: { signal: AbortSignal },
  ): Promise<Source>;
  /**
   * The controls of a sensor, read from the device now, also while it is open.
   * @throws AppError CAMERA_NOT_FOUND, SENSOR_NOT_FOUND, CAMERA_DENIED, CONTROL_TIMEOUT, CONTROL_OVERLOADED,
   * SOURCE_GONE, SOURCE_FAILED.
   */
  controls(mxid: string, sensor: string): Promise<readonly SensorControl[]>;
  /**
   * Sets controls one after the other, in this order.
   * @returns all controls as read back afterwards: drivers round, and automatic modes lock and unlock others.
   * @throws AppError as `controls`; CONTROL_NOT_FOUND before anything is set; CONTROL_REJECTED, CONTROL_LOCKED. What was
   * set before the control that failed stays set; the message names both.
   */
  setControls(
    mxid: string,
    sensor: string,
    values: readonly ControlValue[],
  ): Promise<readonly SensorControl[]>;
}

/** Sensor names in order: `CAM_A`, `CAM_B`, … `CAM_H`. */
export function sensorName(index: number): string {
  return `CAM_${String.fromCharCode(65 + index)}`;
}

/** Names of sensors that measure depth, in order: the first is that of an OAK's stereo pair. */
export const DEPTH_SENSOR_NAMES = ['DEPTH_B_C', 'DEPTH_D_E', 'DEPTH_F_G'] as const;
