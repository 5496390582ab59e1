import { connect, type Socket } from 'node:net';
import type { AppError } from '../../../../core/app-error.ts';
import type { Clock } from '../../../../core/clock.ts';
import { ioFailed, ioNotPresent, ioTimeout } from '../../errors.ts';
import type { Link } from './connection.ts';
import type { LineConfig } from './evok-config.ts';

const CONNECT_TIMEOUT_MS = 2000;

/** Waits until a socket is connected, for a time. The socket is destroyed when it is not. */
function connected(socket: Socket, where: string, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(CONNECT_TIMEOUT_MS, () => {
      socket.destroy();
      reject(ioTimeout(where, CONNECT_TIMEOUT_MS));
    });
    socket.once('connect', () => {
      timer[Symbol.dispose]();
      resolve();
    });
    // Stays, as a socket without a listener of its errors ends the process.
    socket.on('error', (error) => {
      timer[Symbol.dispose]();
      reject(ioNotPresent(where, error.message, error));
    });
  });
}

/** Connects to a Modbus TCP server. @throws AppError IO_NOT_PRESENT, IO_TIMEOUT */
export async function openTcp(
  { hostname, port }: LineConfig & { kind: 'tcp' },
  bus: string,
  clock: Clock,
  { signal }: { readonly signal: AbortSignal },
): Promise<Link> {
  const where = `bus ${bus} at ${hostname}:${port}`;
  const { default: modbus } = await import('modbus-serial');
  const socket = connect({ host: hostname, port, noDelay: true });
  // Not as an option of connect(), which listens to the signal for as long as there is one, whatever becomes of the socket.
  const abort = () => socket.destroy(new Error('it was given up'));
  signal.addEventListener('abort', abort, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', abort));
  if (signal.aborted) abort();
  await connected(socket, where, clock);
  const closed = new Promise<AppError>((resolve) => {
    socket.once('close', () => resolve(ioFailed(where, 'the connection was closed')));
  });
  const client = new modbus.default();
  client.on('error', () => socket.destroy());
  await client.linkTCP(socket, { port });
  return {
    client,
    isNumbered: true,
    closed,
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await closed;
    },
  };
}
