import { Ajv } from 'ajv';
import type { Static, TSchema } from '../../src/core/schema.ts';

/** A part of a configuration as the service has it: checked, with its defaults. */
export function configured<T extends TSchema>(schema: T, value: unknown): Static<T> {
  const complete = structuredClone(value);
  const ajv = new Ajv({ useDefaults: true, strict: false });
  if (ajv.validate(schema, complete)) return complete as Static<T>; // validated just now
  throw new Error(ajv.errorsText());
}
