import { type AppError, toAppError } from '../../../core/app-error.ts';
import type { ControlValue, SensorControl } from '../camera.ts';
import { isAutomatic, isLocked, isSettable } from './control-ids.ts';

/** Sets controls of one sensor in this order, and tells all of them afterwards. */
export type SetControls = (values: readonly ControlValue[]) => Promise<readonly SensorControl[]>;

export interface Assignment {
  readonly after: readonly SensorControl[];
  /** Of controls that were refused, one each. */
  readonly failures: readonly AppError[];
}

/** Errors after which asking the device for more is of no use. */
const HOPELESS: readonly string[] = [
  'CAMERA_NOT_FOUND',
  'SENSOR_NOT_FOUND',
  'CAMERA_DENIED',
  'CONTROL_TIMEOUT',
  'CONTROL_OVERLOADED',
  'SOURCE_GONE',
];

/**
 * Brings controls to these values, as far as they have others: the ones that are free now, then the automatic modes,
 * then the ones that these have unlocked. One that is refused does not keep the others from being set.
 * @throws AppError that concerns the whole device.
 */
export async function assign(
  set: SetControls,
  before: readonly SensorControl[],
  values: readonly ControlValue[],
): Promise<Assignment> {
  const failures: AppError[] = [];
  const tried = new Set<string>();
  let after = before;
  const attempt = async (batch: readonly ControlValue[]): Promise<void> => {
    try {
      after = await set(batch);
    } catch (error) {
      const failure = toAppError(error);
      if (HOPELESS.includes(failure.code)) throw failure;
      if (batch.length === 1) failures.push(failure);
      else for (const value of batch) await attempt([value]);
    }
  };
  for (const wantsAutomatic of [false, true, false]) {
    const due = values.filter(({ name, value }) => {
      const control = after.find((each) => each.name === name);
      if (control === undefined || tried.has(name)) return false;
      const isFree = isSettable(control) && !isLocked(control) && isAutomatic(control) === wantsAutomatic;
      return isFree && control.value !== value;
    });
    for (const { name } of due) tried.add(name);
    if (due.length > 0) await attempt(due);
  }
  return { after, failures };
}
