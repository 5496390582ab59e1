import pino from 'pino';
import { afterEach, expect, test } from 'vitest';
import { AppError } from '../../core/app-error.ts';
import { Type } from '../../core/schema.ts';
import { createHttpServer, type HttpServer } from './index.ts';

const lines: string[] = [];
const open: HttpServer[] = [];
afterEach(async () => {
  lines.length = 0;
  for (const server of open.splice(0)) await server.close();
});

/** A server with a few routes; what it logs is in `lines`. */
function serve(corsOrigins: readonly string[] = ['*']): HttpServer {
  const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) });
  const server = createHttpServer({ log, corsOrigins });
  server.get('/ok', async () => ({ ok: true }));
  server.get(
    '/things/:id',
    { schema: { params: Type.Object({ id: Type.Integer() }) } },
    async ({ params }) => params,
  );
  server.post(
    '/things',
    {
      schema: { body: Type.Object({ size: Type.Integer({ minimum: 1 }) }, { additionalProperties: false }) },
    },
    async ({ body }) => body,
  );
  server.delete('/things', async () => null);
  server.get<{ Params: { kind: string } }>('/fail/:kind', async ({ params }) => {
    if (params.kind === 'bug') throw new TypeError('secret detail');
    // the test hands in kinds only
    throw new AppError(
      `TEST_${params.kind.toUpperCase()}`,
      params.kind as AppError['kind'],
      'as it was seen',
    );
  });
  open.push(server);
  return server;
}

const withOrigin = { origin: 'https://a.example' };

test.each([
  ['invalid', 422],
  ['too-large', 413],
  ['forbidden', 403],
  ['not-found', 404],
  ['conflict', 409],
  ['unavailable', 503],
  ['timeout', 504],
  ['not-implemented', 501],
])('an error of kind %s is a problem with status %i', async (kind, status) => {
  const answer = await serve().inject(`/fail/${kind}`);
  expect(answer.statusCode).toBe(status);
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(answer.json()).toEqual({
    status,
    title: expect.any(String),
    code: `TEST_${kind.toUpperCase()}`,
    detail: 'as it was seen',
  });
});

test.each(['bug', 'internal'])(
  'our own failure (%s) is a 500 that tells nothing outside and all in the log',
  async (kind) => {
    const answer = await serve().inject(`/fail/${kind}`);
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({
      status: 500,
      code: expect.stringMatching(/^(INTERNAL_ERROR|TEST_INTERNAL)$/),
    });
    expect(answer.body).not.toMatch(/secret|as it was seen/);
    expect(lines.join()).toMatch(kind === 'bug' ? /secret detail/ : /as it was seen/);
  },
);

test('a path that is nothing is a 404, a method that is not possible a 405 with the possible ones', async () => {
  const server = serve();
  const absent = await server.inject('/nothing?x=1');
  expect(absent.json()).toMatchObject({
    status: 404,
    code: 'ROUTE_NOT_FOUND',
    detail: 'There is nothing at /nothing.',
  });
  const wrong = await server.inject({ method: 'PATCH', url: '/things/' });
  expect(wrong.statusCode).toBe(405);
  expect(wrong.headers['allow']).toBe('DELETE, POST');
  expect(wrong.json()).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
  expect((await server.inject({ method: 'DELETE', url: '/things/7' })).headers['allow']).toBe('GET, HEAD');
});

test('paths take a trailing slash or not, and keep their case', async () => {
  const server = serve();
  expect((await server.inject('/ok/')).json()).toEqual({ ok: true });
  expect((await server.inject('/OK')).statusCode).toBe(404);
});

test('parameters are converted, bodies are not', async () => {
  const server = serve();
  const post = (payload: object) => server.inject({ method: 'POST', url: '/things', payload });
  expect((await server.inject('/things/7')).json()).toEqual({ id: 7 });
  expect((await server.inject('/things/x')).json()).toMatchObject({
    status: 422,
    code: 'REQUEST_INVALID',
    detail: 'params.id must be integer, saw "x".',
  });
  expect((await post({ size: 2 })).json()).toEqual({ size: 2 });
  expect((await post({ size: '2' })).json()).toMatchObject({
    status: 422,
    detail: 'body.size must be integer, saw "2".',
  });
  expect((await post({ size: 0, seize: 1 })).json()).toMatchObject({
    detail: 'body has the unknown key seize; body.size must be >= 1, saw 0.',
  });
});

test('a request that cannot be read is refused with what is wrong', async () => {
  const server = serve();
  const post = (type: string, payload: string) =>
    server.inject({ method: 'POST', url: '/things', headers: { 'content-type': type }, payload });
  expect((await post('application/json', '{"size":')).json()).toMatchObject({
    status: 400,
    code: 'REQUEST_MALFORMED',
  });
  expect((await post('text/csv', '1')).json()).toMatchObject({ status: 415, code: 'REQUEST_MEDIA_TYPE' });
  expect((await post('application/json', ' '.repeat(70_000))).json()).toMatchObject({
    status: 413,
    code: 'REQUEST_TOO_LARGE',
  });
  expect((await server.inject(`/things/${'1'.repeat(300)}`)).json()).toMatchObject({
    status: 414,
    code: 'REQUEST_URL_TOO_LONG',
  });
});

test('a client that announces JSON and sends none is served', async () => {
  const answer = await serve().inject({
    method: 'DELETE',
    url: '/things',
    headers: { 'content-type': 'application/json' },
  });
  expect(answer.statusCode).toBe(200);
});

test.each(['/ok', '/nothing', '/fail/bug', '/fail/conflict', '/things/x', '/%ff', '/things/%E0%A4%A'])(
  'every answer may be read by other origins: %s',
  async (url) => {
    expect((await serve().inject({ url, headers: withOrigin })).headers['access-control-allow-origin']).toBe(
      '*',
    );
    const listed = await serve(['https://a.example']).inject({ url, headers: withOrigin });
    expect(listed.headers).toMatchObject({
      'access-control-allow-origin': 'https://a.example',
      'access-control-allow-credentials': 'true',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const other = await serve(['https://b.example']).inject({ url, headers: withOrigin });
    expect(other.headers['access-control-allow-origin']).not.toBe('https://a.example');
  },
);

test('a preflight allows every method that is used', async () => {
  const answer = await serve().inject({
    method: 'OPTIONS',
    url: '/things',
    headers: {
      ...withOrigin,
      'access-control-request-method': 'DELETE',
      'access-control-request-headers': 'x-a',
    },
  });
  expect(answer.statusCode).toBe(204);
  expect(answer.headers['access-control-allow-methods']).toMatch(/GET, HEAD, POST, PUT, PATCH, DELETE/);
  expect(answer.headers['access-control-allow-headers']).toBe('x-a');
});
