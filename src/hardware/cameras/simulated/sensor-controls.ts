import type { ControlValue, SensorControl } from '../camera.ts';
import { controlLocked, controlNotFound, controlRejected, whileSetting } from '../errors.ts';

type Definition = Omit<SensorControl, 'value' | 'flags'> & {
  /** Locked while the named control has this value. */
  readonly lock?: { readonly by: string; readonly value: number };
};

type Range = readonly [minimum: number, maximum: number, step: number, defaultValue: number];

const numeric = (type: 'integer' | 'boolean', id: number, name: string, range: Range): Definition => {
  const [minimum, maximum, step, defaultValue] = range;
  return { id, name, type, minimum, maximum, step, defaultValue };
};
const menu = (
  id: number,
  name: string,
  defaultValue: number,
  choices: Readonly<Record<number, string>>,
): Definition => {
  const items = Object.entries(choices).map(([index, label]) => ({ index: Number(index), label }));
  const indices = items.map(({ index }) => index);
  const [minimum, maximum] = [Math.min(...indices), Math.max(...indices)];
  return { id, name, type: 'menu', minimum, maximum, step: 1, defaultValue, menu: items };
};

/** Ids, names and menus are V4L2's (linux/v4l2-controls.h); exposure time counts 100 µs. */
const COMMON: readonly Definition[] = [
  numeric('integer', 0x980900, 'brightness', [-64, 64, 1, 0]),
  numeric('integer', 0x980901, 'contrast', [0, 64, 1, 32]),
  numeric('integer', 0x980913, 'gain', [0, 255, 1, 0]),
  menu(0x980918, 'power_line_frequency', 1, { 0: 'Disabled', 1: '50 Hz', 2: '60 Hz', 3: 'Auto' }),
  numeric('integer', 0x98091b, 'sharpness', [0, 255, 1, 128]),
  menu(0x9a0901, 'auto_exposure', 3, { 1: 'Manual Mode', 3: 'Aperture Priority Mode' }),
  {
    ...numeric('integer', 0x9a0902, 'exposure_time_absolute', [1, 5000, 1, 157]),
    lock: { by: 'auto_exposure', value: 3 },
  },
  {
    ...numeric('integer', 0x9a090a, 'focus_absolute', [0, 250, 5, 0]),
    lock: { by: 'focus_automatic_continuous', value: 1 },
  },
  numeric('boolean', 0x9a090c, 'focus_automatic_continuous', [0, 1, 1, 1]),
];
const COLOUR: readonly Definition[] = [
  numeric('integer', 0x980902, 'saturation', [0, 128, 1, 64]),
  numeric('boolean', 0x98090c, 'white_balance_automatic', [0, 1, 1, 1]),
  {
    ...numeric('integer', 0x98091a, 'white_balance_temperature', [2800, 6500, 1, 4600]),
    lock: { by: 'white_balance_automatic', value: 1 },
  },
];

/**
 * The controls of one simulated sensor, with V4L2's manners: a number is rounded to the control's step, and a control
 * that an automatic mode holds is inactive and refuses. Brightness changes the picture; the others only remember.
 */
export class SimulatedControls {
  /** For the sensor's capture thread: an Int32Array of one, what is added to each sample of the still background. */
  readonly brightness = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  readonly #label: string;
  readonly #definitions: readonly Definition[];
  readonly #values = new Map<string, number>();

  constructor(label: string, isColour: boolean) {
    this.#label = label;
    this.#definitions = [...COMMON, ...(isColour ? COLOUR : [])].sort((a, b) => a.id - b.id);
    this.reset();
  }

  list(): SensorControl[] {
    return this.#definitions.map(({ lock, ...control }) => ({
      ...control,
      value: this.#values.get(control.name),
      flags: lock !== undefined && this.#values.get(lock.by) === lock.value ? ['inactive'] : [],
    }));
  }

  /** See `CameraDriver.setControls`. */
  set(values: readonly ControlValue[]): SensorControl[] {
    const names = this.#definitions.map(({ name }) => name);
    const unknown = values.find(({ name }) => !names.includes(name));
    if (unknown !== undefined) throw controlNotFound(this.#label, unknown.name, names);
    const done: string[] = [];
    for (const { name, value } of values) {
      const control = this.list().find((each) => each.name === name);
      if (control === undefined) continue; // checked above
      if (control.flags.includes('inactive')) {
        throw whileSetting(controlLocked(this.#label, control), name, done);
      }
      const rounded = roundedTo(control, Number(value));
      if (rounded === undefined) throw whileSetting(controlRejected(this.#label, control, value), name, done);
      this.#put(name, rounded);
      done.push(name);
    }
    return this.list();
  }

  /** The defaults again, as after power has gone. */
  reset(): void {
    for (const { name, defaultValue } of this.#definitions) this.#put(name, defaultValue);
  }

  #put(name: string, value: number): void {
    this.#values.set(name, value);
    if (name === 'brightness') Atomics.store(new Int32Array(this.brightness), 0, value);
  }
}

/** The value that a driver would take for it; undefined when it would refuse. */
function roundedTo({ menu, minimum, maximum, step }: SensorControl, value: number): number | undefined {
  if (!(value >= minimum && value <= maximum)) return undefined;
  if (menu !== undefined) return menu.some(({ index }) => index === value) ? value : undefined;
  return Math.min(maximum, minimum + Math.round((value - minimum) / step) * step);
}
