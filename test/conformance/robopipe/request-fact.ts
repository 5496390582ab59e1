import { Ajv } from 'ajv';
import type { TSchema } from '../../../src/core/schema.ts';
import { type Fact, shown, skipped, verdict } from './fact.ts';
import { type Answer, field, type Session } from './session.ts';

/** One request and what its answer has to be. */
export interface RequestFact {
  readonly id: string;
  readonly what: string;
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'OPTIONS';
  /** See Session.filled. */
  readonly path: string;
  /** May have names of streams as the path has. */
  readonly json?: unknown;
  /** The body of an HTML form. */
  readonly form?: string;
  readonly multipart?: Readonly<Record<string, string | Blob>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number | readonly number[];
  /** How the media type begins. */
  readonly type?: string;
  readonly shape?: TSchema;
  /** What else is looked at. */
  readonly holds?: (answer: Answer, session: Session) => boolean;
  /** The above in words; the status comes before it. */
  readonly expected: string;
  /** What the original does where this is better. */
  readonly original?: string;
  /** Skipped where the service does not have the route. */
  readonly isOptional?: boolean;
}

const ajv = new Ajv({ strict: false });

/** Whether a body is of this shape. */
export const hasShape = (shape: TSchema, value: unknown): boolean => ajv.validate(shape, value);

/** A fact about one request. */
export function requestFact(fact: RequestFact): Fact {
  const { id, what, status, original } = fact;
  const statuses = [status].flat();
  const note = original === undefined ? '' : ` (original: ${original})`;
  return {
    id,
    what,
    expected: `${statuses.join(' or ')} ${fact.expected}${note}`,
    check: async (session) => {
      if (fact.path.includes('{other}') && session.streams.length < 2)
        return skipped('the camera has one stream');
      const answer = await session.request(fact.path, requestInit(fact, session));
      if (fact.isOptional && isNotOffered(answer)) return skipped('not offered here');
      const wrong = [
        statuses.includes(answer.status) ? '' : 'status',
        mediaType(answer).startsWith(fact.type ?? '') ? '' : 'media type',
        fact.shape === undefined || hasShape(fact.shape, answer.json)
          ? ''
          : ajv.errorsText(ajv.errors, { dataVar: 'body' }),
        fact.holds?.(answer, session) === false ? 'content' : '',
      ].filter((each) => each !== '');
      const seen = `${answer.status} ${mediaType(answer)} ${shown(bodyOf(answer))}`;
      return verdict(wrong.length === 0, wrong.length === 0 ? seen : `${seen} [${wrong.join('; ')}]`);
    },
  };
}

/** Facts that have much in common; what a fact says itself comes first. */
export function requestFacts(
  common: Partial<RequestFact> & Pick<RequestFact, 'status' | 'expected'>,
  facts: readonly (Partial<RequestFact> & Pick<RequestFact, 'id' | 'what' | 'path'>)[],
): Fact[] {
  return facts.map((fact) => requestFact({ ...common, ...fact }));
}

/** Whether a route is absent; Robopipe's own server says it in these words. */
export function isNotOffered({ status, json }: Answer): boolean {
  const codes: readonly unknown[] = ['ROUTE_NOT_FOUND', 'METHOD_NOT_ALLOWED'];
  const words: readonly unknown[] = ['Not Found', 'Method Not Allowed'];
  if (status !== 404 && status !== 405) return false;
  return codes.includes(field(json, 'code')) || words.includes(field(json, 'detail'));
}

/** A multipart body, or any other that a fact has. */
function requestInit(
  { method = 'GET', json, form, multipart, headers }: RequestFact,
  session: Session,
): RequestInit {
  if (multipart !== undefined) {
    const body = new FormData();
    for (const [name, value] of Object.entries(multipart)) body.append(name, value);
    return { method, body, ...(headers && { headers }) };
  }
  const body = form ?? (json === undefined ? undefined : session.filled(JSON.stringify(json)));
  if (body === undefined) return { method, ...(headers && { headers }) };
  const type = form === undefined ? 'application/json' : 'application/x-www-form-urlencoded';
  return { method, body, headers: { 'content-type': type, ...headers } };
}

const mediaType = ({ headers }: Answer): string => headers.get('content-type')?.split(';', 1)[0] ?? '';

function bodyOf(answer: Answer): string {
  const isText = /json|text/.test(mediaType(answer));
  return isText ? answer.text : `${answer.bytes.length} bytes`;
}
