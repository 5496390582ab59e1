import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppError } from '../../../../core/app-error.ts';
import { ioBusy, ioDenied, ioFailed, ioGone, ioNotPresent, ioUnsupported } from '../../errors.ts';
import type { AttributeFiles } from './attribute-files.ts';

/** What is said of a piece of hardware when one of its attributes fails. */
export interface AttributeOwner {
  /** Where it is, as a person would look it up. */
  readonly where: string;
  /** What gives the service's user the right to use it. */
  readonly advice: string;
  readonly files: AttributeFiles;
}

/** Longest part of an attribute's text that a message shows. */
const SHOWN = 60;

/** The errno of a failed system call, by name. */
export function errnoName(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The attributes of one folder of sysfs. Every method throws AppErrors of src/hardware/io/errors.ts. */
export class Attributes {
  readonly folder: string;
  readonly #owner: AttributeOwner;

  constructor(folder: string, owner: AttributeOwner) {
    this.folder = folder;
    this.#owner = owner;
  }

  /** Names of what is in the folder. @throws AppError IO_NOT_PRESENT when there is no such folder. */
  async names(): Promise<string[]> {
    try {
      return await readdir(this.folder);
    } catch (error) {
      if (errnoName(error) !== 'ENOENT') throw this.#failure('read', '', error);
      throw ioNotPresent(this.#owner.where, `there is no ${this.folder}`, error);
    }
  }

  /** The text of an attribute, without blanks around it. */
  async text(name: string): Promise<string> {
    try {
      return (await this.#owner.files.read(join(this.folder, name))).trim();
    } catch (error) {
      throw this.#failure('read', name, error);
    }
  }

  /** A whole number. */
  async integer(name: string): Promise<number> {
    const text = await this.text(name);
    if (/^[+-]?\d{1,15}$/.test(text)) return Number(text);
    throw this.malformed(name, text, 'a whole number');
  }

  /** A decimal number. */
  async decimal(name: string): Promise<number> {
    const text = await this.text(name);
    const value = parseDecimal(text);
    if (value === undefined) throw this.malformed(name, text, 'a number');
    return value;
  }

  async write(name: string, value: string | number): Promise<void> {
    try {
      await this.#owner.files.write(join(this.folder, name), `${value}\n`);
    } catch (error) {
      throw this.#failure('write', name, error, String(value));
    }
  }

  malformed(name: string, text: string, expected: string): AppError {
    const shown = JSON.stringify(text.slice(0, SHOWN));
    return ioFailed(this.#owner.where, `${name} holds ${shown}; expected ${expected}`);
  }

  #failure(doing: 'read' | 'write', name: string, error: unknown, value = ''): AppError {
    const { where, advice } = this.#owner;
    const errno = errnoName(error);
    switch (errno) {
      case 'ENOENT':
      case 'ENODEV':
        return ioGone(where, error);
      case 'EACCES':
      case 'EPERM':
        return ioDenied(
          where,
          `${join(this.folder, name)} may not be ${doing === 'read' ? 'read' : 'written'}; ${advice}`,
          error,
        );
      case 'EBUSY':
        return ioBusy(where, undefined, error);
      case 'EINVAL':
      case 'ERANGE':
      case 'EOPNOTSUPP':
        if (doing === 'write') return ioUnsupported(where, `take ${value} as ${name} (${errno})`, error);
    }
    const reason = errno ?? (error instanceof Error ? error.message : String(error));
    return ioFailed(where, `${name} could not be ${doing === 'read' ? 'read' : 'written'}: ${reason}`, error);
  }
}

/** A number as the kernel prints it; undefined when the text is none. */
export function parseDecimal(text: string): number | undefined {
  return /^[+-]?\d{1,30}(?:\.\d{1,30})?$/.test(text) ? Number(text) : undefined;
}
