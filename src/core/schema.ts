import type * as TypeBox from 'typebox';

export type { Static, TSchema } from 'typebox';

/** A value that nobody may change, all the way down: what `Static` makes is not. */
export type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

type Builders = Pick<
  typeof TypeBox.Type,
  | 'Object'
  | 'Record'
  | 'Array'
  | 'Enum'
  | 'Literal'
  | 'Union'
  | 'String'
  | 'Integer'
  | 'Number'
  | 'Boolean'
  | 'Optional'
  | 'Unsafe'
>;
type Schema = Readonly<globalThis.Record<string, unknown>>;

const OPTIONAL = Symbol('optional');
const isRequired = (schema: Schema): boolean => !(OPTIONAL in schema);
const plain = (type: string) => (options?: Schema) => ({ type, ...options });

const builders = {
  Object: (properties: globalThis.Record<string, Schema>, options?: Schema) => {
    const required = Object.entries(properties).flatMap(([key, schema]) => (isRequired(schema) ? [key] : []));
    return { type: 'object', ...(required.length > 0 && { required }), properties, ...options };
  },
  Record: (key: Schema, value: Schema, options?: Schema) => ({
    type: 'object',
    patternProperties: { [String(key['pattern'] ?? '^.*$')]: value },
    ...options,
  }),
  Array: (items: Schema, options?: Schema) => ({ type: 'array', items, ...options }),
  Enum: (values: readonly unknown[], options?: Schema) => ({ enum: [...values], ...options }),
  Literal: (value: unknown, options?: Schema) => ({ type: typeof value, const: value, ...options }),
  Union: (anyOf: readonly Schema[], options?: Schema) => ({ anyOf, ...options }),
  String: plain('string'),
  Integer: plain('integer'),
  Number: plain('number'),
  Boolean: plain('boolean'),
  Optional: (schema: Schema) => ({ ...schema, [OPTIONAL]: true }),
  Unsafe: (schema: Schema) => schema,
};

/**
 * TypeBox's builders of JSON Schema, the dozen the service uses. The types are TypeBox's own, so `Static` and
 * Fastify's type provider work as documented; loading TypeBox itself at run time costs 170 ms and 15 MB for a type
 * engine that nothing here needs.
 */
// The builders return the JSON Schema that TypeBox returns (a test compares them); only its `~kind` marks are absent.
export const Type = builders as unknown as Builders;
