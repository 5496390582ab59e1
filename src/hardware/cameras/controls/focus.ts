import type { ControlValue } from '../camera.ts';
import { CONTROL_IDS } from './control-ids.ts';
import type { NativeControls } from './native-controls.ts';
import { type Scale, spreadScale } from './scale.ts';

export const FOCUS_MODES = [
  'OFF',
  'AUTO',
  'MACRO',
  'CONTINUOUS_VIDEO',
  'CONTINUOUS_PICTURE',
  'EDOF',
] as const;
export type FocusMode = (typeof FOCUS_MODES)[number];

export interface Focus {
  readonly auto_focus_mode: FocusMode;
  /** Starts one search when it is set; always false when read. */
  readonly auto_focus_trigger: boolean;
  /** 0 to 1, used in mode OFF. */
  readonly lens_position: number;
}

/** Places between 0 and 1 that are told apart. */
const LENS = { min: 0, max: 1, step: 0.0001 };

/** What a sensor with a lens that moves can do. */
export interface Lens {
  readonly value: Focus;
  readonly modes: readonly FocusMode[];
  /** Where the lens can be put by hand. */
  readonly position?: { readonly scale: Scale; readonly defaultValue: number };
  readonly canTrigger: boolean;
  /** What must be set to come from `value` to this; the search for focus last. */
  write(focus: Focus): readonly ControlValue[];
}

const isContinuous = (mode: FocusMode): boolean => mode.startsWith('CONTINUOUS');

/** The lens of a sensor; undefined when its focus is fixed. */
export function lensOf(controls: NativeControls): Lens | undefined {
  const continuous = controls.find(CONTROL_IDS.V4L2_CID_FOCUS_AUTO);
  const absolute = controls.find(CONTROL_IDS.V4L2_CID_FOCUS_ABSOLUTE);
  const start = controls.find(CONTROL_IDS.V4L2_CID_AUTO_FOCUS_START);
  if (continuous === undefined && absolute === undefined && start === undefined) return undefined;
  const scale = absolute && spreadScale(absolute, LENS);
  const isOn = continuous !== undefined && controls.value(continuous) !== 0;
  const value: Focus = {
    auto_focus_mode: isOn ? 'CONTINUOUS_VIDEO' : 'OFF',
    auto_focus_trigger: false,
    lens_position: absolute && scale ? scale.toRobopipe(controls.value(absolute)) : 0,
  };
  return {
    value,
    modes: [
      'OFF',
      ...(start === undefined ? [] : (['AUTO'] as const)),
      ...(continuous === undefined ? [] : (['CONTINUOUS_VIDEO', 'CONTINUOUS_PICTURE'] as const)),
    ],
    ...(absolute && scale && { position: { scale, defaultValue: scale.toRobopipe(absolute.defaultValue) } }),
    canTrigger: start !== undefined,
    write: ({ auto_focus_mode, auto_focus_trigger, lens_position }) => {
      const values: ControlValue[] = [];
      const wantsOn = isContinuous(auto_focus_mode);
      if (continuous !== undefined && wantsOn !== isOn) {
        values.push({ name: continuous.name, value: wantsOn ? 1 : 0 });
      }
      const moves = isOn || lens_position !== value.lens_position;
      if (absolute && scale && auto_focus_mode === 'OFF' && moves) {
        values.push({ name: absolute.name, value: scale.toNative(lens_position) });
      }
      if (start !== undefined && auto_focus_trigger) values.push({ name: start.name, value: 1 });
      return values;
    },
  };
}
