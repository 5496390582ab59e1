import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from './app-error.ts';
import { makeFolder } from './make-folder.ts';

/**
 * Keeps small JSON documents over restarts and power loss. What `write` has acknowledged is on the disk; a document is
 * always either the old one or the new one, never a part.
 */
export class StateFolder {
  readonly #path: string;
  readonly #writing = new Map<string, Promise<void>>();

  /** @param path created when the first document is written. */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * @param name of the document, a file name without extension.
   * @returns undefined when there is none.
   * @throws AppError STATE_UNREADABLE when it is there and cannot be read or is no JSON.
   */
  async read(name: string): Promise<unknown> {
    const file = this.#file(name);
    try {
      return JSON.parse(await readFile(file, 'utf8'));
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined;
      throw new AppError(
        'STATE_UNREADABLE',
        'unavailable',
        `${file} cannot be read: ${messageOf(error)}; remove it to start without what it remembers.`,
        { cause: error },
      );
    }
  }

  /**
   * Replaces a document; writes of one document follow each other.
   * @returns once it is on the disk.
   * @throws AppError STATE_UNWRITABLE; the old document is still there then.
   */
  write(name: string, value: unknown): Promise<void> {
    const before = this.#writing.get(name) ?? Promise.resolve();
    const written = before
      .catch(() => undefined)
      .then(() => this.#replace(this.#file(name), JSON.stringify(value)));
    this.#writing.set(name, written);
    const forget = (): void => {
      if (this.#writing.get(name) === written) this.#writing.delete(name);
    };
    written.then(forget, forget);
    return written;
  }

  #file(name: string): string {
    return join(this.#path, `${name}.json`);
  }

  async #replace(file: string, text: string): Promise<void> {
    const temporary = `${file}.new`;
    try {
      await makeFolder(this.#path);
      await writeDurably(temporary, text);
      await rename(temporary, file);
      const folder = await open(this.#path, 'r');
      await folder.sync().finally(() => folder.close()); // the rename itself
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw new AppError(
        'STATE_UNWRITABLE',
        'unavailable',
        `${file} cannot be written: ${messageOf(error)}; see \`state.folder\` in the configuration.`,
        { cause: error },
      );
    }
  }
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
