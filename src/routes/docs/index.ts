import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { serveFolder } from '../http/index.ts';

/** Where Swagger UI's own files are. */
const ASSETS = join(
  dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui/package.json')),
  'static',
);

// Swagger UI sets style attributes and draws its icons from data URLs.
const CSP =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Vidicon API</title>
<link rel="stylesheet" href="/docs/static/swagger-ui.css">
<link rel="icon" href="/docs/static/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/static/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;
const SCRIPT = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });
`;

export interface DocsRoutesOptions {
  /** The OpenAPI document. */
  readonly openApiFile: string;
}

/** `GET /openapi.json` and, to read and try it in a browser without any network, `GET /docs`. */
export const docsRoutes: FastifyPluginAsyncTypebox<DocsRoutesOptions> = async (app, { openApiFile }) => {
  const hidden = { schema: { hide: true } } as const;
  app.get('/openapi.json', hidden, async (_request, reply) =>
    reply.type('application/json').send(await readFile(openApiFile)),
  );
  app.get('/docs', hidden, async (_request, reply) =>
    reply.type('text/html').header('content-security-policy', CSP).send(PAGE),
  );
  app.get('/docs/start.js', hidden, async (_request, reply) => reply.type('text/javascript').send(SCRIPT));
  serveFolder(app, { prefix: '/docs/static/', root: ASSETS, cacheControl: () => 'public, max-age=86400' });
};
