import { type AppError, toAppError } from '../../../core/app-error.ts';
import type { Log } from '../../../core/log.ts';
import type { StateFolder } from '../../../core/state-folder.ts';
import type { ControlValue, SensorControl } from '../camera.ts';
import type { CameraDirectory } from '../directory.ts';
import { whileSetting } from '../errors.ts';
import { Turns } from '../turns.ts';
import { assign, type SetControls } from './assignment.ts';
import { type ControlCapabilities, capabilitiesOf } from './capabilities.ts';
import { asInteger } from './coercion.ts';
import { isAutomatic, isLocked, isSettable } from './control-ids.ts';
import { controlLight } from './control-light.ts';
import { NativeControls } from './native-controls.ts';
import { RememberedControls } from './remembered-controls.ts';
import { type ControlSettings, inOrder, type PlannedValue, planOf, settingsOf } from './settings.ts';

export interface SensorControlsOptions {
  readonly cameras: Pick<
    CameraDirectory,
    'cameras' | 'sensor' | 'controls' | 'setControls' | 'onChange' | 'onOpen'
  >;
  readonly state: StateFolder;
  readonly log: Log;
}

/**
 * The controls of all sensors, in Robopipe's words and in their drivers'. Answers say what the device says. What
 * clients have set is remembered, and set again when the camera comes back and whenever one of its sensors is opened.
 *
 * Methods throw CAMERA_NOT_FOUND, SENSOR_NOT_FOUND, CONTROL_OVERLOADED and what the driver throws (`CameraDriver`).
 */
export class SensorControls implements Disposable {
  readonly #options: SensorControlsOptions;
  readonly #remembered: RememberedControls;
  readonly #turns = new Turns();
  readonly #subscriptions: readonly Disposable[];
  /** Sensors that have what is remembered of them, since they came. */
  readonly #restored = new Set<string>();

  private constructor(options: SensorControlsOptions, remembered: RememberedControls) {
    this.#options = options;
    this.#remembered = remembered;
    const { cameras } = options;
    this.#subscriptions = [
      cameras.onOpen((mxid, sensor) => this.#refresh(mxid, sensor)),
      cameras.onChange(({ added, removed }) => {
        for (const { mxid, sensors } of removed) {
          for (const { name } of sensors) this.#restored.delete(keyOf(mxid, name));
        }
        for (const { mxid, sensors } of added) for (const { name } of sensors) this.#refresh(mxid, name);
      }),
    ];
  }

  static async load(options: SensorControlsOptions): Promise<SensorControls> {
    return new SensorControls(options, await RememberedControls.load(options.state, options.log));
  }

  get(mxid: string, sensor: string): Promise<ControlSettings> {
    return this.#withControls(mxid, sensor, async (controls) => settingsOf(controls));
  }

