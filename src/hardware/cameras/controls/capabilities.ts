import type { SensorControl } from '../camera.ts';
import { type FocusMode, lensOf } from './focus.ts';
import {
  type AntiBandingMode,
  antiBanding,
  SWITCH_FIELDS,
  SWITCHES,
  type SwitchField,
  type WhiteBalanceMode,
  whiteBalance,
} from './mode-fields.ts';
import type { NativeControls } from './native-controls.ts';
import { NUMBER_FIELDS, NUMBERS, type NumberField } from './number-fields.ts';

/** What a field takes, in Robopipe's units; for a switch 0 is false and 1 is true. */
export interface FieldRange {
  readonly min: number;
  readonly max: number;
  readonly default: number;
  readonly step: number;
}

/** What a sensor can be set to; null where it has no control. */
export type ControlCapabilities = Readonly<
  Record<NumberField | SwitchField | 'lens_position', FieldRange | null>
> & {
  readonly sensor_type: 'COLOR' | 'MONO';
  readonly has_autofocus: boolean;
  readonly has_color_controls: boolean;
  readonly auto_focus_modes: readonly FocusMode[];
  readonly auto_whitebalance_modes: readonly WhiteBalanceMode[] | null;
  readonly anti_banding_modes: readonly AntiBandingMode[];
  readonly native: readonly SensorControl[];
};

export function capabilitiesOf(controls: NativeControls, isColour: boolean): ControlCapabilities {
  const numbers = NUMBER_FIELDS.map((field): [NumberField, FieldRange | null] => {
    const found = NUMBERS[field].find(controls);
    if (found === undefined) return [field, null];
    const { scale, control } = found;
    const range = { min: scale.min, max: scale.max, step: scale.step };
    return [field, { ...range, default: scale.toRobopipe(control.defaultValue) }];
  });
  const switches = SWITCH_FIELDS.map((field): [SwitchField, FieldRange | null] => {
    const mode = SWITCHES[field].find(controls);
    if (mode === undefined) return [field, null];
    const ends = mode.choices.map(Number);
    return [
      field,
      { min: Math.min(...ends), max: Math.max(...ends), default: Number(mode.defaultValue), step: 1 },
    ];
  });
  const lens = lensOf(controls);
  const position = lens?.position;
  const balance = whiteBalance(controls);
  return {
    sensor_type: isColour ? 'COLOR' : 'MONO',
    has_autofocus: lens?.modes.some((mode) => mode !== 'OFF') ?? false,
    has_color_controls: balance !== undefined || NUMBERS.saturation.find(controls) !== undefined,
    // One entry for each field of either list.
    ...(Object.fromEntries(numbers) as Record<NumberField, FieldRange | null>),
    ...(Object.fromEntries(switches) as Record<SwitchField, FieldRange | null>),
    lens_position: position
      ? { min: 0, max: 1, default: position.defaultValue, step: position.scale.step }
      : null,
    auto_focus_modes: lens?.modes ?? [],
    auto_whitebalance_modes: balance?.choices ?? null,
    anti_banding_modes: antiBanding(controls)?.choices ?? [],
    native: controls.list,
  };
}
