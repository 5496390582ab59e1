import { getEventListeners, once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../../core/clock.ts';
import { openTcp } from './tcp-link.ts';

const sockets = new Set<Socket>();
let server: Server;
let port: number;
beforeEach(async () => {
  server = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port; // it listens on TCP
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

const open = (signal: AbortSignal) => {
  return openTcp({ kind: 'tcp', hostname: '127.0.0.1', port }, 'LOCAL', systemClock, { signal });
};

test('a connection that has ended leaves nothing with the signal that outlives it', async () => {
  const { signal } = new AbortController();
  for (let time = 0; time < 3; time += 1) {
    const link = await open(signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await link[Symbol.asyncDispose]();
  }
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('so does one that is refused', async () => {
  const { signal } = new AbortController();
  server.close();
  await expect(open(signal)).rejects.toMatchObject({ code: 'IO_NOT_PRESENT' });
  await expect.poll(() => getEventListeners(signal, 'abort').length).toBe(0);
});

test('the signal ends a connection that is open or about to be', async () => {
  const controller = new AbortController();
  const link = await open(controller.signal);
  const opening = open(controller.signal);
  controller.abort();
  await expect(opening).rejects.toMatchObject({ code: 'IO_NOT_PRESENT' });
  await expect(link.closed).resolves.toMatchObject({ code: 'IO_FAILED' });
  await expect(open(controller.signal)).rejects.toMatchObject({ code: 'IO_NOT_PRESENT' });
});
