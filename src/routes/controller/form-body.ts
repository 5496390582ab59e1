import type { FastifyInstance } from 'fastify';
import { requestInvalid } from '../http/index.ts';

/** Has an instance read bodies that HTML forms and Python's requests send: an object of texts. */
export function readForms(app: FastifyInstance): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    async (_request: unknown, body: string) => parseForm(body),
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
