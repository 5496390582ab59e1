import { Lifetime } from '../core/lifetime.ts';
import type { ImageScale } from '../media/image-scale.ts';
import type { CaptureRequest, Source, SourceListener } from '../media/source.ts';
import type { EncoderSettings } from './encoders/encoder.ts';
import { cameraClosed, streamInactive } from './errors.ts';
import { LiveSensor, type LiveSensorServices } from './live-sensor.ts';
import type { StreamSettings } from './stream.ts';

/** What the registry needs of the cameras. */
export interface SensorAccess {
  /** @throws AppError CAMERA_NOT_FOUND, SENSOR_NOT_FOUND */
  sensor(mxid: string, sensor: string): unknown;
  open(
    mxid: string,
    sensor: string,
    request: CaptureRequest,
    listener: SourceListener,
    options: { signal: AbortSignal },
  ): Promise<Source>;
  /** Calls back after cameras came or went. */
  onChange(listener: () => void): Disposable;
}

export interface SensorSettings {
  readonly stream: StreamSettings;
  readonly encoder: EncoderSettings;
  readonly capture: CaptureRequest;
  /** The size of stills; absent: as they come. */
  readonly stillScale?: ImageScale | undefined;
}

export interface StreamRegistryOptions extends LiveSensorServices {
  readonly cameras: SensorAccess;
  /**
   * The settings of one sensor: `capture` is asked at each opening, `stillScale` at each still, the others when it is
   * first used.
   */
  readonly settings: (mxid: string, sensor: string) => SensorSettings;
}

/** Every live sensor by its address, made when first asked for. */
export class StreamRegistry implements AsyncDisposable {
  readonly #options: StreamRegistryOptions;
  readonly #lifetime = new Lifetime();
  readonly #sensors = new Map<
    string,
    { readonly mxid: string; readonly sensor: string; readonly live: LiveSensor }
  >();
  /** Cameras closed and sensors deactivated by a client, until one opens and activates them. */
  readonly #closed = new Set<string>();
  readonly #inactive = new Set<string>();

  constructor(options: StreamRegistryOptions) {
    this.#options = options;
    this.#lifetime.use(
      options.cameras.onChange(() => {
        for (const { live } of this.#sensors.values()) live.retryNow();
      }),
    );
  }

  /** @throws AppError CAMERA_NOT_FOUND, SENSOR_NOT_FOUND when the sensor is not there now. */
  get(mxid: string, sensor: string): LiveSensor {
    const { cameras, settings } = this.#options;
    cameras.sensor(mxid, sensor);
    const name = `${mxid}/${sensor}`;
    const known = this.#sensors.get(name);
    if (known !== undefined) return known.live;
    const live = new LiveSensor(
      name,
      (listener, options) => cameras.open(mxid, sensor, settings(mxid, sensor).capture, listener, options),
      settings(mxid, sensor),
      this.#options,
      () => settings(mxid, sensor).stillScale,
    );
    this.#lifetime.use(live);
    this.#sensors.set(name, { mxid, sensor, live });
    return live;
  }

  /**
   * The sensor, for somebody who wants its pictures.
   * @throws AppError CAMERA_NOT_FOUND, SENSOR_NOT_FOUND, CAMERA_CLOSED, STREAM_INACTIVE
   */
  active(mxid: string, sensor: string): LiveSensor {
    const live = this.get(mxid, sensor);
    if (this.#closed.has(mxid)) throw cameraClosed(mxid);
    if (this.#inactive.has(`${mxid}/${sensor}`)) throw streamInactive(`${mxid}/${sensor}`);
    return live;
  }

  isActive(mxid: string, sensor: string): boolean {
    return !this.#closed.has(mxid) && !this.#inactive.has(`${mxid}/${sensor}`);
  }

  /**
   * Lets a sensor be used; every sensor is active until it is deactivated.
   * @throws AppError as `get`; CAMERA_CLOSED
   */
  activate(mxid: string, sensor: string): void {
    this.get(mxid, sensor);
    if (this.#closed.has(mxid)) throw cameraClosed(mxid);
    this.#inactive.delete(`${mxid}/${sensor}`);
  }

  /** Lets go of the sensor's readers and refuses new ones. Other sensors go on. @throws AppError as `get`. */
  deactivate(mxid: string, sensor: string): void {
    const live = this.get(mxid, sensor);
    this.#inactive.add(`${mxid}/${sensor}`);
    live.halt(streamInactive(`${mxid}/${sensor}`));
  }

  /** Lets a camera's sensors be used again. */
  openCamera(mxid: string): void {
    this.#closed.delete(mxid);
  }

  /** Lets go of all readers of a camera and refuses new ones. */
  closeCamera(mxid: string): void {
    this.#closed.add(mxid);
    for (const each of this.#sensors.values()) if (each.mxid === mxid) each.live.halt(cameraClosed(mxid));
  }

  /** Opens a camera's running sources anew; their readers stay. A closed camera is opened. */
  restartCamera(mxid: string): void {
    this.openCamera(mxid);
    for (const each of this.#sensors.values()) if (each.mxid === mxid) each.live.restart();
  }

  isCameraOpen(mxid: string): boolean {
    return !this.#closed.has(mxid);
  }

  /** Whether the sensor gives pictures to anybody now. */
  isRunning(mxid: string, sensor: string): boolean {
    return this.#sensors.get(`${mxid}/${sensor}`)?.live.isRunning ?? false;
  }

  /** Every sensor used since the service started. */
  *all(): Iterable<{ readonly mxid: string; readonly sensor: string; readonly live: LiveSensor }> {
    yield* this.#sensors.values();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#lifetime[Symbol.asyncDispose]();
  }
}
