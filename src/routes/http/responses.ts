import { type Static, type TSchema, Type } from '../../core/schema.ts';

/** A schema by its name, for responses: one component of the OpenAPI document however many routes use it. */
export function reference<T extends TSchema & { readonly $id?: string }>(schema: T) {
  return Type.Unsafe<Static<T>>({ $ref: `${schema.$id}#` });
}

/** A response that is plain text. */
export function text(description: string) {
  return Type.Unsafe<string>({ description, content: { 'text/plain': { schema: { type: 'string' } } } });
}

/** The schema of a body that is JSON's null. */
export function jsonNull(description: string) {
  // Its text, because Fastify takes null for no body at all.
  return Type.Unsafe<string>({ type: 'null', description });
}

/** JSON's null as the text to send, with the media type set by the route. */
export const JSON_NULL = 'null';
