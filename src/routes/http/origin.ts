import { originForbidden } from './errors.ts';

/**
 * Whether a page may open a WebSocket: browsers do not ask for CORS before they do, so the service has to look itself.
 * @param host the `Host` of the request; pages of the service itself are always allowed.
 * @throws AppError ORIGIN_FORBIDDEN
 */
export function assertOrigin(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
): void {
  if (origin === undefined || allowed.includes('*') || allowed.includes(origin)) return;
  if (URL.canParse(origin) && new URL(origin).host === host) return;
  throw originForbidden(origin, allowed);
}
