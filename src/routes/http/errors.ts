import { AppError } from '../../core/app-error.ts';
import { type Problem, problem } from './problem.ts';

/** REQUEST_INVALID: the request is readable, and its parameters, query or body are not what the route takes. */
export function requestInvalid(detail: string): AppError {
  return new AppError('REQUEST_INVALID', 'invalid', detail);
}

/** ROUTE_NOT_FOUND: no route has this path. */
export function routeNotFound(path: string): Problem {
  return problem(404, 'ROUTE_NOT_FOUND', `There is nothing at ${path}.`);
}

/** ROUTE_NOT_FOUND: the path exists, and serves no WebSocket. */
export function socketNotFound(path: string): AppError {
  return new AppError('ROUTE_NOT_FOUND', 'not-found', `There is no WebSocket at ${path}.`);
}

/** METHOD_NOT_ALLOWED: the path exists, with other methods. `allow` lists them. */
export function methodNotAllowed(method: string, path: string, allow: string): Problem {
  return problem(405, 'METHOD_NOT_ALLOWED', `${method} is not possible at ${path}; allowed: ${allow}.`);
}

/** ORIGIN_FORBIDDEN: a page of an origin that is not allowed wants a WebSocket. */
export function originForbidden(origin: string, allowed: readonly string[]): AppError {
  return new AppError(
    'ORIGIN_FORBIDDEN',
    'forbidden',
    `Pages of ${origin} may not open this socket; the configuration allows ${allowed.join(', ') || 'none'} (server.corsOrigins).`,
  );
}
