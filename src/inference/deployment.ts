import { type AppError, toAppError } from '../core/app-error.ts';
import type { AccessUnit } from '../media/coded.ts';
import type { LiveSensor } from '../streams/index.ts';
import type { Engine } from './engine.ts';
import { EngineKeeper, type EngineServices } from './engine-keeper.ts';
import { tooManyResultReaders } from './errors.ts';
import { InferenceFigures, type InferenceStats } from './inference-stats.ts';
import type { ModelConfig } from './model-config.ts';
import type { StoredModel } from './model-store.ts';
import { Pace } from './pace.ts';
import { resultMessage } from './result-message.ts';
import { type ResultListener, ResultReader } from './result-reader.ts';

/** What a deployment needs of a sensor. */
export interface InferenceSensor {
  readonly pictures: Pick<LiveSensor['pictures'], 'join' | 'leave'>;
  readonly video: Pick<LiveSensor['video'], 'ticksAt'>;
}

export interface DeploymentOptions extends EngineServices {
  /** `MXID/CAM_A`, for messages. */
  readonly name: string;
  readonly maxReaders: number;
}

/** After so many failures in a row the engine is loaded anew. */
const MAX_FAILURES = 3;

/**
 * A model on a sensor. While somebody wants results it takes the sensor's pictures and runs the model on the newest,
 * one at a time; pictures that come meanwhile are dropped. A failure costs a picture, not the readers.
 */
export class Deployment implements AsyncDisposable {
  readonly #options: DeploymentOptions;
  readonly #engines: EngineKeeper;
  readonly #readers = new Set<ResultReader>();
  readonly #figures = new InferenceFigures();
  #pictures: { readonly sensor: InferenceSensor; leave(): void } | undefined;
  #pace: Pace;
  #newest: AccessUnit | undefined;
  /** The engine that is at work. */
  #busy: Engine | undefined;
  #sequence = 0;
  #failures = 0;
  #problem: AppError | undefined;

  /** @param engine of the model, when it is loaded already; owned from now on. */
  constructor(options: DeploymentOptions, model: StoredModel, engine?: Engine) {
    this.#options = options;
    this.#pace = new Pace(model.config.fps);
    this.#engines = new EngineKeeper(options.name, model, options, {
      onReady: () => this.#pump(),
      onFailed: (error, isTriedAgain) => {
        this.#problem = error;
        if (!isTriedAgain) this.#letGo(error);
      },
    });
    if (engine !== undefined) this.#engines.use(model, engine);
  }

  get config(): ModelConfig {
    return this.#engines.model.config;
  }

  /** @throws AppError STREAM_TOO_MANY_READERS */
  assertRoom(): void {
    const { name, maxReaders } = this.#options;
    if (this.#readers.size >= maxReaders) throw tooManyResultReaders(name, maxReaders);
  }

  /**
   * Adds a reader of results; the first one starts the sensor and loads the model.
   * @param sensor the one the model is deployed on.
   * @throws AppError STREAM_TOO_MANY_READERS
   */
  join(sensor: InferenceSensor, listener: ResultListener): ResultReader {
    this.assertRoom();
    this.#pictures ??= this.#take(sensor);
    const reader = new ResultReader(listener);
    this.#readers.add(reader);
    this.#engines.want();
    return reader;
  }

  /** Takes a reader out; harmless when it is out already. The last one stops the work. */
  leave(reader: ResultReader): void {
    if (!this.#readers.delete(reader)) return;
    this.#figures.skipped += reader.skipped;
    if (this.#readers.size > 0) return;
    this.#pictures?.leave();
    this.#pictures = undefined;
    this.#newest = undefined;
    this.#engines.unwant();
  }

  /** Goes on with another model. Readers stay. @param engine of the model; owned from now on. */
  replace(model: StoredModel, engine: Engine): void {
    this.#pace = new Pace(model.config.fps);
    this.#failures = 0;
    this.#problem = undefined;
    this.#engines.use(model, engine);
  }

  stats(): InferenceStats {
    return {
      state: this.#engines.state,
      ...(this.#problem && { problem: { code: this.#problem.code, message: this.#problem.message } }),
      ...(this.#engines.engine && { model: this.#engines.engine.info }),
      readers: this.#readers.size,
      ...this.#figures.stats(this.#readers),
    };
  }

  /** Lets go of every reader, and of the model's memory. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#letGo(undefined);
    await this.#engines[Symbol.asyncDispose]();
  }

  #letGo(reason: AppError | undefined): void {
    for (const reader of [...this.#readers]) {
      this.leave(reader);
      reader.close(reason);
    }
  }

  #take(sensor: InferenceSensor): { sensor: InferenceSensor; leave(): void } {
    const reader = sensor.pictures.join('inference', {
      onReadable: () => {
        for (let unit = reader.take(); unit !== undefined; unit = reader.take()) {
          if (this.#newest !== undefined) this.#figures.dropped += 1;
          this.#newest = unit;
        }
        this.#pump();
      },
      onClosed: (reason) => {
        this.#pictures = undefined; // it has let go already
        this.#letGo(reason);
      },
    });
    return { sensor, leave: () => sensor.pictures.leave(reader) };
  }

  /** Runs the model if there is something to run it on, and nothing in the way. */
  #pump(): void {
    const { engine } = this.#engines;
    const unit = this.#newest;
    if (engine === undefined || unit === undefined || this.#busy === engine) return;
    this.#newest = undefined;
    if (!this.#pace.admits(unit.capturedUs)) {
      this.#figures.dropped += 1;
      return;
    }
    this.#busy = engine;
    const end = (): void => {
      if (this.#busy !== engine) return;
      this.#busy = undefined;
      this.#pump();
    };
    this.#infer(engine, unit).then(end, (error) => {
      if (engine === this.#engines.engine) this.#onFailure(toAppError(error));
      end();
    });
  }

  async #infer(engine: Engine, unit: AccessUnit): Promise<void> {
    const { clock } = this.#options;
    const { config } = unit.track;
    if (config.codec !== 'raw') return;
    const { pixelFormat, width, height } = config;
    const startedUs = clock.monotonicUs();
    // The unit's bytes belong to every reader of the stream; the engine's are a copy.
    const data = new Uint8Array(unit.data);
    const inference = await engine.infer({ pixelFormat, width, height, data });
    if (engine !== this.#engines.engine || this.#pictures === undefined) return;
    this.#engines.confirm();
    this.#failures = 0;
    this.#problem = undefined;
    this.#sequence += 1;
    const endedUs = clock.monotonicUs();
    const message = resultMessage(inference, {
      sequence: this.#sequence,
      capturedWallUs: unit.capturedWallUs,
      ptsTicks: this.#pictures.sensor.video.ticksAt(unit.capturedUs),
      width,
      height,
      latencyUs: endedUs - unit.capturedUs,
    });
    this.#figures.add({
      modelUs: inference.modelUs,
      overheadUs: Math.max(0, endedUs - startedUs - inference.modelUs),
      queueUs: startedUs - unit.capturedUs,
    });
    for (const reader of [...this.#readers]) reader.offer(message);
  }

  #onFailure(error: AppError): void {
    const { log, name } = this.#options;
    this.#figures.errors += 1;
    this.#failures += 1;
    this.#problem = error;
    if (this.#failures === 1) log.warn({ sensor: name, code: error.code }, `${name}: ${error.message}`);
    if (this.#failures < MAX_FAILURES) return;
    this.#failures = 0;
    this.#figures.reloads += 1;
    log.error({ sensor: name, code: error.code }, `the model of ${name} is loaded anew: ${error.message}`);
    this.#engines.renew();
  }
}
