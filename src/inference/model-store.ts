import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError } from '../core/app-error.ts';
import type { Log } from '../core/log.ts';
import { makeFolder } from '../core/make-folder.ts';
import type { StateFolder } from '../core/state-folder.ts';
import { isObject } from './config-fields.ts';
import { modelInvalid, modelTooLarge, modelUnwritable, tooManyUploads } from './errors.ts';
import type { ModelConfig } from './model-config.ts';
import { parseModelConfig } from './parse-model-config.ts';

/** A model and how it is to be run. */
export interface StoredModel {
  /** Path of the file. */
  readonly file: string;
  readonly config: ModelConfig;
}

/** A model that has arrived and is not kept yet. Whoever received it disposes it, kept or not. */
export interface ModelUpload extends AsyncDisposable {
  readonly file: string;
}

/** Most uploads at once: each may take the space of the largest model. */
const MAX_UPLOADS = 4;
const DOCUMENT = 'models';
const FILE_NAME = /^[0-9a-f-]{36}\.onnx$/;

/**
 * Keeps the model of each sensor over restarts and power loss: files in a folder, and a document of the state that
 * names them. What the document does not name is a leftover, and is removed at the start.
 */
export class ModelStore {
  readonly #folder: string;
  readonly #state: StateFolder;
  readonly #maxBytes: number;
  readonly #models = new Map<string, StoredModel>();
  #uploads = 0;
  /** The last change of what is kept; one follows the other, because the document names the models of all sensors. */
  #change: Promise<unknown> = Promise.resolve();

  private constructor(folder: string, state: StateFolder, maxBytes: number) {
    this.#folder = folder;
    this.#state = state;
    this.#maxBytes = maxBytes;
  }

  /**
   * Looks at what is there. A model whose file is gone or whose configuration is not valid is left out, with a word in
   * the log.
   * @param folder created when the first model arrives.
   * @throws AppError STATE_UNREADABLE
   */
  static async open(
    folder: string,
    { state, maxBytes, log }: { readonly state: StateFolder; readonly maxBytes: number; readonly log: Log },
  ): Promise<ModelStore> {
    const store = new ModelStore(folder, state, maxBytes);
    const [document, files] = await Promise.all([state.read(DOCUMENT), listed(folder)]);
    for (const [sensor, entry] of Object.entries(isObject(document) ? document : {})) {
      const { file, config } = isObject(entry) ? entry : {};
      try {
        if (typeof file !== 'string' || !FILE_NAME.test(file) || !files.includes(file)) {
          throw modelInvalid('its file is gone');
        }
        store.#models.set(sensor, { file: join(folder, file), config: parseModelConfig(config) });
      } catch (error) {
        log.error({ sensor, err: error }, `the model of ${sensor} is lost; deploy it again`);
      }
    }
    const kept = [...store.#models.values()].map(({ file }) => file);
    const leftovers = files.map((file) => join(folder, file)).filter((file) => !kept.includes(file));
    await Promise.all(leftovers.map(removeLeftover));
    return store;
  }

  /** What is kept, by sensor. */
  get models(): ReadonlyMap<string, StoredModel> {
    return this.#models;
  }

  /** @throws AppError NN_MODEL_TOO_LARGE */
  assertSize(bytes: number): void {
    if (bytes > this.#maxBytes) throw modelTooLarge(this.#maxBytes);
  }

  /**
   * Writes a model to the disk as it arrives.
   * @throws AppError NN_MODEL_TOO_LARGE, NN_OVERLOADED, STATE_UNWRITABLE, and what the source throws.
   */
  async receive(source: AsyncIterable<Uint8Array>): Promise<ModelUpload> {
    if (this.#uploads >= MAX_UPLOADS) throw tooManyUploads(MAX_UPLOADS);
    this.#uploads += 1;
    const file = join(this.#folder, `${randomUUID()}.part`);
    let isDisposed = false;
    const dispose = async (): Promise<void> => {
      if (isDisposed) return;
      isDisposed = true;
      this.#uploads -= 1;
      await removeLeftover(file); // one that is kept has another name
    };
    try {
      await this.#write(file, source);
      return { file, [Symbol.asyncDispose]: dispose };
    } catch (error) {
      await dispose();
      throw error;
    }
  }

  /**
   * Makes an upload the sensor's model, in place of the one before.
   * @returns once it outlasts a power loss.
   * @throws AppError STATE_UNWRITABLE; the old model is still kept then.
   */
  keep(sensor: string, upload: ModelUpload, config: ModelConfig): Promise<StoredModel> {
    return this.#inTurn(async () => {
      const model = { file: upload.file.replace(/\.part$/, '.onnx'), config };
      try {
        await this.#attempt(async () => {
          await rename(upload.file, model.file);
          await syncFolder(this.#folder);
        });
        await this.#save(new Map(this.#models).set(sensor, model));
      } catch (error) {
        await removeLeftover(model.file);
        throw error;
      }
      const before = this.#models.get(sensor);
      this.#models.set(sensor, model);
      if (before !== undefined) await removeLeftover(before.file);
      return model;
    });
  }

  /** Removes the sensor's model; harmless when there is none. @throws AppError STATE_UNWRITABLE; it is kept then. */
  forget(sensor: string): Promise<void> {
    return this.#inTurn(async () => {
      const model = this.#models.get(sensor);
      if (model === undefined) return;
      await this.#save(new Map([...this.#models].filter(([name]) => name !== sensor)));
      this.#models.delete(sensor);
      await removeLeftover(model.file);
    });
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#change.then(change);
    this.#change = result.catch(() => undefined); // whoever wants the change is told
    return result;
  }

  async #write(file: string, source: AsyncIterable<Uint8Array>): Promise<void> {
    const handle = await this.#attempt(async () => {
      await makeFolder(this.#folder);
      return open(file, 'wx', 0o600);
    });
    try {
      let bytes = 0;
      for await (const chunk of source) {
        bytes += chunk.byteLength;
        this.assertSize(bytes);
        await this.#attempt(() => writeAll(handle, chunk));
      }
      await this.#attempt(() => handle.sync());
    } finally {
      await handle.close();
    }
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof AppError ? error : modelUnwritable(this.#folder, error);
    }
  }

  #save(models: ReadonlyMap<string, StoredModel>): Promise<void> {
    const entries = [...models].map(([sensor, { file, config }]) => [
      sensor,
      { file: basename(file), config: config.original },
    ]);
    return this.#state.write(DOCUMENT, Object.fromEntries(entries));
  }
}

/** Names of the files in a folder; none when it is not there. */
async function listed(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []); // a first upload makes it
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

/** Removes a file that nobody needs. One that cannot be removed is tried again at the next start. */
async function removeLeftover(file: string): Promise<void> {
  await rm(file, { force: true }).catch(() => undefined);
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.byteLength; ) {
    written += (await handle.write(bytes, written)).bytesWritten;
  }
}

/** Makes what was renamed in a folder outlast a power loss. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
