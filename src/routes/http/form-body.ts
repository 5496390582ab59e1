import type { FastifyInstance } from 'fastify';
import { requestInvalid } from './errors.ts';

/** Media types of the bodies that routes with forms take, for their `consumes`. */
export const JSON_OR_FORM = ['application/json', 'application/x-www-form-urlencoded'];

/** Has an instance read bodies that HTML forms and Python's requests send: an object of texts. */
export function readForms(app: FastifyInstance, parse: (body: string) => object = parseForm): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    async (_request: unknown, body: string) => parse(body),
  );
}

/** @throws AppError REQUEST_INVALID when a field is there twice: only one can be meant. */
export function parseForm(body: string): Readonly<Record<string, string>> {
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(body)) {
    if (fields.has(name)) throw requestInvalid(`The form has the field ${name.slice(0, 80)} twice.`);
    fields.set(name, value);
  }
  return Object.fromEntries(fields);
}

/** Fields that are there several times are lists, as Python's requests sends lists. */
export function parseFormWithLists(body: string): Readonly<Record<string, string | string[]>> {
  const fields = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(body)) {
    const values = fields.get(name);
    if (values === undefined) fields.set(name, [value]);
    else values.push(value);
  }
  const single = ([first = '', ...others]: string[]) => (others.length === 0 ? first : [first, ...others]);
  return Object.fromEntries([...fields].map(([name, values]) => [name, single(values)]));
}
