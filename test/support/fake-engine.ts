import type { Engine, InferencePicture, ModelInfo, OpenEngine } from '../../src/inference/engine.ts';
import type { ModelConfig } from '../../src/inference/model-config.ts';
import type { Inference } from '../../src/inference/result.ts';

const INFO: ModelInfo = {
  input: { name: 'images', width: 32, height: 32, channels: 3, layout: 'NCHW', dataType: 'float32' },
  outputs: [{ name: 'numbers', shape: [1] }],
  executionProvider: 'cpu',
  threads: 2,
};

/** An engine without a runtime: a test answers for it. */
export class FakeEngine implements Engine {
  readonly info = INFO;
  readonly file: string;
  readonly pictures: InferencePicture[] = [];
  isOpen = true;
  #settle: { resolve(inference: Inference): void; reject(error: unknown): void } | undefined;

  constructor(file: string) {
    this.file = file;
  }

  get isBusy(): boolean {
    return this.#settle !== undefined;
  }

  infer(picture: InferencePicture): Promise<Inference> {
    if (this.#settle !== undefined) throw new Error('A picture came before the one before it was answered.');
    this.pictures.push(picture);
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  /** Gives the result of the picture at work. */
  answer(...detections: number[]): void {
    const findings = Buffer.from(`"detections":${JSON.stringify(detections)}`);
    this.#take().resolve({ findings, modelUs: 4000, overheadUs: 1000 });
  }

  fail(error: unknown): void {
    this.#take().reject(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isOpen = false;
  }

  #take() {
    const settle = this.#settle;
    if (settle === undefined) throw new Error('No picture is at work.');
    this.#settle = undefined;
    return settle;
  }
}

interface Opening {
  readonly file: string;
  readonly config: ModelConfig;
  readonly signal: AbortSignal;
  /** Ends the loading well. */
  load(): FakeEngine;
  refuse(error: unknown): void;
}

/** Keeps every engine it was asked for; a test decides when each has loaded. */
export class FakeEngines {
  readonly openings: Opening[] = [];

  readonly open: OpenEngine = (file, config, { signal }) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      this.openings.push({
        file,
        config,
        signal,
        load: () => {
          const engine = new FakeEngine(file);
          resolve(engine);
          return engine;
        },
        refuse: reject,
      });
    });

  get newest(): Opening {
    const opening = this.openings.at(-1);
    if (opening === undefined) throw new Error('No engine has been asked for.');
    return opening;
  }
}
