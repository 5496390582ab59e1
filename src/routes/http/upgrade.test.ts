import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import websocket from '@fastify/websocket';
import pino from 'pino';
import { afterEach, expect, test } from 'vitest';
import { createHttpServer, type HttpServer, refuseSocket, webSocketHandshakes } from './index.ts';

const open: HttpServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

const handshake = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version': '13',
};
const http2 = { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABkAAQ' };

/** What a server with one socket and one thing answers, until it closes. */
async function ask(line: string, headers: Record<string, string>, body = '', isLast = true): Promise<string> {
  const server = createHttpServer({ log: pino({ level: 'silent' }), corsOrigins: ['*'] });
  open.push(server);
  await server.register(websocket, { options: { server: webSocketHandshakes(server.server) } });
  server.addHook('onRoute', refuseSocket);
  server.get('/plain', async () => 'plain');
  server.post('/thing', async ({ body: sent }) => ({ sent }));
  server.route({
    method: 'GET',
    url: '/socket',
    exposeHeadRoute: false,
    handler: async (_request, reply) => reply.code(426).send('a socket is here'),
    wsHandler: (socket) => socket.send('welcome', () => socket.terminate()),
  });
  const socket = connect(Number(new URL(await server.listen({ port: 0 })).port), '127.0.0.1');
  await once(socket, 'connect');
  const lines = [`${line} HTTP/1.1`, 'Host: a', ...Object.entries(headers).map(([k, v]) => `${k}: ${v}`)];
  socket.write(`${lines.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  // The connection goes on after the first answer; this request ends it.
  if (isLast) socket.write('GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  return text(socket);
}

test('a WebSocket opens where one is served', async () => {
  const answer = await ask('GET /socket', handshake, '', false);
  expect(answer).toMatch(/^HTTP\/1.1 101 .*welcome/s);
});

test('a WebSocket is refused where none is, before it opens', async () => {
  const answer = await ask('GET /plain', handshake, '', false);
  expect(answer).toMatch(/^HTTP\/1.1 404 .*There is no WebSocket at \/plain\./s);
});

test('who offers HTTP/2 is answered over HTTP/1.1, with the body read and the connection kept', async () => {
  const answer = await ask('POST /thing', { ...http2, 'Content-Type': 'application/json' }, '{"size":1}');
  expect(answer).toMatch(/^HTTP\/1.1 200 .*{"sent":{"size":1}}HTTP\/1.1 404 /s);
});

test.each([
  ['without a key', { 'Sec-WebSocket-Key': '' }],
  ['with a key that is none', { 'Sec-WebSocket-Key': 'short' }],
  ['of an old version', { 'Sec-WebSocket-Version': '7' }],
])('a handshake %s gets the answer of plain HTTP', async (_what, headers) => {
  expect(await ask('GET /socket', { ...handshake, ...headers })).toMatch(
    /^HTTP\/1.1 426 .*a socket is here/s,
  );
});
