import type { Log } from '../../../core/log.ts';
import type { StateFolder } from '../../../core/state-folder.ts';
import type { ImageScale } from '../../../media/image-scale.ts';
import type { CaptureRequest } from '../../../media/source.ts';
import type { CameraDirectory } from '../directory.ts';
import { changedConfig } from './config-change.ts';
import { readConfigRequest } from './config-request.ts';
import { RememberedConfigs } from './remembered-configs.ts';
import { isSameSize } from './resolutions.ts';
import { type SensorConfig, shownConfig } from './sensor-config.ts';
import { type AvailableMode, availableModes, nearestMode, type SensorMode } from './sensor-modes.ts';

export interface SensorConfigsOptions {
  readonly cameras: Pick<CameraDirectory, 'sensor'>;
  readonly state: StateFolder;
  readonly log: Log;
  /** What the configuration file asks of a sensor; what clients set is laid over it. */
  readonly configured: (mxid: string, sensor: string) => CaptureRequest;
}

/** What a running sensor does; fields that are absent are not known. */
export interface RunningMode {
  readonly width: number;
  readonly height: number;
  readonly frameRate?: number;
}

/**
 * The configurations of all sensors, in the words of the Robopipe API: read, changed, and remembered over restarts.
 * Whoever opens a sensor asks `capture` what to ask of it.
 */
export class SensorConfigs {
  readonly #options: SensorConfigsOptions;
  readonly #remembered: RememberedConfigs;

  private constructor(options: SensorConfigsOptions, remembered: RememberedConfigs) {
    this.#options = options;
    this.#remembered = remembered;
  }

  static async load(options: SensorConfigsOptions): Promise<SensorConfigs> {
    return new SensorConfigs(options, await RememberedConfigs.load(options.state, options.log));
  }

  /** What a sensor is to be opened with. */
  capture(mxid: string, sensor: string): CaptureRequest {
    const { videoSize, fps } = this.#remembered.of(keyOf(mxid, sensor));
    return {
      ...this.#options.configured(mxid, sensor),
      ...(videoSize && { width: videoSize[0], height: videoSize[1] }),
      ...(fps !== undefined && { frameRate: fps }),
    };
  }

  /** The size of stills; undefined: as they come. */
  stillScale(mxid: string, sensor: string): ImageScale | undefined {
    const { stillSize, resizeMode } = this.#remembered.of(keyOf(mxid, sensor));
    if (stillSize === undefined) return undefined;
    return { width: stillSize[0], height: stillSize[1], resize: resizeMode ?? 'CROP' };
  }

  /**
   * @param running what the sensor does, while it runs.
   * @throws AppError CAMERA_NOT_FOUND, SENSOR_NOT_FOUND
   */
  get(mxid: string, sensor: string, running: RunningMode | undefined): SensorConfig {
    const { isColour } = this.#options.cameras.sensor(mxid, sensor);
    const mode = this.#mode(mxid, sensor, running);
    return shownConfig(isColour, mode, this.#remembered.of(keyOf(mxid, sensor)));
  }

  /** @throws AppError CAMERA_NOT_FOUND, SENSOR_NOT_FOUND */
  available(mxid: string, sensor: string): AvailableMode[] {
    const { cameras, configured } = this.#options;
    return availableModes(cameras.sensor(mxid, sensor), configured(mxid, sensor));
  }

  /**
   * Changes what a sensor is opened with from now on, and remembers it.
   * @param body any of Robopipe's configurations, whole or in part.
   * @returns whether a source that is open must be opened anew for it.
   * @throws AppError CAMERA_NOT_FOUND, SENSOR_NOT_FOUND, SENSOR_CONFIG_INVALID, SENSOR_MODE_UNAVAILABLE,
   * STATE_UNWRITABLE; nothing has changed then.
   */
  async change(
    mxid: string,
    sensor: string,
    body: unknown,
    running: RunningMode | undefined,
  ): Promise<{ readonly isNewMode: boolean }> {
    const { cameras, configured } = this.#options;
    const key = keyOf(mxid, sensor);
    const set = this.#remembered.of(key);
    const changed = changedConfig(
      {
        where: `${mxid} ${sensor}`,
        sensor: cameras.sensor(mxid, sensor),
        present: this.#mode(mxid, sensor, running),
        configured: configured(mxid, sensor),
        set,
      },
      readConfigRequest(body),
    );
    if (JSON.stringify(changed) !== JSON.stringify(set)) await this.#remembered.set(key, changed);
    const { videoSize, fps } = changed;
    if (videoSize === undefined || videoSize === set.videoSize) return { isNewMode: false };
    // A driver that has been asked for this very rate before gives what it can; asking again changes nothing.
    const isRunning = running !== undefined && isSameSize(videoSize, [running.width, running.height]);
    return { isNewMode: !(isRunning && fps === set.fps) };
  }

  #mode(mxid: string, sensor: string, running: RunningMode | undefined): SensorMode {
    const nearest = nearestMode(this.#options.cameras.sensor(mxid, sensor), this.capture(mxid, sensor));
    if (running === undefined) return nearest;
    return { size: [running.width, running.height], frameRate: running.frameRate ?? nearest.frameRate };
  }
}

const keyOf = (mxid: string, sensor: string): string => `${mxid}/${sensor}`;
