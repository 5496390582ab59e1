import { type TSchema, Type } from '../../../core/schema.ts';
import { CIRCUIT_NAME_PATTERN } from '../circuit.ts';

/** The circuits of one type that a driver offers: circuit name → where it is. */
export function circuits<T extends TSchema>(schema: T, description: string) {
  return Type.Record(Type.String({ pattern: `^${CIRCUIT_NAME_PATTERN}$` }), schema, {
    additionalProperties: false,
    default: {},
    title: 'a circuit name of letters, digits and ._-',
    description,
  });
}