  /**
   * Changes settings and tells what they have become. Fields that are absent, null or unknown change nothing. What an
   * automatic mode holds is remembered, shown, and set once that mode goes off.
   * @throws AppError CONTROL_VALUE_INVALID, CONTROL_UNSUPPORTED, CONTROL_REJECTED, CONTROL_LOCKED, STATE_UNWRITABLE.
   */
  set(mxid: string, sensor: string, change: Readonly<Record<string, unknown>>): Promise<ControlSettings> {
    return this.#withControls(mxid, sensor, async (controls) => {
      const plan = planOf(`${mxid} ${sensor}`, controls, change);
      if (plan.length === 0) return settingsOf(controls);
      return settingsOf(await this.#carryOut(mxid, sensor, controls, plan));
    });
  }

  capabilities(mxid: string, sensor: string): Promise<ControlCapabilities> {
    return this.#withControls(mxid, sensor, async (controls) =>
      capabilitiesOf(controls, this.#options.cameras.sensor(mxid, sensor).isColour),
    );
  }

  /** Sets everything that can be set to the device's defaults, and forgets what clients have set. */
  reset(mxid: string, sensor: string): Promise<ControlSettings> {
    return this.#withControls(mxid, sensor, async ({ list }) => {
      await this.#remembered.forget(keyOf(mxid, sensor));
      const defaults = list
        .filter((control) => control.type !== 'string' && !control.flags.includes('grabbed'))
        .map(({ name, defaultValue }) => ({ name, value: defaultValue }));
      const { after, failures } = await assign(this.#setter(mxid, sensor), list, defaults);
      const [first] = failures;
      if (first !== undefined) throw first;
      return settingsOf(new NativeControls(after));
    });
  }

  /** Every control as the driver tells it now. */
  native(mxid: string, sensor: string): Promise<readonly SensorControl[]> {
    return this.#withControls(mxid, sensor, async ({ list }) => list);
  }

  /**
   * Sets controls by the driver's names, automatic modes first, and remembers them.
   * @throws AppError CONTROL_NOT_FOUND, CONTROL_VALUE_INVALID, CONTROL_REJECTED, CONTROL_LOCKED, STATE_UNWRITABLE.
   */
  setNative(
    mxid: string,
    sensor: string,
    values: readonly { readonly name: string; readonly value: unknown }[],
  ): Promise<readonly SensorControl[]> {
    return this.#withControls(mxid, sensor, async (controls) => {
      if (values.length === 0) return controls.list;
      const ordered = inOrder(
        controls,
        values.map(({ name, value }) => {
          const isText = controls.list.some((control) => control.name === name && control.type === 'string');
          return { name, value: isText ? String(value) : asInteger(name, value, 'a whole number') };
        }),
      );
      const after = await this.#options.cameras.setControls(mxid, sensor, ordered);
      await this.#remember(mxid, sensor, after, ordered);
      return after;
    });
  }

  /** The intensity of a light behind a control, 0 to 1. @throws AppError CONTROL_NOT_FOUND, CONTROL_UNSUPPORTED. */
  light(mxid: string, sensor: string, name: string): Promise<number> {
    return this.#withControls(
      mxid,
      sensor,
      async ({ list }) => controlLight(`${mxid} ${sensor}`, list, name).intensity,
    );
  }

  /** Sets it as `setNative` would. @returns what was read back. @throws AppError as `light` and `setNative`. */
  setLight(mxid: string, sensor: string, name: string, intensity: number): Promise<number> {
    return this.#withControls(mxid, sensor, async ({ list }) => {
      const where = `${mxid} ${sensor}`;
      const values = controlLight(where, list, name).write(intensity);
      const after = await this.#options.cameras.setControls(mxid, sensor, values);
      await this.#remember(mxid, sensor, after, values);
      return controlLight(where, after, name).intensity;
    });
  }

  [Symbol.dispose](): void {
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
  }

  /** Does something with the controls as they are now, after what is remembered of them has been set. */
  #withControls<T>(mxid: string, sensor: string, work: (controls: NativeControls) => Promise<T>): Promise<T> {
    const { cameras } = this.#options;
    const key = keyOf(mxid, sensor);
    return this.#turns.run(key, async () => {
      cameras.sensor(mxid, sensor);
      const list = this.#restored.has(key)
        ? await cameras.controls(mxid, sensor)
        : await this.#restore(mxid, sensor);
      return work(new NativeControls(list, this.#remembered.of(key)));
    });
  }

  /** Sets what is planned: first what chooses automatic modes, then what these leave to the client. */
  async #carryOut(
    mxid: string,
    sensor: string,
    before: NativeControls,
    plan: readonly PlannedValue[],
  ): Promise<NativeControls> {
    const { cameras } = this.#options;
    const automatic = new Set(before.list.filter(isAutomatic).map(({ name }) => name));
    const modes = plan.filter(({ name }) => automatic.has(name));
    let { list } = before;
    if (modes.length > 0) {
      list = await cameras.setControls(mxid, sensor, modes);
      await this.#remember(mxid, sensor, list, modes);
    }
    const unlocked = (name: string): boolean => list.some((each) => each.name === name && !isLocked(each));
    // Waiting values of controls that the modes have just unlocked; what the plan says of them counts more.
    const wasLocked = before.list.filter(isLocked).map(({ name }) => name);
    const waiting = [...this.#remembered.of(keyOf(mxid, sensor))]
      .filter(([name]) => wasLocked.includes(name) && !plan.some((planned) => planned.name === name))
      .map(([name, value]) => ({ name, value }));
    const rest = plan.filter(({ name }) => !automatic.has(name));
    const values = [...waiting, ...rest].filter(({ name }) => unlocked(name));
    const kept = rest.filter(({ name, isEcho }) => isEcho !== true || unlocked(name));
    if (values.length > 0) {
      list = await cameras.setControls(mxid, sensor, values).catch((error: unknown) => {
        throw whileSetting(
          toAppError(error),
          '',
          modes.map(({ name }) => name),
        );
      });
    }
    await this.#remember(mxid, sensor, list, kept);
    return new NativeControls(list, this.#remembered.of(keyOf(mxid, sensor)));
  }

  /** Remembers what was set, and what waits for an automatic mode to go off. */
  async #remember(
    mxid: string,
    sensor: string,
    after: readonly SensorControl[],
    values: readonly ControlValue[],
  ): Promise<void> {
    const kept = values.filter(({ name }) =>
      after.some((control) => control.name === name && isSettable(control)),
    );
    await this.#remembered.remember(keyOf(mxid, sensor), kept);
  }

  /** Sets again what is remembered of a sensor that has come or was opened; nobody waits for it. */
  #refresh(mxid: string, sensor: string): void {
    const key = keyOf(mxid, sensor);
    if (this.#remembered.of(key).size === 0) return;
    this.#turns
      .run(key, () => this.#restore(mxid, sensor))
      .catch((error: unknown) => this.#warn(mxid, sensor, toAppError(error)));
  }

  /** @returns the controls afterwards. Values that are refused are logged. */
  async #restore(mxid: string, sensor: string): Promise<readonly SensorControl[]> {
    const key = keyOf(mxid, sensor);
    const list = await this.#options.cameras.controls(mxid, sensor);
    const values = [...this.#remembered.of(key)].map(([name, value]) => ({ name, value }));
    const { after, failures } = await assign(this.#setter(mxid, sensor), list, values);
    for (const failure of failures) this.#warn(mxid, sensor, failure);
    this.#restored.add(key);
    return after;
  }

  #setter(mxid: string, sensor: string): SetControls {
    return (values) => this.#options.cameras.setControls(mxid, sensor, values);
  }

  #warn(mxid: string, sensor: string, error: AppError): void {
    const { code, message } = error;
    this.#options.log.warn({ mxid, sensor, code }, `controls were not set again: ${message}`);
  }
}

const keyOf = (mxid: string, sensor: string): string => `${mxid}/${sensor}`;
