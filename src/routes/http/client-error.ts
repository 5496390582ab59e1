import { maxHeaderSize, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type Problem, problem } from './problem.ts';

/** How long a request may take to arrive, headers and body: the largest model, through a slow network. */
export const REQUEST_TIMEOUT_MS = 120_000;
/** How long its headers may take of it. */
export const HEADERS_TIMEOUT_MS = 20_000;

/** What is not readable as a request never reaches Fastify's hooks, so the answer is written to the socket itself. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket, allowOrigin?: string): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) {
    const answer = clientProblem(error.code);
    const body = JSON.stringify(answer);
    const lines = [
      `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}`,
      'Content-Type: application/problem+json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'X-Content-Type-Options: nosniff',
      ...(allowOrigin === undefined ? [] : [`Access-Control-Allow-Origin: ${allowOrigin}`]),
      'Connection: close',
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  }
  socket.destroy(error);
}

/** @param code what Node calls the failure. */
function clientProblem(code: string | undefined): Problem {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return problem(
        431,
        'REQUEST_HEADERS_TOO_LARGE',
        `Address and headers have more than the ${maxHeaderSize} bytes that a request may have.`,
      );
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return problem(
        408,
        'REQUEST_TIMEOUT',
        `The request did not arrive in time: ${HEADERS_TIMEOUT_MS / 1000} s for its headers, ${REQUEST_TIMEOUT_MS / 1000} s in all.`,
      );
    default:
      return problem(400, 'REQUEST_MALFORMED', 'What arrived is not an HTTP/1.1 request.');
  }
}
