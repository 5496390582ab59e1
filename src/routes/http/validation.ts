import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from '../../core/schema.ts';
import { requestInvalid } from './errors.ts';

const MAX_SHOWN_CHARACTERS = 80;

/** What is wrong with a part of the request: its name, what is allowed, and what was seen. */
function described(part: string, { instancePath, keyword, message, params, data }: ErrorObject): string {
  const where = `${part}${instancePath.replaceAll('/', '.')}`;
  if (keyword === 'additionalProperties')
    return `${where} has the unknown key ${String(params['additionalProperty'])}`;
  if (keyword === 'required') return `${where} ${message}`;
  const allowed = keyword === 'enum' ? `must be one of ${params['allowedValues'].join(', ')}` : message;
  const seen = JSON.stringify(data);
  const shown = seen.length > MAX_SHOWN_CHARACTERS ? `${seen.slice(0, MAX_SHOWN_CHARACTERS)}…` : seen;
  return `${where} ${allowed}, saw ${shown}`;
}

/**
 * Validators for a Fastify instance. Bodies are taken as they are: nothing converted, nothing dropped. Parameters,
 * query and headers arrive as text and are converted. A validator is compiled when its first request comes.
 *
 * A refusal is an AppError REQUEST_INVALID.
 */
export function createValidatorCompiler(): FastifySchemaCompiler<TSchema> {
  const strict = new Ajv({ allErrors: true, useDefaults: true, verbose: true });
  const converting = new Ajv({ allErrors: true, useDefaults: true, verbose: true, coerceTypes: true });
  return ({ schema, httpPart = 'body' }) => {
    let validate: ValidateFunction | undefined;
    return (data: unknown) => {
      validate ??= (httpPart === 'body' ? strict : converting).compile(schema);
      if (validate(data)) return { value: data };
      const part = httpPart === 'querystring' ? 'query' : httpPart;
      const detail = (validate.errors ?? []).map((error) => described(part, error)).join('; ');
      return { error: requestInvalid(`${detail}.`) };
    };
  };
}
