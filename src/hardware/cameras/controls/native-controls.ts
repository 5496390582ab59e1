import type { ControlValue, SensorControl } from '../camera.ts';
import { isLocked } from './control-ids.ts';

/** Values by the names of controls. */
export type NativeValues = ReadonlyMap<string, number | string>;

/**
 * The controls of one sensor as its driver tells them, with what is to become of them. The value of a control that an
 * automatic mode holds is the one that a client has set for it, which waits; where there is none, the driver's.
 */
export class NativeControls {
  readonly list: readonly SensorControl[];
  readonly #waiting: NativeValues;
  readonly #planned: NativeValues;

  /** @param waiting what clients have set. */
  constructor(
    list: readonly SensorControl[],
    waiting: NativeValues = new Map(),
    planned: NativeValues = new Map(),
  ) {
    this.list = list;
    this.#waiting = waiting;
    this.#planned = planned;
  }

  /** The first of these ids that the sensor has. */
  find(...ids: readonly number[]): SensorControl | undefined {
    for (const id of ids) {
      const found = this.list.find((control) => control.id === id && !control.flags.includes('disabled'));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** For controls that V4L2 has no ids for: the first of these names that the sensor has. */
  named(...names: readonly string[]): SensorControl | undefined {
    return this.list.find(({ name, type, flags }) => {
      return names.includes(name) && type === 'integer' && !flags.includes('disabled');
    });
  }

  /** The value to show as a number; the default where the device does not tell one. */
  value(control: SensorControl): number {
    const waiting = isLocked(control) ? this.#waiting.get(control.name) : undefined;
    const value = Number(this.#planned.get(control.name) ?? waiting ?? control.value);
    return Number.isFinite(value) ? value : control.defaultValue;
  }

  /** The same with these values set, for what depends on them. */
  with(values: readonly ControlValue[]): NativeControls {
    const planned = new Map(this.#planned);
    for (const { name, value } of values) planned.set(name, value);
    return new NativeControls(this.list, this.#waiting, planned);
  }
}
