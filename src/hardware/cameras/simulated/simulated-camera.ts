import type { Clock, Timer } from '../../../core/clock.ts';
import { Lifetime } from '../../../core/lifetime.ts';
import type { CaptureRequest, PictureSource, SourceListener } from '../../../media/source.ts';
import { type CameraInfo, type ControlValue, type SensorControl, sensorName } from '../camera.ts';
import { openCapture } from '../capture/index.ts';
import { cameraBusy, cameraNotFound, sensorNotFound } from '../errors.ts';
import { FaultLine, type ScheduledFault, type SimulatedFault } from './fault-line.ts';
import { SimulatedControls } from './sensor-controls.ts';
import {
  COLOUR_SENSOR,
  chooseFormat,
  MONO_SENSOR,
  offeredFormats,
  type SensorDefaults,
} from './sensor-format.ts';

/** Sensors in the order of their names, `CAM_A` and `CAM_B`. */
const SENSORS = [
  { label: 'Colour', isColour: true, defaults: COLOUR_SENSOR },
  { label: 'Mono', isColour: false, defaults: MONO_SENSOR },
] as const;

/** What the configuration says of one simulated camera. */
export interface SimulatedCameraOptions {
  /** `[A-Z0-9]+`, unique among all cameras. */
  readonly mxid: string;
  /** Product name, `Simulated camera` when absent. */
  readonly cameraName?: string;
  /** Chooses the landscape; the same seed, sensor and moment give the same picture. 0 when absent. */
  readonly seed?: number;
  /** Faults that each opened sensor runs into by itself. */
  readonly faults?: readonly ScheduledFault[];
}

/** What a simulated camera is given by its driver. */
export interface SimulatedCameraHost {
  readonly clock: Clock;
  /** Longest silence of an open sensor, in milliseconds. */
  readonly stallTimeoutMs: number;
  /** The camera has vanished or is back. */
  onChange(): void;
}

interface Sensor {
  readonly defaults: SensorDefaults;
  readonly controls: SimulatedControls;
}

interface OpenSensor {
  readonly faults: FaultLine;
  readonly lifetime: Lifetime;
}

/** One simulated camera with a colour and a mono sensor. */
export class SimulatedCamera implements AsyncDisposable {
  readonly #info: CameraInfo;
  readonly #sensors: ReadonlyMap<string, Sensor>;
  readonly #host: SimulatedCameraHost;
  readonly #schedule: readonly ScheduledFault[];
  readonly #seed: number;
  readonly #open = new Map<string, OpenSensor>();
  readonly #closing = new AbortController();
  #return: Timer | undefined;

