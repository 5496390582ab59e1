import { Lifetime } from '../core/lifetime.ts';
import type { CaptureRequest, Source, SourceListener } from '../media/source.ts';
import type { EncoderSettings } from './encoders/encoder.ts';
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
}

export interface StreamRegistryOptions extends LiveSensorServices {
  readonly cameras: SensorAccess;
  /** The settings of one sensor, read when it is first used. */
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
    const own = settings(mxid, sensor);
    const live = new LiveSensor(
      name,
      (listener, options) => cameras.open(mxid, sensor, own.capture, listener, options),
      own,
      this.#options,
    );
    this.#lifetime.use(live);
    this.#sensors.set(name, { mxid, sensor, live });
    return live;
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
