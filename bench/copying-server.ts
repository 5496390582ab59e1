import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

/** `copying-server BYTES`: sends so many bytes to every reader, 30 times a second, each reader its own copy. */
const message = Buffer.alloc(Number(process.argv[2]), 1);
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('listening', () => process.send?.((server.address() as AddressInfo).port)); // a TCP server has a port
setInterval(() => {
  for (const socket of server.clients) socket.send(Buffer.from(message));
}, 1000 / 30);
