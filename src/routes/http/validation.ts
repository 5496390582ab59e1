import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from '../../core/schema.ts';
import { requestInvalid } from './errors.ts';

function described(part: string, { instancePath, keyword, message, params }: ErrorObject): string {
  const where = `${part}${instancePath.replaceAll('/', '.')}`;
  if (keyword === 'additionalProperties')
    return `${where} has the unknown key ${String(params['additionalProperty'])}`;
  if (keyword === 'enum') return `${where} must be one of ${String(params['allowedValues'])}`;
  return `${where} ${message}`;
}

/**
 * Validators for a Fastify instance. Bodies are taken as they are: nothing converted, nothing dropped. Parameters,
 * query and headers arrive as text and are converted. A validator is compiled when its first request comes.
 *
 * A refusal is an AppError REQUEST_INVALID.
 */
export function createValidatorCompiler(): FastifySchemaCompiler<TSchema> {
  const strict = new Ajv({ allErrors: true, useDefaults: true });
  const converting = new Ajv({ allErrors: true, useDefaults: true, coerceTypes: true });
  return ({ schema, httpPart = 'body' }) => {
    let validate: ValidateFunction | undefined;
    return (data: unknown) => {
      validate ??= (httpPart === 'body' ? strict : converting).compile(schema);
      if (validate(data)) return { value: data };
      const detail = (validate.errors ?? []).map((error) => described(httpPart, error)).join('; ');
      return { error: requestInvalid(`${detail}.`) };
    };
  };
}
