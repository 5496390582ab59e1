import { AppError } from '../core/app-error.ts';

/** SERVER_PORT_BUSY: another program listens on the port. `owner` names it where the kernel tells. */
export function portBusy(host: string, port: number, owner: string | undefined): AppError {
  const by = owner === undefined ? 'another program' : owner;
  return new AppError(
    'SERVER_PORT_BUSY',
    'conflict',
    `Port ${port} on ${host} is in use by ${by}. Stop it, or choose another port with --port or PORT.`,
  );
}

/** SERVER_CANNOT_LISTEN: the address is not one of this machine's, or the port needs rights. */
export function cannotListen(host: string, port: number, cause: Error): AppError {
  return new AppError(
    'SERVER_CANNOT_LISTEN',
    'unavailable',
    `Cannot listen on ${host}:${port}: ${cause.message}. ` +
      'The host has to be an address of this machine (0.0.0.0 is all of them); a port below 1024 needs rights.',
    { cause },
  );
}
