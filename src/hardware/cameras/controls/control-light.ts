import type { ControlValue, SensorControl } from '../camera.ts';
import { controlNotFound, controlUnsupported } from '../errors.ts';
import { CONTROL_IDS } from './control-ids.ts';
import { spreadScale } from './scale.ts';

/** A light of a camera behind a control of its driver: an illuminator, a torch, a lamp that can be dimmed. */
export interface ControlLight {
  /** What it is set to, 0 to 1. */
  readonly intensity: number;
  /** How an intensity from 0 to 1 is made. */
  write(intensity: number): readonly ControlValue[];
}

const INTENSITY = { min: 0, max: 1, step: 0.001 };
const ON = /^(?:on|torch)$/i;
const OFF = /^(?:off|none|disabled)$/i;

/**
 * The light behind a control. Numbers go through their range, switches are on above 0, menus by their labels. The
 * intensity of a torch also switches its LED (V4L2_CID_FLASH_LED_MODE), where there is such a control.
 * @param where names the sensor in errors.
 * @throws AppError CONTROL_NOT_FOUND; CONTROL_UNSUPPORTED for a control that no intensity can be made of.
 */
export function controlLight(where: string, list: readonly SensorControl[], name: string): ControlLight {
  const control = list.find((each) => each.name === name && !each.flags.includes('disabled'));
  if (control === undefined) {
    throw controlNotFound(
      where,
      name,
      list.map((each) => each.name),
    );
  }
  const isTorch = control.id === CONTROL_IDS.V4L2_CID_FLASH_TORCH_INTENSITY;
  const mode = isTorch ? list.find(({ id }) => id === CONTROL_IDS.V4L2_CID_FLASH_LED_MODE) : undefined;
  const lamp = mode && menuLight(mode);
  if (lamp !== undefined) return torchLight(control, lamp);
  const light = control.type === 'menu' ? menuLight(control) : rangeLight(control);
  if (light === undefined)
    throw controlUnsupported(where, name, 'a light', 'a number, a switch, or a menu with On');
  return light;
}

/** The intensity counts from 0, which the control may not reach: the LED is switched off for it. */
function torchLight(control: SensorControl, lamp: ControlLight): ControlLight {
  const scale = spreadScale({ ...control, minimum: 0 }, INTENSITY);
  return {
    intensity: lamp.intensity === 0 ? 0 : scale.toRobopipe(Number(control.value)),
    write: (intensity) => {
      if (intensity === 0) return lamp.write(0);
      const value = Math.max(control.minimum, scale.toNative(intensity));
      return [...lamp.write(1), { name: control.name, value }];
    },
  };
}

function rangeLight(control: SensorControl): ControlLight | undefined {
  const { name, type, minimum, maximum, value } = control;
  if (!(type === 'integer' || type === 'boolean') || minimum >= maximum) return undefined;
  const scale = spreadScale(control, INTENSITY);
  const toNative = (intensity: number): number =>
    type === 'boolean' ? Number(intensity > 0) : scale.toNative(intensity);
  return {
    intensity: scale.toRobopipe(Number(value)),
    write: (intensity) => [{ name, value: toNative(intensity) }],
  };
}

function menuLight({ name, menu = [], value }: SensorControl): ControlLight | undefined {
  const on = menu.find(({ label }) => ON.test(label));
  const off = menu.find(({ label }) => OFF.test(label));
  if (on === undefined || off === undefined) return undefined;
  return {
    intensity: value === on.index ? 1 : 0,
    write: (intensity) => [{ name, value: intensity > 0 ? on.index : off.index }],
  };
}
