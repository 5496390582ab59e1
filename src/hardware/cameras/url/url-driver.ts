import { AppError } from '../../../core/app-error.ts';
import type { ChildProcesses } from '../../../core/child-process.ts';
import type { Clock } from '../../../core/clock.ts';
import type { SourceListener } from '../../../media/source.ts';
import type { EncoderSettings } from '../../../streams/encoders/encoder.ts';
import {
  copyInputArguments,
  encodeInputArguments,
  type H264Encoders,
} from '../../../streams/encoders/ffmpeg/index.ts';
import type { CameraDriver, CameraInfo, ControlValue, SensorControl } from '../camera.ts';
import { cameraNotFound, controlNotFound, sensorNotFound } from '../errors.ts';
import { mxidOf } from '../mxid.ts';
import { busOf, inputArguments, pathOf, type UrlInput } from './url-input.ts';
import { UrlSource } from './url-source.ts';

/** A camera of the configuration. */
export interface UrlCamera {
  /** What people call it; its mxid follows from it alone. */
  readonly name: string;
  /** By sensor name: `CAM_A`, `CAM_B`, … */
  readonly sensors: Readonly<Record<string, UrlInput>>;
}

export interface UrlDriverOptions {
  readonly cameras: readonly UrlCamera[];
  readonly processes: ChildProcesses;
  /** Path of ffmpeg. */
  readonly program: string;
  /** Chooses the encoder for inputs that are not H.264. */
  readonly encoders: Pick<H264Encoders, 'choose' | 'renderNode'>;
  readonly encoderSettings: (mxid: string, sensor: string) => EncoderSettings;
  /** Longest silence of an open input, in milliseconds. */
  readonly stallTimeoutMs: number;
  readonly clock: Clock;
}

interface Entry {
  readonly info: CameraInfo;
  readonly sensors: Readonly<Record<string, UrlInput>>;
}

/** How an input is read. */
interface Reading {
  /** Encoded by the child that reads it, rather than passed through. */
  readonly isEncoded: boolean;
  readonly analyzeMs: number;
}

/** What nearly every H.264 input opens with, fast. */
const FIRST_READING: Reading = { isEncoded: false, analyzeMs: 1000 };
/** Inputs that do not state their size show it with their first sync sample, which may take this long. */
const PATIENT_ANALYZE_MS = 10_000;

/** ffmpeg's complaints about a size it has not found out. */
const SIZE_UNKNOWN = /dimensions not set|unspecified size/i;
/** ffmpeg's complaints about what cannot pass through: a codec NUT has no name for, packets without a time. */
const NOT_TO_BE_COPIED = /codec tag|negative pts|genpts/i;

/** What to try after a failure, if anything. */
function nextReading(reading: Reading, error: unknown): Reading | undefined {
  if (!(error instanceof AppError) || reading.isEncoded) return undefined;
  if (error.code === 'ENCODER_OUTPUT_UNEXPECTED' || NOT_TO_BE_COPIED.test(error.message)) {
    return { ...reading, isEncoded: true };
  }
  const isPatient = reading.analyzeMs >= PATIENT_ANALYZE_MS;
  return SIZE_UNKNOWN.test(error.message) && !isPatient
    ? { ...reading, analyzeMs: PATIENT_ANALYZE_MS }
    : undefined;
}

/**
 * Network cameras, files and anything else ffmpeg reads, as the configuration names them. They are always listed;
 * whether one can be reached shows when it is opened. H.264 passes through, everything else is encoded by the
 * child that reads it; which of the two it takes is found out by trying, and remembered.
 *
 * `open` throws CAMERA_NOT_FOUND, SENSOR_NOT_FOUND, SOURCE_FAILED, SOURCE_STALLED, ENCODER_UNAVAILABLE.
 */
export class UrlDriver implements CameraDriver {
  readonly kind = 'url';
  readonly #options: UrlDriverOptions;
  readonly #entries: ReadonlyMap<string, Entry>;
  /** What was learnt of inputs that are not read like most. */
  readonly #readings = new Map<UrlInput, Reading>();

  constructor(options: UrlDriverOptions) {
    this.#options = options;
    const entries = options.cameras.map((camera) => ({ info: describe(camera), sensors: camera.sensors }));
    this.#entries = new Map(entries.map((entry) => [entry.info.mxid, entry]));
  }

