import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
// Its types tell Fastify of `ws` and `wsHandler`.
import type {} from '@fastify/websocket';
import type { RouteOptions } from 'fastify';
import { socketNotFound } from './errors.ts';

const KEY = /^[+/0-9A-Za-z]{22}==$/;
const VERSIONS = ['8', '13'];

/** RFC 6455 §4.2.1 */
function isHandshake({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    KEY.test(headers['sec-websocket-key'] ?? '') &&
    VERSIONS.includes(headers['sec-websocket-version'] ?? '')
  );
}

/**
 * The WebSocket handshakes that reach a server, as `upgrade` events of their own. Every other request with `Upgrade`
 * is read by the server once more, without that header: clients that offer HTTP/2 (Java's, curl's with `--http2`)
 * expect a plain answer (RFC 9110 §7.8), and a handshake that is not valid gets the route's.
 */
export function webSocketHandshakes(server: Server): Server {
  const handshakes = new EventEmitter();
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (isHandshake(request)) {
      handshakes.emit('upgrade', request, socket, head);
      return;
    }
    socket.unshift(Buffer.concat([withoutUpgrade(request), head]));
    server.emit('connection', socket);
  });
  return handshakes as Server; // what takes it only listens to `upgrade`
}

/** An `onRoute` hook: a WebSocket is refused where none is served. The plugin would open it and close it again. */
export function refuseSocket(route: RouteOptions): void {
  if (route.wsHandler !== undefined) return;
  const others = [route.preHandler ?? []].flat();
  route.preHandler = [
    async ({ ws, url }) => {
      if (ws) throw socketNotFound(url);
    },
    ...others,
  ];
}

/** The request's first line and headers as they were sent, but for `Upgrade`. */
function withoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() !== 'upgrade') lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
