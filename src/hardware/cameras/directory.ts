import { Lifetime } from '../../core/lifetime.ts';
import type { Log } from '../../core/log.ts';
import type { CaptureRequest, Source, SourceListener } from '../../media/source.ts';
import type { CameraDriver, CameraInfo, ControlValue, SensorControl, SensorInfo } from './camera.ts';
import { cameraNotFound, sensorNotFound } from './errors.ts';

/** What has become different in the list of cameras. */
export interface CameraChange {
  readonly added: readonly CameraInfo[];
  readonly removed: readonly CameraInfo[];
}

export interface CameraDirectoryOptions {
  readonly log: Log;
  /** The configured label of a sensor; undefined keeps the driver's. */
  readonly labelOf: (mxid: string, sensor: string) => string | undefined;
}

interface Entry {
  readonly camera: CameraInfo;
  readonly driver: CameraDriver;
}

/**
 * Every camera of every driver, in one list. Owns the drivers.
 *
 * Drivers are told of `changed` when they are made, and added once they know their cameras. A stand-in driver's
 * cameras are listed while no other driver lists any; this is decided anew at each look at the list.
 */
export class CameraDirectory implements AsyncDisposable {
  readonly #options: CameraDirectoryOptions;
  readonly #lifetime = new Lifetime();
  readonly #drivers: { readonly driver: CameraDriver; readonly isStandIn: boolean }[] = [];
  readonly #listeners = new Set<(change: CameraChange) => void>();
  readonly #openListeners = new Set<(mxid: string, sensor: string) => void>();
  #known = new Map<string, CameraInfo>();
  #refreshing: Promise<void> | undefined;
  #refreshingNext: Promise<void> | undefined;

  constructor(options: CameraDirectoryOptions) {
    this.#options = options;
  }

  /** Takes a driver over. Where two drivers list one mxid, the one added first has it. */
  add(driver: CameraDriver, { isStandIn = false }: { readonly isStandIn?: boolean } = {}): void {
    this.#lifetime.use(driver);
    this.#drivers.push({ driver, isStandIn });
    this.changed();
  }

  /** For drivers to call when the list of their cameras has become different. */
  changed(): void {
    const before = this.#known;
    this.#known = new Map(this.cameras().map((camera) => [camera.mxid, camera]));
    const added = [...this.#known.values()].filter(({ mxid }) => !before.has(mxid));
    const removed = [...before.values()].filter(({ mxid }) => !this.#known.has(mxid));
    if (added.length === 0 && removed.length === 0) return;
    for (const listener of [...this.#listeners]) listener({ added, removed });
  }

  /** Calls back after cameras came or went, until disposed. */
  onChange(listener: (change: CameraChange) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Calls back whenever a sensor has been opened, until disposed. */
  onOpen(listener: (mxid: string, sensor: string) => void): Disposable {
    this.#openListeners.add(listener);
    return { [Symbol.dispose]: () => void this.#openListeners.delete(listener) };
  }

  cameras(): readonly CameraInfo[] {
    return [...this.#entries().values()].map(({ camera }) => this.#labelled(camera));
  }

  /** @throws AppError CAMERA_NOT_FOUND */
  camera(mxid: string): CameraInfo {
    return this.#labelled(this.#entry(mxid).camera);
  }

  /** @throws AppError CAMERA_NOT_FOUND, SENSOR_NOT_FOUND */
  sensor(mxid: string, name: string): SensorInfo {
    const { sensors } = this.camera(mxid);
    const found = sensors.find((sensor) => sensor.name === name);
    if (found !== undefined) return found;
    throw sensorNotFound(
      mxid,
      name,
      sensors.map((sensor) => sensor.name),
    );
  }

  /**
   * Lets every driver look at its hardware again. A call during a look waits for one more, which all such calls
   * share. A driver that fails keeps its list and is logged.
   */
  refresh(): Promise<void> {
    if (this.#refreshing === undefined) {
      this.#refreshing = this.#refresh().finally(() => {
        this.#refreshing = undefined;
      });
      return this.#refreshing;
    }
    this.#refreshingNext ??= this.#refreshing.then(() => {
      this.#refreshingNext = undefined;
      return this.refresh();
    });
    return this.#refreshingNext;
  }

  /**
   * Opens a sensor; see `CameraDriver.open`.
   * @throws AppError CAMERA_NOT_FOUND, SENSOR_NOT_FOUND, and what the driver throws.
   */
  async open(
    mxid: string,
    sensor: string,
    request: CaptureRequest,
    listener: SourceListener,
    options: { signal: AbortSignal },
  ): Promise<Source> {
    const source = await this.#entry(mxid).driver.open(mxid, sensor, request, listener, options);
    for (const hear of [...this.#openListeners]) hear(mxid, sensor);
    return source;
  }

  /** Reads a sensor's controls; see `CameraDriver.controls`. */
  async controls(mxid: string, sensor: string): Promise<readonly SensorControl[]> {
    return this.#entry(mxid).driver.controls(mxid, sensor);
  }

  /** Sets a sensor's controls; see `CameraDriver.setControls`. */
  async setControls(
    mxid: string,
    sensor: string,
    values: readonly ControlValue[],
  ): Promise<readonly SensorControl[]> {
    return this.#entry(mxid).driver.setControls(mxid, sensor, values);
  }

  /** Closes the drivers, the last added first. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners.clear();
    this.#openListeners.clear();
    await this.#lifetime[Symbol.asyncDispose]();
  }

  async #refresh(): Promise<void> {
    const look = async ({ driver }: { driver: CameraDriver }): Promise<void> => {
      try {
        await driver.refresh();
      } catch (error) {
        this.#options.log.warn({ err: error }, `the ${driver.kind} cameras could not be looked at again`);
      }
    };
    await Promise.all(this.#drivers.map(look));
    this.changed();
  }

  #entry(mxid: string): Entry {
    const entries = this.#entries();
    const entry = entries.get(mxid);
    if (entry === undefined) throw cameraNotFound(mxid, [...entries.keys()]);
    return entry;
  }

  #entries(): Map<string, Entry> {
    const list = (standIns: boolean): Entry[] =>
      this.#drivers
        .filter(({ isStandIn }) => isStandIn === standIns)
        .flatMap(({ driver }) => driver.cameras().map((camera) => ({ camera, driver })));
    const real = list(false);
    const entries = new Map<string, Entry>();
    for (const entry of real.length > 0 ? real : list(true)) {
      if (!entries.has(entry.camera.mxid)) entries.set(entry.camera.mxid, entry);
    }
    return entries;
  }

  #labelled(camera: CameraInfo): CameraInfo {
    const sensors = camera.sensors.map((sensor) => ({
      ...sensor,
      label: this.#options.labelOf(camera.mxid, sensor.name) ?? sensor.label,
    }));
    return { ...camera, sensors };
  }
}
