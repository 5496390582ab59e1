import type { FastifyInstance } from 'fastify';

export interface FolderOptions {
  /** Path it is served below, with slashes at both ends: `/player/`. */
  readonly prefix: string;
  readonly root: string;
  /** The `Cache-Control` of a file, by its path in the folder. */
  readonly cacheControl: (path: string) => string;
}

/**
 * Serves the files of a folder, whole, with type and ETag; no listings, nothing outside it, no hidden files.
 * Loaded at the first request: most clients of an appliance never ask for a file.
 */
export function serveFolder(app: FastifyInstance, { prefix, root, cacheControl }: FolderOptions): void {
  app.get(`${prefix}*`, { schema: { hide: true } }, async (request, reply) => {
    const { default: send } = await import('@fastify/send');
    const path = request.url.slice(prefix.length).split('?', 1)[0] ?? '';
    const options = {
      root,
      index: false,
      dotfiles: 'ignore',
      cacheControl: false,
      acceptRanges: false,
    } as const;
    const { type, statusCode, headers, stream } = await send(request.raw, `/${path}`, options);
    if (type !== 'file') return reply.callNotFound();
    // Players and pages of other origins embed these files.
    reply.header('cross-origin-resource-policy', 'cross-origin').header('cache-control', cacheControl(path));
    return reply.code(statusCode).headers(headers).send(stream);
  });
}
