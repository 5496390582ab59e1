import type { Log } from '../../../core/log.ts';
import type { StateFolder } from '../../../core/state-folder.ts';
import type { ImageScale } from '../../../media/image-scale.ts';
import type { CaptureRequest } from '../../../media/source.ts';
import type { CameraDirectory } from '../directory.ts';
import { Turns } from '../turns.ts';
import { changedConfig } from './config-change.ts';
import { readConfigRequest, type SetConfig } from './config-request.ts';
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

/** A sensor as a change of its configuration reaches it. */
export interface RunningSensor {
  /** Undefined while it does not run, or what it does is not known. */
  readonly mode: RunningMode | undefined;
  /** Opens it anew if it runs. Resolves once it is open. @throws AppError whatever opening it throws. */
  reopen(): Promise<void>;
}

/**
 * The configurations of all sensors, in the words of the Robopipe API: read, changed, and remembered over restarts.
 * Whoever opens a sensor asks `capture` what to ask of it.
 */
export class SensorConfigs {
  readonly #options: SensorConfigsOptions;
  readonly #remembered: RememberedConfigs;
  readonly #turns = new Turns();

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
   * Changes what a sensor is opened with from now on, and remembers it. One that runs is opened anew for another mode;
   * if the camera refuses, what was set before is in force again. Changes of one sensor follow each other.
   * @param body any of Robopipe's configurations, whole or in part.
   * @returns the configuration afterwards, as the sensor runs.
   * @throws AppError CAMERA_NOT_FOUND, SENSOR_NOT_FOUND, SENSOR_CONFIG_INVALID, SENSOR_MODE_UNAVAILABLE,
   * STATE_UNWRITABLE, CONTROL_OVERLOADED, and whatever opening the sensor throws; nothing has changed then.
   */
  change(mxid: string, sensor: string, body: unknown, running: RunningSensor): Promise<SensorConfig> {
    const key = keyOf(mxid, sensor);
    return this.#turns.run(key, async () => {
      const set = this.#remembered.of(key);
      const changed = this.#changed(mxid, sensor, body, running.mode);
      if (JSON.stringify(changed) !== JSON.stringify(set)) await this.#remembered.set(key, changed);
      if (needsReopening(set, changed, running.mode)) {
        try {
          await running.reopen();
        } catch (error) {
          await this.#remembered.set(key, set);
          await running.reopen().catch(() => undefined); // it goes on trying for those who read it
          throw error;
        }
      }
      return this.get(mxid, sensor, running.mode);
    });
  }

  #changed(mxid: string, sensor: string, body: unknown, running: RunningMode | undefined): SetConfig {
    const { cameras, configured } = this.#options;
    return changedConfig(
      {
        where: `${mxid} ${sensor}`,
        sensor: cameras.sensor(mxid, sensor),
        present: this.#mode(mxid, sensor, running),
        configured: configured(mxid, sensor),
        set: this.#remembered.of(keyOf(mxid, sensor)),
      },
      readConfigRequest(body),
    );
  }

  #mode(mxid: string, sensor: string, running: RunningMode | undefined): SensorMode {
    const nearest = nearestMode(this.#options.cameras.sensor(mxid, sensor), this.capture(mxid, sensor));
    if (running === undefined) return nearest;
    return { size: [running.width, running.height], frameRate: running.frameRate ?? nearest.frameRate };
  }
}

function needsReopening(
  set: SetConfig,
  { videoSize, fps }: SetConfig,
  running: RunningMode | undefined,
): boolean {
  if (videoSize === undefined || videoSize === set.videoSize) return false;
  // A driver that has been asked for this very rate before gives what it can; asking again changes nothing.
  const isRunning = running !== undefined && isSameSize(videoSize, [running.width, running.height]);
  return !(isRunning && fps === set.fps);
}

const keyOf = (mxid: string, sensor: string): string => `${mxid}/${sensor}`;
