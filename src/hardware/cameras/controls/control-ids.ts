import type { SensorControl } from '../camera.ts';

/** Ids of linux/v4l2-controls.h. Unlike the names of controls they are the same in every kernel. */
export const CONTROL_IDS = {
  V4L2_CID_BRIGHTNESS: 0x00980900,
  V4L2_CID_CONTRAST: 0x00980901,
  V4L2_CID_SATURATION: 0x00980902,
  V4L2_CID_AUTO_WHITE_BALANCE: 0x0098090c,
  V4L2_CID_EXPOSURE: 0x00980911,
  V4L2_CID_AUTOGAIN: 0x00980912,
  V4L2_CID_GAIN: 0x00980913,
  V4L2_CID_POWER_LINE_FREQUENCY: 0x00980918,
  V4L2_CID_HUE_AUTO: 0x00980919,
  V4L2_CID_WHITE_BALANCE_TEMPERATURE: 0x0098091a,
  V4L2_CID_SHARPNESS: 0x0098091b,
  V4L2_CID_CHROMA_AGC: 0x0098091d,
  V4L2_CID_AUTOBRIGHTNESS: 0x00980920,
  V4L2_CID_EXPOSURE_AUTO: 0x009a0901,
  V4L2_CID_EXPOSURE_ABSOLUTE: 0x009a0902,
  V4L2_CID_FOCUS_ABSOLUTE: 0x009a090a,
  V4L2_CID_FOCUS_AUTO: 0x009a090c,
  V4L2_CID_AUTO_EXPOSURE_BIAS: 0x009a0913,
  V4L2_CID_AUTO_N_PRESET_WHITE_BALANCE: 0x009a0914,
  V4L2_CID_ISO_SENSITIVITY: 0x009a0917,
  V4L2_CID_ISO_SENSITIVITY_AUTO: 0x009a0918,
  V4L2_CID_3A_LOCK: 0x009a091b,
  V4L2_CID_AUTO_FOCUS_START: 0x009a091c,
  V4L2_CID_FLASH_LED_MODE: 0x009c0901,
  V4L2_CID_FLASH_TORCH_INTENSITY: 0x009c0908,
  V4L2_CID_ANALOGUE_GAIN: 0x009e0903,
} as const;

const AUTOMATIC: ReadonlySet<number> = new Set([
  CONTROL_IDS.V4L2_CID_AUTO_WHITE_BALANCE,
  CONTROL_IDS.V4L2_CID_AUTOGAIN,
  CONTROL_IDS.V4L2_CID_HUE_AUTO,
  CONTROL_IDS.V4L2_CID_CHROMA_AGC,
  CONTROL_IDS.V4L2_CID_AUTOBRIGHTNESS,
  CONTROL_IDS.V4L2_CID_EXPOSURE_AUTO,
  CONTROL_IDS.V4L2_CID_FOCUS_AUTO,
  CONTROL_IDS.V4L2_CID_AUTO_N_PRESET_WHITE_BALANCE,
  CONTROL_IDS.V4L2_CID_ISO_SENSITIVITY_AUTO,
]);

/** Whether the control chooses an automatic mode, which locks and unlocks other controls. */
export function isAutomatic({ id }: SensorControl): boolean {
  return AUTOMATIC.has(id);
}

/** Whether the control can hold a value that is set: not a button, not read-only, and of a type that is understood. */
export function isSettable({ type, flags }: SensorControl): boolean {
  const isValue = type !== 'button' && type !== 'other';
  return (
    isValue && !flags.some((flag) => flag === 'disabled' || flag === 'read-only' || flag === 'write-only')
  );
}

/** Whether an automatic mode holds the control now. */
export function isLocked({ flags }: SensorControl): boolean {
  return flags.includes('inactive');
}
