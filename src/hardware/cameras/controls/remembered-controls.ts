import type { Log } from '../../../core/log.ts';
import type { StateFolder } from '../../../core/state-folder.ts';
import type { ControlValue } from '../camera.ts';
import type { NativeValues } from './native-controls.ts';

const DOCUMENT = 'controls';

/** Sensors that are remembered; the one whose values were changed the longest ago is forgotten first. */
const MAX_SENSORS = 256;

/** What clients have set, by sensor and in the driver's names and values, over restarts of the service. */
export class RememberedControls {
  readonly #state: StateFolder;
  readonly #sensors: Map<string, NativeValues>;

  private constructor(state: StateFolder, sensors: Map<string, NativeValues>) {
    this.#state = state;
    this.#sensors = sensors;
  }

  /** What cannot be read is logged and given up: cameras work without it. */
  static async load(state: StateFolder, log: Log): Promise<RememberedControls> {
    try {
      return new RememberedControls(state, parsed(await state.read(DOCUMENT)));
    } catch (error) {
      log.error({ err: error }, 'the controls that clients have set are not known any more');
      return new RememberedControls(state, new Map());
    }
  }

  /** @param key the sensor's address, `MXID/CAM_A`. */
  of(key: string): NativeValues {
    return this.#sensors.get(key) ?? new Map();
  }

  /**
   * Adds to what is remembered of a sensor. Resolves once it is on the disk.
   * @throws AppError STATE_UNWRITABLE; nothing of it is remembered then.
   */
  async remember(key: string, values: readonly ControlValue[]): Promise<void> {
    const before = this.of(key);
    const after = new Map(before);
    for (const { name, value } of values) after.set(name, value);
    if (after.size === before.size && [...after].every(([name, value]) => before.get(name) === value)) return;
    await this.#change(key, after);
  }

  /** Resolves once it is gone from the disk. @throws AppError STATE_UNWRITABLE; it is still remembered then. */
  async forget(key: string): Promise<void> {
    if (this.#sensors.has(key)) await this.#change(key, undefined);
  }

  async #change(key: string, after: NativeValues | undefined): Promise<void> {
    const before = this.#sensors.get(key);
    this.#put(key, after);
    for (const oldest of this.#sensors.keys()) {
      if (this.#sensors.size <= MAX_SENSORS) break;
      this.#sensors.delete(oldest);
    }
    try {
      const sensors = [...this.#sensors].map(([each, values]) => [each, Object.fromEntries(values)]);
      await this.#state.write(DOCUMENT, Object.fromEntries(sensors));
    } catch (error) {
      if (this.#sensors.get(key) === after) this.#put(key, before);
      throw error;
    }
  }

  #put(key: string, values: NativeValues | undefined): void {
    this.#sensors.delete(key);
    if (values !== undefined) this.#sensors.set(key, values);
  }
}

/** The document as it was written; whatever else is in it is left out. */
function parsed(document: unknown): Map<string, NativeValues> {
  const sensors = entriesOf(document).slice(-MAX_SENSORS);
  return new Map(sensors.map(([key, values]) => [key, valuesIn(values)]));
}

function valuesIn(values: unknown): NativeValues {
  const known = new Map<string, number | string>();
  for (const [name, value] of entriesOf(values)) {
    if (typeof value === 'number' || typeof value === 'string') known.set(name, value);
  }
  return known;
}

const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];
