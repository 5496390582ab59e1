/** One control of the camera. */
export interface CameraControl {
  /** As UVC calls it, in lower case with underscores. */
  readonly name: string;
  readonly unit: 'camera-terminal' | 'processing-unit';
  /** UVC 1.1 tables. */
  readonly selector: number;
  /** Its bit in the bmControls of its unit, UVC 1.1 tables 3-6 and 3-8. */
  readonly bit: number;
  readonly bytes: number;
  readonly minimum: number;
  readonly maximum: number;
  /** For a bitmap, the bits that may be set. */
  readonly step: number;
  readonly initial: number;
}

function control(
  name: string,
  unit: CameraControl['unit'],
  [selector, bit, bytes]: readonly [number, number, number],
  [minimum, maximum, step, initial]: readonly [number, number, number, number],
): CameraControl {
  return { name, unit, selector, bit, bytes, minimum, maximum, step, initial };
}

/** The controls that a good webcam has. */
export const CAMERA_CONTROLS: readonly CameraControl[] = [
  control('exposure_mode', 'camera-terminal', [0x02, 1, 1], [1, 8, 9, 8]), // manual or aperture priority
  control('exposure_time', 'camera-terminal', [0x04, 3, 4], [3, 2047, 1, 250]), // of 100 µs
  control('focus', 'camera-terminal', [0x06, 5, 2], [0, 250, 5, 30]),
  control('focus_auto', 'camera-terminal', [0x08, 17, 1], [0, 1, 1, 1]),
  control('zoom', 'camera-terminal', [0x0b, 9, 2], [100, 500, 1, 100]),
  control('backlight_compensation', 'processing-unit', [0x01, 8, 2], [0, 1, 1, 0]),
  control('brightness', 'processing-unit', [0x02, 0, 2], [0, 255, 1, 128]),
  control('contrast', 'processing-unit', [0x03, 1, 2], [0, 255, 1, 128]),
  control('gain', 'processing-unit', [0x04, 9, 2], [0, 255, 1, 0]),
  control('power_line_frequency', 'processing-unit', [0x05, 10, 1], [0, 2, 1, 2]),
  control('saturation', 'processing-unit', [0x07, 3, 2], [0, 255, 1, 128]),
  control('sharpness', 'processing-unit', [0x08, 4, 2], [0, 255, 1, 128]),
  control('white_balance_temperature', 'processing-unit', [0x0a, 6, 2], [2000, 6500, 1, 4000]), // kelvin
  control('white_balance_auto', 'processing-unit', [0x0b, 12, 1], [0, 1, 1, 1]),
];
