import { once } from 'node:events';
import { createServer } from 'node:net';
import { portOwner } from '../port-owner.ts';
import type { Finding } from './finding.ts';

/** Whether the service could listen now. */
export async function checkPort(host: string, port: number): Promise<Finding> {
  const check = `port ${port} on ${host}`;
  const server = createServer();
  try {
    server.listen({ host, port });
    await once(server, 'listening');
    return { check, status: 'ok', detail: 'free' };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE') {
      const owner = portOwner(port) ?? 'another program';
      const advice = 'If this is not the service itself: stop it, or choose another port with --port or PORT';
      return { check, status: 'warn', detail: `in use by ${owner}`, advice };
    }
    const advice = 'Set server.host to an address of this machine, and a port above 1023';
    return { check, status: 'fail', detail: `cannot be listened on: ${String(error)}`, advice };
  } finally {
    server.close();
  }
}
