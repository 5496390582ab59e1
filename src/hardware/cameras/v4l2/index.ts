import { systemClock } from '../../../core/clock.ts';
import { Lifetime } from '../../../core/lifetime.ts';
import type { Log } from '../../../core/log.ts';
import type { CaptureRequest, Source, SourceListener } from '../../../media/source.ts';
import type { CameraDriver, CameraInfo, ControlValue, SensorControl, SensorInfo } from '../camera.ts';
import { openCapture } from '../capture/index.ts';
import { cameraNotFound, sensorNotFound } from '../errors.ts';
import { ControlRequests } from './control-requests.ts';
import { Hotplug } from './hotplug.ts';
import { chooseMode } from './mode.ts';
import type { Roots, ScanResult } from './scanner.ts';
import { openAccessUnits } from './unit-source.ts';

export interface V4l2DriverOptions {
  /** `cameras()` has changed. */
  onChange(): void;
  readonly log: Log;
  /** Longest silence of an open sensor, in milliseconds. */
  readonly stallTimeoutMs: number;
  /** Where the kernel's file systems are mounted; `/sys` and `/dev` by default. */
  readonly roots?: Roots;
}

/** The driver of all cameras that the kernel offers through V4L2. Its list is empty until the first `refresh`. */
export function createV4l2Driver(options: V4l2DriverOptions): CameraDriver {
  return new V4l2Driver(options);
}

class V4l2Driver implements CameraDriver {
  readonly kind = 'v4l2';
  readonly #options: V4l2DriverOptions;
  readonly #lifetime = new Lifetime();
  readonly #hotplug: Hotplug;
  readonly #controls: ControlRequests;
  #cameras: readonly CameraInfo[] = [];
  #skipped: ReadonlySet<string> = new Set();

  constructor(options: V4l2DriverOptions) {
    this.#options = options;
    this.#controls = this.#lifetime.use(new ControlRequests(systemClock));
    this.#hotplug = this.#lifetime.use(
      new Hotplug(options.roots ?? { sys: '/sys', dev: '/dev' }, {
        onScan: (result) => this.#adopt(result),
        onDeaf: (reason) =>
          options.log.warn({ reason }, 'cameras that are plugged in may not be noticed at once'),
      }),
    );
  }

  cameras(): readonly CameraInfo[] {
    return this.#cameras;
  }

  refresh(): Promise<void> {
    return this.#hotplug.scan();
  }

  async open(
    mxid: string,
    sensor: string,
    request: CaptureRequest,
    listener: SourceListener,
    { signal }: { signal: AbortSignal },
  ): Promise<Source> {
    const { node, formats } = this.#sensor(mxid, sensor);
    const { stallTimeoutMs } = this.#options;
    // Decided here, because coded pictures take another way; the capture thread settles size and rate.
    const pixelFormat = chooseMode(formats, request, UNKNOWN_SIZE)?.pixelFormat;
    const settled = pixelFormat === undefined ? request : { ...request, pixelFormat };
    return pixelFormat === 'H264'
      ? openAccessUnits({ node, request: settled, stallTimeoutMs }, listener, signal)
      : openCapture({ kind: 'v4l2', node, request: settled }, listener, { signal, stallTimeoutMs });
  }

  controls(mxid: string, sensor: string): Promise<readonly SensorControl[]> {
    return this.setControls(mxid, sensor, []);
  }

  async setControls(
    mxid: string,
    sensor: string,
    values: readonly ControlValue[],
  ): Promise<readonly SensorControl[]> {
    const { node } = this.#sensor(mxid, sensor);
    const controls = await this.#controls.exchange(node, values);
    // The list of cameras tells the values that were read last.
    this.#cameras = this.#cameras.map((camera) => ({
      ...camera,
      sensors: camera.sensors.map((each) =>
        camera.mxid === mxid && each.node === node ? { ...each, controls } : each,
      ),
    }));
    return controls;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#lifetime[Symbol.asyncDispose]();
  }

  #sensor(mxid: string, sensor: string): SensorInfo & { readonly node: string } {
    const camera = this.#cameras.find((candidate) => candidate.mxid === mxid);
    if (camera === undefined) throw cameraNotFound(mxid);
    const found = camera.sensors.find(({ name }) => name === sensor);
    if (found?.node !== undefined) return { ...found, node: found.node };
    throw sensorNotFound(
      mxid,
      sensor,
      camera.sensors.map(({ name }) => name),
    );
  }

  #adopt({ cameras, skipped }: ScanResult): void {
    for (const { node, reason, isFault } of skipped) {
      if (this.#skipped.has(`${node} ${reason}`)) continue; // each once: every scan finds them again
      this.#options.log[isFault ? 'warn' : 'info']({ node, reason }, 'video node not used');
    }
    this.#skipped = new Set(skipped.map(({ node, reason }) => `${node} ${reason}`));
    const hasChanged = JSON.stringify(cameras) !== JSON.stringify(this.#cameras);
    this.#cameras = cameras;
    if (hasChanged) this.#options.onChange();
  }
}

/** For formats without a list of sizes: only the pixel format is asked of the choice. */
const UNKNOWN_SIZE = { width: 0, height: 0 };
