import type { Log } from '../../../core/log.ts';
import type { StateFolder } from '../../../core/state-folder.ts';
import { readConfigRequest, type SetConfig } from './config-request.ts';

const DOCUMENT = 'sensors';

/** Sensors that are remembered; the one that was changed the longest ago is forgotten first. */
const MAX_SENSORS = 256;

const NOTHING: SetConfig = {};

/** What clients have set of each sensor, in Robopipe's words, over restarts of the service. */
export class RememberedConfigs {
  readonly #state: StateFolder;
  readonly #sensors: Map<string, SetConfig>;

  private constructor(state: StateFolder, sensors: Map<string, SetConfig>) {
    this.#state = state;
    this.#sensors = sensors;
  }

  /** What cannot be read is logged and given up: cameras work without it. */
  static async load(state: StateFolder, log: Log): Promise<RememberedConfigs> {
    try {
      return new RememberedConfigs(state, parsed(await state.read(DOCUMENT), log));
    } catch (error) {
      log.error({ err: error }, 'the configurations that clients have set are not known any more');
      return new RememberedConfigs(state, new Map());
    }
  }

  /** @param key the sensor's address, `MXID/CAM_A`. */
  of(key: string): SetConfig {
    return this.#sensors.get(key) ?? NOTHING;
  }

  /**
   * Replaces what is remembered of a sensor, at once. Resolves once it is on the disk.
   * @throws AppError STATE_UNWRITABLE; the earlier one is in force again then.
   */
  async set(key: string, config: SetConfig): Promise<void> {
    const before = this.#sensors.get(key);
    this.#sensors.delete(key);
    this.#sensors.set(key, config);
    for (const oldest of this.#sensors.keys()) {
      if (this.#sensors.size <= MAX_SENSORS) break;
      this.#sensors.delete(oldest);
    }
    try {
      await this.#state.write(DOCUMENT, Object.fromEntries([...this.#sensors].map(written)));
    } catch (error) {
      if (this.#sensors.get(key) === config) {
        if (before === undefined) this.#sensors.delete(key);
        else this.#sensors.set(key, before);
      }
      throw error;
    }
  }
}

function written([key, set]: readonly [string, SetConfig]) {
  const { videoSize, fps, stillSize, previewSize, sensorCrop, resizeMode } = set;
  const fields = {
    video_size: videoSize,
    fps,
    still_size: stillSize,
    preview_size: previewSize,
    sensor_crop: sensorCrop,
    resize_mode: resizeMode,
  };
  return [key, fields] as const;
}

/** The document as it was written; an entry that is wrong is logged and left out. */
function parsed(document: unknown, log: Log): Map<string, SetConfig> {
  const sensors = new Map<string, SetConfig>();
  const entries = typeof document === 'object' && document !== null ? Object.entries(document) : [];
  for (const [key, fields] of entries.slice(-MAX_SENSORS)) {
    try {
      sensors.set(key, readConfigRequest(fields));
    } catch (error) {
      log.warn(
        { err: error, sensor: key },
        `the configuration that clients have set of ${key} is not known any more`,
      );
    }
  }
  return sensors;
}
