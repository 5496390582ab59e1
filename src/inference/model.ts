import { AppError } from '../core/app-error.ts';
import type { InferencePicture, ModelInfo, ModelInput } from './engine.ts';
import { firstLine, modelConfigInvalid, modelInvalid } from './errors.ts';
import { createHead, type Findings, type Head, type OutputTensor, shapesText } from './heads/index.ts';
import type { ModelConfig } from './model-config.ts';
import { assertMayBeOnnx } from './model-file.ts';
import { modelInputOf } from './model-input.ts';
import { isNumeric, outputNumbers } from './output-numbers.ts';
import { PictureTensor } from './preprocess/picture-tensor.ts';
import {
  loadRuntime,
  type Runtime,
  type RuntimeSession,
  sessionOptions,
  type ValueMetadata,
} from './runtime.ts';

/** Numbers in all outputs of one run. */
const MOST_NUMBERS = 16_000_000;

/** What the model found, and how long it took, in microseconds. */
export interface ModelRun {
  readonly findings: Findings;
  readonly modelUs: number;
  readonly overheadUs: number;
}

/** A model in this thread: it blocks while it runs. */
export interface Model {
  readonly info: ModelInfo;
  /** Rejects with what the runtime threw, or with what is wrong with the picture or with the outputs. */
  run(picture: InferencePicture): Promise<ModelRun>;
}

/**
 * Loads a model and runs it once on a black picture.
 * @throws AppError as {@link OpenEngine} does.
 */
export async function openModel(file: string, config: ModelConfig): Promise<Model> {
  await assertMayBeOnnx(file);
  const runtime = await loadRuntime();
  const session = await openSession(runtime, file, config);
  const input = modelInputOf(session.inputMetadata, config.input);
  checkOutputs(session.outputMetadata);
  const model = new SessionModel(runtime, session, input, config);
  await model.warmUp();
  return model;
}

async function openSession(runtime: Runtime, file: string, config: ModelConfig): Promise<RuntimeSession> {
  const { executionProvider: provider, numInferenceThreads } = config;
  const providers = runtime.listSupportedBackends().map(({ name }) => name);
  if (!providers.includes(provider)) {
    throw modelConfigInvalid(
      'execution_provider',
      provider,
      `one that the runtime has: ${providers.join(', ')}`,
    );
  }
  try {
    return await runtime.InferenceSession.create(file, sessionOptions(provider, numInferenceThreads));
  } catch (error) {
    // Where the file lies is no matter of who sent it.
    const text = error instanceof Error ? error.message : String(error);
    if (/external data/i.test(text)) {
      throw modelInvalid(
        'its weights are in another file, and a model is one file; export it with the weights inside (PyTorch: torch.onnx.export(…, external_data=False))',
      );
    }
    const said = firstLine(text.replaceAll(file, 'the file'));
    if (provider === 'cpu') throw modelInvalid(`the runtime said: ${said}`);
    throw modelConfigInvalid(
      'execution_provider',
      provider,
      `one that works with this model; it said: ${said}`,
    );
  }
}

/** Refuses before the first run what could only be refused after it. */
function checkOutputs(outputs: readonly ValueMetadata[]): void {
  const other = outputs.find(({ isTensor, type }) => !isTensor || !isNumeric(type));
  if (other !== undefined)
    throw modelInvalid(`its output ${other.name} is ${other.type ?? 'no tensor'}, and no numbers`);
  const sizes = outputs.map(({ shape = [] }) => shape.map((size) => (typeof size === 'number' ? size : 1)));
  checkAmount(sizes);
}

function checkAmount(shapes: readonly (readonly number[])[]): void {
  const numbers = shapes.reduce((sum, shape) => sum + shape.reduce((product, size) => product * size, 1), 0);
  if (numbers > MOST_NUMBERS) {
    throw modelInvalid(`its outputs have ${numbers} numbers, and ${MOST_NUMBERS} are the most`);
  }
}

class SessionModel implements Model {
  readonly info: ModelInfo;
  readonly #runtime: Runtime;
  readonly #session: RuntimeSession;
  readonly #config: ModelConfig;
  readonly #tensor: PictureTensor;
  #head: { readonly shapes: string; readonly read: Head } | undefined;

  constructor(runtime: Runtime, session: RuntimeSession, input: ModelInput, config: ModelConfig) {
    this.#runtime = runtime;
    this.#session = session;
    this.#config = config;
    this.#tensor = new PictureTensor(input, config);
    this.info = {
      input,
      outputs: session.outputMetadata.map(({ name, shape = [] }) => ({ name, shape })),
      executionProvider: config.executionProvider,
      threads: config.numInferenceThreads,
    };
  }

  async warmUp(): Promise<void> {
    const { width, height } = this.info.input;
    this.#tensor.fill({ pixelFormat: 'GREY', width, height, data: new Uint8Array(width * height) });
    let outputs: OutputTensor[];
    try {
      outputs = await this.#runSession();
    } catch (error) {
      if (error instanceof AppError) throw error;
      const said = firstLine(error instanceof Error ? error.message : String(error));
      throw modelInvalid(`running it on a black picture failed: ${said}`);
    }
    this.#headFor(outputs);
  }

  async run(picture: InferencePicture): Promise<ModelRun> {
    const startedAt = performance.now();
    const placement = this.#tensor.fill(picture);
    const filledAt = performance.now();
    const outputs = await this.#runSession();
    const ranAt = performance.now();
    const findings = this.#headFor(outputs)(outputs, placement);
    const doneAt = performance.now();
    return {
      findings,
      modelUs: Math.round((ranAt - filledAt) * 1000),
      overheadUs: Math.round((filledAt - startedAt + doneAt - ranAt) * 1000),
    };
  }

  async #runSession(): Promise<OutputTensor[]> {
    const { name, dataType } = this.info.input;
    const tensor = new this.#runtime.Tensor(dataType, this.#tensor.data, this.#tensor.shape);
    const outputs = await this.#session.run({ [name]: tensor });
    checkAmount(Object.values(outputs).map(({ dims }) => dims));
    return this.info.outputs.flatMap((output) => {
      const value = outputs[output.name];
      return value === undefined ? [] : [outputNumbers(output.name, value)];
    });
  }

  /** Sizes that the model leaves open may change from one picture to the next. */
  #headFor(outputs: readonly OutputTensor[]): Head {
    const shapes = shapesText(outputs);
    if (this.#head?.shapes !== shapes) {
      this.#head = { shapes, read: createHead(this.#config, this.info.input, outputs) };
    }
    return this.#head.read;
  }
}
