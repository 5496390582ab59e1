import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '../../core/schema.ts';
import { problems } from '../http/index.ts';

export interface SystemRoutesOptions {
  readonly version: string;
}

/** What says that the service is there. */
export const systemRoutes: FastifyPluginAsyncTypebox<SystemRoutesOptions> = async (app, { version }) => {
  app.get(
    '/health',
    {
      schema: {
        operationId: 'getHealth',
        tags: ['system'],
        summary: 'Ask whether the service works',
        response: {
          200: Type.Object({
            status: Type.Literal('ok'),
            version: Type.String({ description: 'Version of the service.' }),
            uptimeSeconds: Type.Number({ description: 'Since the service started.' }),
          }),
          ...problems(500),
        },
      },
    },
    async () =>
      ({ status: 'ok', version, uptimeSeconds: Math.round(process.uptime() * 1000) / 1000 }) as const,
  );
};
