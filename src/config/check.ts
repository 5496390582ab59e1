import type { TSchema } from '../core/schema.ts';
import { withoutPassword } from '../core/url-password.ts';
import { nearest } from './nearest.ts';

/** One thing that is wrong with a configuration. */
export interface Problem {
  readonly path: readonly string[];
  /** Whether the key itself is wrong, not its value. */
  readonly isKey: boolean;
  /** What was seen and what is allowed, without the path. */
  readonly message: string;
}

/** The part of JSON Schema that the configuration's schema is written in. */
interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly title?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minProperties?: number;
  readonly items?: Schema;
  readonly maxItems?: number;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}
type Mapping = Readonly<Record<string, unknown>>;

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listed = (values: readonly unknown[]): string => values.map(String).join(', ');

/** A value as a message shows it: one line, bounded, without a URL's password. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (isMapping(value)) return 'a mapping';
  const text = withoutPassword(String(value).replace(/\s+/g, ' '));
  const bounded = text.length > 80 ? `${text.slice(0, 77)}…` : text;
  return typeof value === 'string' ? JSON.stringify(bounded) : bounded;
}

const range = (low: number | undefined, high: number | undefined): string => {
  if (low !== undefined && high !== undefined) return ` from ${low} to ${high}`;
  if (low !== undefined) return ` of at least ${low}`;
  return high === undefined ? '' : ` of at most ${high}`;
};

/** What a schema allows, in words. */
export function allowed(schema: Schema): string {
  if (schema.enum !== undefined) return `one of ${listed(schema.enum)}`;
  switch (schema.type) {
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `a whole number${range(schema.minimum, schema.maximum)}`;
    case 'number':
      return `a number${range(schema.minimum, schema.maximum)}`;
    case 'string':
      return schema.title ?? `text${range(schema.minLength, schema.maxLength)} characters`;
    case 'array':
      return schema.maxItems === undefined ? 'a list' : `a list of at most ${schema.maxItems}`;
    default:
      return 'a mapping of keys to values';
  }
}

function isAllowed(schema: Schema, value: unknown): boolean {
  if (schema.enum !== undefined) return schema.enum.includes(value);
  if (schema.const !== undefined) return schema.const === value;
  switch (schema.type) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
    case 'number': {
      if (typeof value !== 'number' || !Number.isFinite(value)) return false;
      if (schema.type === 'integer' && !Number.isInteger(value)) return false;
      return value >= (schema.minimum ?? value) && value <= (schema.maximum ?? value);
    }
    case 'string': {
      if (typeof value !== 'string') return false;
      const length = [...value].length;
      if (length < (schema.minLength ?? 0) || length > (schema.maxLength ?? length)) return false;
      return schema.pattern === undefined || new RegExp(schema.pattern, 'u').test(value);
    }
    case 'array':
      return Array.isArray(value) && value.length <= (schema.maxItems ?? value.length);
    default:
      return isMapping(value) && Object.keys(value).length >= (schema.minProperties ?? 0);
  }
}

class Check {
  readonly problems: Problem[] = [];

  value(schema: Schema, value: unknown, path: readonly string[]): unknown {
    if (schema.anyOf !== undefined) return this.#variant(schema.anyOf, value, path);
    if (!isAllowed(schema, value)) {
      const meant = typeof value === 'string' && schema.enum && nearest(value, schema.enum.map(String));
      return this.#report(
        path,
        `saw ${shown(value)}, expected ${allowed(schema)}${meant ? ` (did you mean ${meant}?)` : ''}`,
      );
    }
    if (Array.isArray(value)) {
      const { items } = schema;
      return items === undefined
        ? value
        : value.map((item, index) => this.value(items, item, [...path, String(index)]));
    }
    return isMapping(value) ? this.#mapping(schema, value, path) : value;
  }

  #mapping(schema: Schema, value: Mapping, path: readonly string[]): Mapping {
    const resolved: [string, unknown][] = [];
    const { properties = {} } = schema;
    const patterns = Object.entries(schema.patternProperties ?? {});
    for (const [key, item] of Object.entries(value)) {
      const isNamed = Object.hasOwn(properties, key);
      // A known key without a value (`capture:`) reads as left out.
      if (isNamed && item === null) continue;
      const property = isNamed
        ? properties[key]
        : patterns.find(([pattern]) => new RegExp(pattern, 'u').test(key))?.[1];
      if (property === undefined) this.#unknownKey(schema, key, path);
      else resolved.push([key, this.value(property, item, [...path, key])]);
    }
    const seen = new Set(resolved.map(([key]) => key));
    for (const [key, property] of Object.entries(properties)) {
      if (seen.has(key)) continue;
      const isRequired = schema.required?.includes(key) ?? false;
      if (property.default !== undefined) resolved.push([key, structuredClone(property.default)]);
      else if (isRequired && property.properties)
        resolved.push([key, this.value(property, {}, [...path, key])]);
      else if (isRequired) this.#report([...path, key], `is missing, expected ${allowed(property)}`);
    }
    return Object.fromEntries(resolved);
  }

  /** Alternatives tell themselves apart by their `kind`, so that the problems named are those of the one meant. */
  #variant(variants: readonly Schema[], value: unknown, path: readonly string[]): unknown {
    const kinds = variants.map((variant) => variant.properties?.['kind']?.const);
    if (!isMapping(value))
      return this.#report(path, `saw ${shown(value)}, expected a mapping with the key kind`);
    const variant = variants[kinds.indexOf(value['kind'])];
    if (variant !== undefined) return this.value(variant, value, path);
    return this.#report([...path, 'kind'], `saw ${shown(value['kind'])}, expected one of ${listed(kinds)}`);
  }

  #unknownKey(schema: Schema, key: string, path: readonly string[]): void {
    const keys = Object.keys(schema.properties ?? {});
    const meant = nearest(key, keys);
    const advice =
      meant === undefined
        ? `allowed: ${keys.length > 0 ? listed(keys) : schema.title}`
        : `did you mean ${meant}?`;
    this.problems.push({ path: [...path, key], isKey: true, message: `unknown key; ${advice}` });
  }

  #report(path: readonly string[], message: string): undefined {
    this.problems.push({ path, isKey: false, message });
    return undefined;
  }
}

/**
 * Compares a value with a schema, strictly: no unknown keys, no conversion. Defaults are filled in.
 * @returns every problem; when there is none, `value` has the schema's type.
 */
export function check(schema: TSchema, value: unknown): { value: unknown; problems: readonly Problem[] } {
  const run = new Check();
  const resolved = run.value(schema as Schema, value, []); // schemas are built from the keywords above only
  return { value: resolved, problems: run.problems };
}