  cameras(): readonly CameraInfo[] {
    return [...this.#entries.values()].map(({ info }) => info);
  }

  async refresh(): Promise<void> {}

  /** The request is ignored: an input has the size and rate it has. */
  async open(
    mxid: string,
    sensor: string,
    _request: unknown,
    listener: SourceListener,
    { signal }: { signal: AbortSignal },
  ): Promise<UrlSource> {
    const input = this.#input(mxid, sensor);
    for (let reading = this.#readings.get(input) ?? FIRST_READING; ; ) {
      try {
        const args = this.#arguments(input, reading, mxid, sensor);
        return await this.#start(input, args, this.#learning(input, reading, listener), signal);
      } catch (error) {
        const next = nextReading(reading, error);
        if (next === undefined) throw error;
        this.#readings.set(input, next);
        reading = next;
      }
    }
  }

  /** None: what ffmpeg reads has no controls that it could set. */
  async controls(mxid: string, sensor: string): Promise<readonly SensorControl[]> {
    this.#input(mxid, sensor);
    return [];
  }

  async setControls(
    mxid: string,
    sensor: string,
    [first]: readonly ControlValue[],
  ): Promise<readonly SensorControl[]> {
    if (first !== undefined) throw controlNotFound(`${mxid} ${sensor}`, first.name, []);
    return this.controls(mxid, sensor);
  }

  /** Open sources belong to those who opened them. */
  async [Symbol.asyncDispose](): Promise<void> {}

  #input(mxid: string, sensor: string): UrlInput {
    const entry = this.#entries.get(mxid);
    if (entry === undefined) throw cameraNotFound(mxid);
    const input = entry.sensors[sensor];
    if (input === undefined) throw sensorNotFound(mxid, sensor, Object.keys(entry.sensors));
    return input;
  }

  #arguments(input: UrlInput, reading: Reading, mxid: string, sensor: string): string[] {
    const source = { args: inputArguments(input), analyzeMs: reading.analyzeMs };
    if (!reading.isEncoded) return copyInputArguments(source);
    const { encoders, encoderSettings } = this.#options;
    const settings = encoderSettings(mxid, sensor);
    return encodeInputArguments(source, encoders.choose(settings.codec), settings, encoders.renderNode);
  }

  /** The listener, with an ear for failures after the opening that the next opening can avoid. */
  #learning(input: UrlInput, reading: Reading, listener: SourceListener): SourceListener {
    return {
      onFormat: (format) => listener.onFormat(format),
      onConfig: (config) => listener.onConfig(config),
      onUnit: (unit) => listener.onUnit(unit),
      onLost: (error) => {
        const next = nextReading(reading, error);
        if (next !== undefined) this.#readings.set(input, next);
        listener.onLost(error);
      },
    };
  }

  /** Starts a child and waits until it knows what it gives; ends it when that fails. */
  async #start(
    { url }: UrlInput,
    args: readonly string[],
    listener: SourceListener,
    signal: AbortSignal,
  ): Promise<UrlSource> {
    signal.throwIfAborted();
    const { processes, program, stallTimeoutMs, clock } = this.#options;
    const source = new UrlSource({ processes, program, args, url, stallTimeoutMs, clock }, listener);
    let abort: () => void = () => {};
    const aborted = new Promise<never>((_, reject) => {
      abort = () => reject(signal.reason);
      signal.addEventListener('abort', abort);
    });
    try {
      await Promise.race([source.opened, aborted]);
      return source;
    } catch (error) {
      await source[Symbol.asyncDispose]();
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }
}

function describe({ name, sensors }: UrlCamera): CameraInfo {
  const [first] = Object.values(sensors);
  return {
    mxid: mxidOf(`url ${name}`, name),
    cameraName: name,
    path: first === undefined ? '' : pathOf(first),
    bus: first === undefined ? 'network' : busOf(first),
    driver: 'url',
    nodes: [],
    // Sizes are known once an input is open, and nothing can be asked of it.
    sensors: Object.keys(sensors)
      .sort()
      .map((sensor) => ({ name: sensor, label: name, isColour: true, formats: [], controls: [] })),
  };
}
