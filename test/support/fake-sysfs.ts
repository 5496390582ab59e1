import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { type AttributeFiles, kernelFiles } from '../../src/hardware/io/drivers/sysfs/index.ts';

/** What the kernel does with a text that is written to an attribute. */
type Store = (text: string, match: RegExpExecArray) => void;

/** An error as a system call gives it. */
export function errno(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/**
 * A folder that stands for /sys. Attributes are its files; where the kernel does more than keep what is written,
 * `onWrite` says what: it makes other files, or refuses.
 */
export class FakeSysfs implements AttributeFiles, Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'sysfs-'));
  readonly roots = { sys: join(this.#folder, 'sys'), dev: join(this.#folder, 'dev') };
  /** Every write, in order: `class/leds/red/brightness=255`. */
  readonly writes: string[] = [];
  readonly #stores: { readonly pattern: RegExp; readonly store: Store }[] = [];
  readonly #failures = new Map<string, string>();
  #isMute = false;

  constructor() {
    mkdirSync(this.roots.sys);
    mkdirSync(this.roots.dev);
  }

  /** Makes attributes in a folder, as the kernel writes them: with a line feed. */
  put(folder: string, attributes: Readonly<Record<string, string | number>>): void {
    for (const [name, value] of Object.entries(attributes)) {
      const path = join(this.roots.sys, folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${value}\n`);
    }
  }

  remove(path: string): void {
    rmSync(join(this.roots.sys, path), { recursive: true });
  }

  text(path: string): string {
    return readFileSync(join(this.roots.sys, path), 'latin1').trim();
  }

  /** Says what happens when attributes whose path matches are written; the newest rule counts. */
  onWrite(pattern: RegExp, store: Store): void {
    this.#stores.unshift({ pattern, store });
  }

  /** Lets an attribute fail from now on; without a code it works again. */
  fail(path: string, code?: string): void {
    if (code === undefined) this.#failures.delete(path);
    else this.#failures.set(path, code);
  }

  /** Leaves calls unanswered from now on, as a bus that hangs. */
  mute(): void {
    this.#isMute = true;
  }

  async read(absolute: string): Promise<string> {
    await this.#check(absolute);
    return kernelFiles.read(absolute);
  }

  async write(absolute: string, text: string): Promise<void> {
    const path = await this.#check(absolute);
    this.writes.push(`${path}=${text.trim()}`);
    readFileSync(absolute); // there is no creating: ENOENT
    for (const { pattern, store } of this.#stores) {
      const match = pattern.exec(path);
      if (match !== null) return store(text.trim(), match);
    }
    await kernelFiles.write(absolute, text);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #check(absolute: string): Promise<string> {
    if (this.#isMute) await new Promise(() => undefined);
    const path = relative(this.roots.sys, absolute);
    const code = this.#failures.get(path);
    if (code !== undefined) throw errno(code);
    return path;
  }
}
