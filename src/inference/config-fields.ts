import { modelConfigInvalid } from './errors.ts';

type Json = Readonly<Record<string, unknown>>;

/** What is allowed for a number. */
export interface NumberRule {
  readonly min?: number;
  readonly max?: number;
  readonly isInteger?: boolean;
  /** As a person would say it. */
  readonly expected: string;
}

/** One object of a client's configuration. Null counts as absent, and numbers may be strings, as Robopipe takes them. */
export class ConfigFields {
  readonly #json: Json;
  /** Path of the object with a dot at its end; empty for the outermost. */
  readonly #path: string;

  /** @throws AppError NN_CONFIG_INVALID when the value is no object. Absent and null are an empty one. */
  constructor(json: unknown, path: string) {
    if (json !== undefined && json !== null && !isObject(json)) {
      throw modelConfigInvalid(path || 'The configuration', json, 'an object');
    }
    this.#json = json ?? {};
    this.#path = path && `${path}.`;
  }

  get(key: string): unknown {
    return (Object.hasOwn(this.#json, key) ? this.#json[key] : undefined) ?? undefined;
  }

  fields(key: string): ConfigFields {
    return new ConfigFields(this.get(key), `${this.#path}${key}`);
  }

  keys(): string[] {
    return Object.keys(this.#json);
  }

  /** @throws AppError NN_CONFIG_INVALID when there is another key. */
  only(known: readonly string[]): this {
    for (const key of this.keys()) {
      if (!known.includes(key)) throw this.wrong(key, `one of ${known.join(', ')} as the field`);
    }
    return this;
  }

  number(key: string, rule: NumberRule): number | undefined {
    const value = this.get(key);
    return value === undefined ? undefined : this.#checked(key, value, rule);
  }

  numbers(key: string, rule: NumberRule, most: number): number[] | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || value.length > most) {
      throw this.wrong(key, `a list of at most ${most} numbers`);
    }
    return value.map((each, place) => this.#checked(`${key}[${place}]`, each, rule));
  }

  text(key: string, most: number): string | undefined {
    const value = this.get(key);
    if (value !== undefined && (typeof value !== 'string' || value === '' || value.length > most)) {
      throw this.wrong(key, `a text of 1 to ${most} characters`);
    }
    return value;
  }

  oneOf<Value extends string>(key: string, values: readonly Value[]): Value | undefined {
    const value = this.get(key);
    const found = values.find((each) => each === value);
    if (value !== undefined && found === undefined) throw this.wrong(key, `one of ${values.join(', ')}`);
    return found;
  }

  wrong(key: string, expected: string): Error {
    return modelConfigInvalid(`${this.#path}${key}`, this.get(key), expected);
  }

  #checked(key: string, value: unknown, { min, max, isInteger, expected }: NumberRule): number {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    const isFit =
      typeof number === 'number' &&
      Number.isFinite(number) &&
      (isInteger !== true || Number.isInteger(number)) &&
      (min === undefined || number >= min) &&
      (max === undefined || number <= max);
    if (!isFit) throw modelConfigInvalid(`${this.#path}${key}`, value, expected);
    return number;
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
