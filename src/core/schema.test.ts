import { Type as TypeBox } from 'typebox';
import { expect, test } from 'vitest';
import { Type } from './schema.ts';

const build = (builders: typeof Type): unknown =>
  builders.Object(
    {
      name: builders.String({ minLength: 1 }),
      count: builders.Optional(builders.Integer({ minimum: 0, default: 3 })),
      ratio: builders.Number({ description: 'A part of the whole.' }),
      isOn: builders.Boolean(),
      level: builders.Enum(['low', 'high']),
      shape: builders.Union([builders.Literal('round'), builders.Literal('flat')]),
      list: builders.Array(builders.String(), { maxItems: 3 }),
      byName: builders.Record(builders.String({ pattern: '^[a-z]+$' }), builders.Number()),
      other: builders.Optional(builders.Unsafe<{ x: 1 }>({ $ref: 'Other#' })),
    },
    { $id: 'Thing', additionalProperties: false },
  );

test('builds the JSON Schema that TypeBox builds', () => {
  const json = (schema: unknown): unknown => JSON.parse(JSON.stringify(schema));
  expect(json(build(Type))).toEqual(json(build(TypeBox)));
});

test('an object without required properties has no list of them', () => {
  expect(Type.Object({ a: Type.Optional(Type.String()) })).not.toHaveProperty('required');
});