  constructor({ mxid, cameraName, seed, faults }: SimulatedCameraOptions, host: SimulatedCameraHost) {
    this.#host = host;
    this.#schedule = faults ?? [];
    this.#seed = seed ?? 0;
    this.#info = {
      mxid,
      cameraName: cameraName ?? 'Simulated camera',
      path: mxid,
      bus: 'virtual',
      driver: 'simulated',
      nodes: [],
      sensors: SENSORS.map(({ label, isColour, defaults }, index) => ({
        name: sensorName(index),
        label,
        isColour,
        formats: offeredFormats(defaults),
        defaultMode: { width: defaults.width, height: defaults.height, frameRate: defaults.frameRate },
        controls: [],
      })),
    };
    this.#sensors = new Map(
      SENSORS.map(({ isColour, defaults }, index) => {
        const name = sensorName(index);
        return [name, { defaults, controls: new SimulatedControls(`${mxid} ${name}`, isColour) }];
      }),
    );
  }

  get info(): CameraInfo {
    const sensors = this.#info.sensors.map((sensor) => ({
      ...sensor,
      controls: this.#sensors.get(sensor.name)?.controls.list() ?? [],
    }));
    return { ...this.#info, sensors };
  }

  /** False while a `vanish` lasts. */
  get isPresent(): boolean {
    return this.#return === undefined;
  }

  /** See `CameraDriver.open`. */
  async open(
    sensor: string,
    request: CaptureRequest,
    listener: SourceListener,
    signal: AbortSignal,
  ): Promise<PictureSource> {
    const { mxid } = this.#info;
    const { defaults, controls } = this.#sensor(sensor);
    const { brightness } = controls;
    const label = `${mxid} ${sensor}`;
    if (this.#open.has(sensor)) throw cameraBusy(label, 'this service');
    const format = chooseFormat(label, defaults, request);
    const faults = new FaultLine();
    const lifetime = new Lifetime();
    this.#open.set(sensor, { faults, lifetime });
    lifetime.defer(() => void this.#open.delete(sensor));
    try {
      const source = await openCapture(
        {
          kind: 'simulated',
          label,
          format,
          seed: seedOf(label) + this.#seed,
          faults: faults.memory,
          brightness,
        },
        listener,
        {
          signal: AbortSignal.any([signal, this.#closing.signal]),
          stallTimeoutMs: this.#host.stallTimeoutMs,
        },
      );
      lifetime.use(source);
      for (const fault of this.#schedule) {
        lifetime.use(this.#host.clock.after(fault.afterOpeningMs, () => this.#strike(fault, [sensor])));
      }
      return ownedBy(lifetime, source);
    } catch (error) {
      await lifetime[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** See `CameraDriver.controls`. */
  controls(sensor: string): SensorControl[] {
    return this.#sensor(sensor).controls.list();
  }

  /** See `CameraDriver.setControls`. */
  setControls(sensor: string, values: readonly ControlValue[]): SensorControl[] {
    return this.#sensor(sensor).controls.set(values);
  }

  /** Brings a fault about now, on every sensor that is open. */
  inject(fault: SimulatedFault): void {
    this.#strike(fault, [...this.#open.keys()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#return?.[Symbol.dispose]();
    await Promise.all([...this.#open.values()].map(({ lifetime }) => lifetime[Symbol.asyncDispose]()));
  }

  #sensor(name: string): Sensor {
    const { mxid } = this.#info;
    if (!this.isPresent) throw cameraNotFound(mxid);
    const sensor = this.#sensors.get(name);
    if (sensor === undefined) throw sensorNotFound(mxid, name, [...this.#sensors.keys()]);
    return sensor;
  }

  #strike(fault: SimulatedFault, sensors: readonly string[]): void {
    if (fault.kind === 'vanish') {
      this.#vanish(fault.forMs);
      return;
    }
    for (const sensor of sensors) {
      const open = this.#open.get(sensor);
      if (open === undefined) continue;
      const { faults, lifetime } = open;
      if (fault.kind === 'resize') {
        faults.resize(fault.width, fault.height);
      } else {
        faults.stall(true);
        lifetime.use(this.#host.clock.after(fault.forMs, () => faults.stall(false)));
      }
    }
  }

  #vanish(forMs: number): void {
    const wasPresent = this.isPresent;
    this.#return?.[Symbol.dispose]();
    this.#return = this.#host.clock.after(forMs, () => {
      this.#return = undefined;
      this.#host.onChange();
    });
    for (const { faults } of this.#open.values()) faults.vanish();
    for (const { controls } of this.#sensors.values()) controls.reset();
    if (wasPresent) this.#host.onChange();
  }
}

/** The source, except that its disposal ends the whole lifetime. */
function ownedBy(lifetime: Lifetime, source: PictureSource): PictureSource {
  return {
    kind: source.kind,
    get format() {
      return source.format;
    },
    feed: (writeFd) => source.feed(writeFd),
    watch: (onPicture) => source.watch(onPicture),
    stats: () => source.stats(),
    [Symbol.asyncDispose]: () => lifetime[Symbol.asyncDispose](),
  };
}

/** A number that depends on the text alone, so that each sensor keeps its look (FNV-1a). */
function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
