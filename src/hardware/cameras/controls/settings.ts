import type { ControlValue } from '../camera.ts';
import { controlUnsupported, controlValueInvalid } from '../errors.ts';
import { asBoolean, asChoice, asInteger, asNumber, asObject } from './coercion.ts';
import { isAutomatic, isLocked } from './control-ids.ts';
import { FOCUS_MODES, type Focus, lensOf } from './focus.ts';
import {
  ANTI_BANDING_MODES,
  type AntiBandingMode,
  antiBanding,
  type Mode,
  SWITCH_FIELDS,
  SWITCHES,
  type SwitchField,
  WHITE_BALANCE_MODES,
  type WhiteBalanceMode,
  whiteBalance,
} from './mode-fields.ts';
import type { NativeControls } from './native-controls.ts';
import { NUMBER_FIELDS, NUMBERS, type NumberField } from './number-fields.ts';

/** A sensor's controls in the words of the Robopipe API, where they are called `SensorControl`. */
export type ControlSettings = Readonly<Record<NumberField, number>> &
  Readonly<Record<SwitchField, boolean>> & {
    readonly auto_whitebalance_mode: WhiteBalanceMode;
    readonly anti_banding_mode: AntiBandingMode;
    /** Null where the focus is fixed. */
    readonly focus: Focus | null;
  };

/** What is to be set, automatic modes first. */
export type PlannedValue = ControlValue & {
  /** Set only if an automatic mode of the same request unlocks it: the client has sent back what it saw. */
  readonly isEcho?: boolean;
};

/** The settings that controls amount to. A field without a control shows what Robopipe shows at first. */
export function settingsOf(controls: NativeControls): ControlSettings {
  const numbers = NUMBER_FIELDS.map((field) => {
    const found = NUMBERS[field].find(controls);
    return [field, found?.scale.toRobopipe(controls.value(found.control)) ?? NUMBERS[field].initial];
  });
  const switches = SWITCH_FIELDS.map((field) => [
    field,
    SWITCHES[field].find(controls)?.value ?? SWITCHES[field].initial,
  ]);
  return {
    // One entry for each field of either list.
    ...(Object.fromEntries(numbers) as Record<NumberField, number>),
    ...(Object.fromEntries(switches) as Record<SwitchField, boolean>),
    auto_whitebalance_mode: whiteBalance(controls)?.value ?? 'AUTO',
    anti_banding_mode: antiBanding(controls)?.value ?? 'MAINS_50_HZ',
    focus: lensOf(controls)?.value ?? null,
  };
}

/**
 * What must be set for a change of settings. Fields that are absent, null or unknown change nothing, and neither does
 * one that says what is so already.
 * @param where names the sensor in errors.
 * @throws AppError CONTROL_VALUE_INVALID, CONTROL_UNSUPPORTED.
 */
export function planOf(
  where: string,
  controls: NativeControls,
  change: Readonly<Record<string, unknown>>,
): readonly PlannedValue[] {
  const plan: PlannedValue[] = [];
  let after = controls;
  const add = (values: readonly PlannedValue[]): void => {
    plan.push(...values);
    after = after.with(values);
  };
  const present = (field: string): unknown =>
    Object.hasOwn(change, field) ? (change[field] ?? undefined) : undefined;
  const choose = <T>(field: string, asked: T, mode: Mode<T> | undefined, initial: T): void => {
    if (asked === (mode?.value ?? initial)) return;
    if (mode?.choices.includes(asked) !== true) {
      throw controlUnsupported(where, field, asked, (mode?.choices ?? [initial]).join(', '));
    }
    add(mode.write(asked));
  };
  for (const field of SWITCH_FIELDS) {
    const value = present(field);
    if (value === undefined) continue;
    const { initial, find } = SWITCHES[field];
    choose(field, asBoolean(field, value), find(after), initial);
  }
  const balance = present('auto_whitebalance_mode');
  if (balance !== undefined) {
    const asked = asChoice('auto_whitebalance_mode', balance, WHITE_BALANCE_MODES);
    choose('auto_whitebalance_mode', asked, whiteBalance(after), 'AUTO');
  }
  const banding = present('anti_banding_mode');
  if (banding !== undefined) {
    const asked = asChoice('anti_banding_mode', banding, ANTI_BANDING_MODES);
    choose('anti_banding_mode', asked, antiBanding(after), 'MAINS_50_HZ');
  }
  for (const field of NUMBER_FIELDS) {
    const value = present(field);
    if (value !== undefined) add(planNumber(where, field, value, controls));
  }
  const focus = present('focus');
  if (focus !== undefined) add(planFocus(where, focus, controls));
  return inOrder(controls, plan);
}

/** Automatic modes before the values that they unlock, else in the order given. */
export function inOrder<T extends ControlValue>(
  controls: NativeControls,
  values: readonly T[],
): readonly T[] {
  const automatic = new Set(controls.list.filter(isAutomatic).map(({ name }) => name));
  const isFirst = ({ name }: ControlValue): boolean => automatic.has(name);
  return [...values.filter(isFirst), ...values.filter((value) => !isFirst(value))];
}

function planNumber(
  where: string,
  field: NumberField,
  value: unknown,
  controls: NativeControls,
): readonly PlannedValue[] {
  const { initial, min, max, find } = NUMBERS[field];
  const found = find(controls);
  const range = found?.scale ?? { min, max };
  const allowed = `a whole number from ${range.min} to ${range.max}`;
  const asked = asInteger(field, value, allowed);
  const shown = found?.scale.toRobopipe(controls.value(found.control)) ?? initial;
  const isEcho = asked === shown;
  if (!isEcho && (asked < range.min || asked > range.max)) throw controlValueInvalid(field, value, allowed);
  if (found === undefined) {
    if (isEcho) return [];
    throw controlUnsupported(where, field, asked, `${initial}, because it has no control for it`);
  }
  if (isEcho && !isLocked(found.control)) return [];
  return [{ name: found.control.name, value: found.scale.toNative(asked), isEcho }];
}

function planFocus(where: string, value: unknown, controls: NativeControls): readonly PlannedValue[] {
  const lens = lensOf(controls);
  const object = asObject('focus', value);
  if (lens === undefined)
    throw controlUnsupported(where, 'focus', object, 'null, because its focus is fixed');
  const usual = lens.modes.includes('CONTINUOUS_VIDEO') ? 'CONTINUOUS_VIDEO' : 'OFF';
  const allowed = 'a number from 0 to 1';
  const asked: Focus = {
    auto_focus_mode: asChoice('focus.auto_focus_mode', object['auto_focus_mode'] ?? usual, FOCUS_MODES),
    auto_focus_trigger: asBoolean('focus.auto_focus_trigger', object['auto_focus_trigger'] ?? false),
    lens_position: asNumber('focus.lens_position', object['lens_position'] ?? 0, allowed),
  };
  if (asked.lens_position < 0 || asked.lens_position > 1) {
    throw controlValueInvalid('focus.lens_position', asked.lens_position, allowed);
  }
  if (!lens.modes.includes(asked.auto_focus_mode)) {
    throw controlUnsupported(where, 'focus.auto_focus_mode', asked.auto_focus_mode, lens.modes.join(', '));
  }
  if (asked.auto_focus_trigger && !lens.canTrigger) {
    throw controlUnsupported(where, 'focus.auto_focus_trigger', true, 'false');
  }
  if (lens.position === undefined && asked.lens_position !== 0) {
    throw controlUnsupported(where, 'focus.lens_position', asked.lens_position, '0');
  }
  return lens.write(asked);
}
