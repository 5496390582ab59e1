import { AppError } from '../../core/app-error.ts';
import { type Problem, problem } from '../http/index.ts';

/** ORIGIN_FORBIDDEN: a page of an origin that is not allowed wants the video socket. */
export const originForbidden = (origin: string, allowed: readonly string[]): AppError =>
  new AppError(
    'ORIGIN_FORBIDDEN',
    'forbidden',
    `Pages of ${origin} may not open this socket; the configuration allows ${allowed.join(', ') || 'none'} (server.corsOrigins).`,
  );

/** REQUEST_UPGRADE_REQUIRED: plain HTTP where a WebSocket is expected. */
export const upgradeRequired = (): Problem =>
  problem(
    426,
    'REQUEST_UPGRADE_REQUIRED',
    'Video comes through a WebSocket (ws://…/video); for plain HTTP there are …/mjpeg and …/still.',
  );
