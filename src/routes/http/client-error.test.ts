import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import pino from 'pino';
import { afterEach, expect, test } from 'vitest';
import { createHttpServer, type HttpServer } from './index.ts';

const open: HttpServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

/** What a server answers to bytes, until it closes. */
async function answerTo(bytes: string, corsOrigins: readonly string[] = ['*']) {
  const server = createHttpServer({ log: pino({ level: 'silent' }), corsOrigins });
  open.push(server);
  const socket = connect(Number(new URL(await server.listen({ port: 0 })).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(bytes);
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
  return { head, body: JSON.parse(body) as Record<string, unknown> };
}

test.each([
  ['what is not HTTP', 'hello\r\n\r\n', 400, 'REQUEST_MALFORMED'],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'REQUEST_MALFORMED'],
  ['an address without end', `GET /${'a'.repeat(20_000)}`, 431, 'REQUEST_HEADERS_TOO_LARGE'],
])('%s is answered with a problem that every page may read', async (_what, bytes, status, code) => {
  const { head, body } = await answerTo(bytes);
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(head).toMatch(/^Content-Type: application\/problem\+json/m);
  expect(head).toMatch(/^Access-Control-Allow-Origin: \*$/m);
  expect(body).toMatchObject({ status, code, detail: expect.any(String) });
});

test('where only some origins are allowed, none is told', async () => {
  expect((await answerTo('hello\r\n\r\n', ['https://a.example'])).head).not.toMatch(/allow-origin/i);
});

test('a client has two minutes to send its request, and less for its headers', () => {
  const server = createHttpServer({ log: pino({ level: 'silent' }), corsOrigins: ['*'] });
  expect(server.server).toMatchObject({ requestTimeout: 120_000, headersTimeout: 20_000 });
});
