import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';
import { AppError, type ErrorKind } from '../../core/app-error.ts';
import { type Static, Type } from '../../core/schema.ts';

/** RFC 9457 problem details, the body of every answer that is an error. */
export const Problem = Type.Object(
  {
    status: Type.Integer({ description: 'The HTTP status.' }),
    title: Type.String({ description: "The status in HTTP's words." }),
    code: Type.String({ description: 'What went wrong, as `AREA_WHAT`; never changes its meaning.' }),
    detail: Type.String({ description: 'What was seen and what was expected.' }),
  },
  { $id: 'Problem', description: 'An error (RFC 9457).' },
);
export type Problem = Static<typeof Problem>;

const PROBLEM_TYPE = 'application/problem+json';

const STATUS: Readonly<Record<ErrorKind, number>> = {
  invalid: 422,
  'too-large': 413,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  unavailable: 503,
  timeout: 504,
  'not-implemented': 501,
  internal: 500,
};

/** Codes of what Fastify itself refuses before a route sees it, by the status it chose. */
const REQUEST_CODES: Readonly<Record<number, string>> = {
  400: 'REQUEST_MALFORMED',
  413: 'REQUEST_TOO_LARGE',
  414: 'REQUEST_URL_TOO_LONG',
  415: 'REQUEST_MEDIA_TYPE',
};

export function problem(status: number, code: string, detail: string): Problem {
  return { status, title: STATUS_CODES[status] ?? 'Error', code, detail };
}

/** Any thrown value as an answer. What is our own mistake says nothing of its inside. */
export function problemOf(error: unknown): Problem {
  if (error instanceof AppError && error.kind !== 'internal') {
    return problem(STATUS[error.kind], error.code, error.message);
  }
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') {
    const code = REQUEST_CODES[error.statusCode];
    if (code !== undefined) return problem(error.statusCode, code, error.message);
  }
  const code = error instanceof AppError ? error.code : 'INTERNAL_ERROR';
  return problem(500, code, 'The service failed to answer; its log has the cause.');
}

/** The entry of a route's `response` for an error status. */
export const ProblemResponse = Type.Unsafe<Problem>({
  description: 'The request failed.',
  content: { [PROBLEM_TYPE]: { schema: { $ref: 'Problem#' } } },
});

/** The entries of a route's `response` for the error statuses it can answer. */
export function problems<Status extends number>(...statuses: readonly Status[]) {
  const entries = statuses.map((status) => [
    status,
    { ...ProblemResponse, description: STATUS_CODES[status] },
  ]);
  return Object.fromEntries(entries) as Record<Status, typeof ProblemResponse>; // one entry for each status
}

/** Answers with a problem. */
export function sendProblem(reply: FastifyReply, answer: Problem): void {
  void reply.code(answer.status).type(PROBLEM_TYPE).send(answer);
}
