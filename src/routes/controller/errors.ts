import { AppError } from '../../core/app-error.ts';
import { type Problem, problem } from '../http/index.ts';

/** EVENTS_TOO_MANY_CLIENTS: as many clients as the service serves are being told of circuits. */
export function tooManyClients(maximum: number): AppError {
  return new AppError(
    'EVENTS_TOO_MANY_CLIENTS',
    'unavailable',
    `${maximum} clients have the events socket open already; close one first.`,
  );
}

/** REQUEST_UPGRADE_REQUIRED: plain HTTP where a WebSocket is expected. */
export function upgradeRequired(): Problem {
  return problem(
    426,
    'REQUEST_UPGRADE_REQUIRED',
    'Events come through a WebSocket (ws://…/controller/events); for plain HTTP there is GET /controller/.',
  );
}
