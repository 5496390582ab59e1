export type { ControlCapabilities, FieldRange } from './capabilities.ts';
export { FOCUS_MODES } from './focus.ts';
export { ANTI_BANDING_MODES, SWITCH_FIELDS, WHITE_BALANCE_MODES } from './mode-fields.ts';
export { NUMBER_FIELDS } from './number-fields.ts';
export { SensorControls } from './sensor-controls.ts';
export type { ControlSettings } from './settings.ts';
