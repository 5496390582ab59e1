import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { serveFolder } from '../http/index.ts';

export interface PlayerRoutesOptions {
  /** Folder of the built page and player. It need not exist: then there is no page. */
  readonly webRoot: string;
}

const HELLO = 'Hello from Robopipe API!';

/** Only the service's own scripts, styles and addresses; video comes from media source objects (`blob:`). */
const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

/** A file name that changes with the content, as the page's build makes them: `player-4AC7XQ2P.js`. */
const HASHED_NAME = /-[A-Z0-9]{8}\.\w+$/;

/** `GET /`: the page for browsers, a greeting for everybody else. `GET /player/*`: the files it is made of. */
export const playerRoutes: FastifyPluginAsyncTypebox<PlayerRoutesOptions> = async (app, { webRoot }) => {
  const page = readIfThere(join(webRoot, 'index.html'));
  app.get('/', { schema: { hide: true } }, async ({ headers }, reply) => {
    reply.header('vary', [reply.getHeader('vary') ?? [], 'Accept'].flat().join(', '));
    if (page === undefined || !headers.accept?.includes('text/html'))
      return reply.type('text/plain; charset=utf-8').send(HELLO);
    return reply
      .type('text/html')
      .header('content-security-policy', CSP)
      .header('cache-control', 'no-cache')
      .send(page);
  });
  if (page === undefined) return;
  serveFolder(app, {
    prefix: '/player/',
    root: webRoot,
    cacheControl: (path) => (HASHED_NAME.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache'),
  });
};

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
