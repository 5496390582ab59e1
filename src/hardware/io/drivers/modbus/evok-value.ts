import type { AppError } from '../../../../core/app-error.ts';
import { ioConfigInvalid } from '../../errors.ts';

/** Where a value stands: the driver it belongs to, and `file:line`. */
export interface EvokPlace {
  readonly driver: string;
  readonly at: string;
}

/** A scalar as YAML 1.1 reads it, and as it is written: `00` is 0 and "00". */
interface EvokScalar {
  readonly value: unknown;
  readonly text: string;
}
export type EvokContent = ReadonlyMap<string, EvokValue> | readonly EvokValue[] | EvokScalar;

export interface Range {
  readonly minimum: number;
  readonly maximum: number;
}

const isMapping = (content: EvokContent): content is ReadonlyMap<string, EvokValue> => content instanceof Map;
const isList = (content: EvokContent): content is readonly EvokValue[] => Array.isArray(content);

/** A value of one of evok's files. What asks it for a type it has not is told file and line, as IO_CONFIG_INVALID. */
export class EvokValue {
  readonly #place: EvokPlace;
  readonly #key: string;
  readonly #content: EvokContent;

  constructor(place: EvokPlace, key: string, content: EvokContent) {
    this.#place = place;
    this.#key = key;
    this.#content = content;
  }

  /** The value of a key; undefined when it is absent or empty. Keys that nobody asks for are ignored, as by evok. */
  get(key: string): EvokValue | undefined {
    const value = this.mapping().get(key);
    return value?.isEmpty ? undefined : value;
  }

  need(key: string): EvokValue {
    const value = this.get(key);
    if (value === undefined) throw this.#invalid(`${this.#key} has no ${key}, which it needs`);
    return value;
  }

  get isEmpty(): boolean {
    const content = this.#content;
    return !isMapping(content) && !isList(content) && content.value === null;
  }

  get isList(): boolean {
    return isList(this.#content);
  }

  /** Empty when the value is. */
  mapping(): ReadonlyMap<string, EvokValue> {
    if (this.isEmpty) return new Map();
    return isMapping(this.#content) ? this.#content : this.#refuse('a mapping of keys to values');
  }

  list(): readonly EvokValue[] {
    return isList(this.#content) ? this.#content : this.#refuse('a list');
  }

  /** Text as it is written, so that names made of digits keep their zeros. */
  text(): string {
    const content = this.#content;
    if (isMapping(content) || isList(content)) return this.#refuse('text');
    return content.text.length <= 200 ? content.text : this.#refuse('text of at most 200 characters');
  }

  /** @param expected what the pattern says, in words. */
  match(pattern: RegExp, expected: string): string {
    const text = this.text();
    return pattern.test(text) ? text : this.#refuse(expected);
  }

  oneOf<T extends string>(choices: readonly T[]): T {
    const text = this.text();
    return choices.find((choice) => choice === text) ?? this.#refuse(`one of ${choices.join(', ')}`);
  }

  integer({ minimum, maximum }: Range): number {
    const value = this.#scalar();
    const isAllowed =
      typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum;
    return isAllowed ? value : this.#refuse(`a whole number from ${minimum} to ${maximum}`);
  }

  number({ minimum, maximum }: Range): number {
    const value = this.#scalar();
    const isAllowed = typeof value === 'number' && value >= minimum && value <= maximum;
    return isAllowed ? value : this.#refuse(`a number from ${minimum} to ${maximum}`);
  }

  flag(): boolean {
    const value = this.#scalar();
    return typeof value === 'boolean' ? value : this.#refuse('true or false');
  }

  /** Says that this value's key is no such name. */
  refuseKey(expected: string): never {
    throw this.#invalid(`${JSON.stringify(this.#key.slice(0, 80))} is no name here; expected ${expected}`);
  }

  /** This value with another laid over it: mappings are joined, all else is replaced. */
  overlaid(over: EvokValue): EvokValue {
    const [below, above] = [this.#content, over.#content];
    if (!isMapping(below) || !isMapping(above)) return over;
    const joined = new Map(below);
    for (const [key, value] of above) joined.set(key, below.get(key)?.overlaid(value) ?? value);
    return new EvokValue(over.#place, over.#key, joined);
  }

  #scalar(): unknown {
    const content = this.#content;
    return isMapping(content) || isList(content) ? undefined : content.value;
  }

  #refuse(expected: string): never {
    const content = this.#content;
    let seen = 'a mapping';
    if (isList(content)) seen = 'a list';
    else if (!isMapping(content)) seen = JSON.stringify(content.text.slice(0, 80));
    throw this.#invalid(`${this.#key} is ${seen}; expected ${expected}`);
  }

  #invalid(what: string): AppError {
    return ioConfigInvalid(this.#place.driver, `${this.#place.at}: ${what}.`);
  }
}
