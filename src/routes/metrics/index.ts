import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Registry } from 'prom-client';
import { problems, text } from '../http/index.ts';
import type { MetricsSources } from './registry.ts';

/** `GET /metrics` for Prometheus. The client library is loaded when somebody scrapes for the first time. */
export const metricsRoute: FastifyPluginAsyncTypebox<MetricsSources> = async (app, sources) => {
  let registry: Promise<Registry> | undefined;
  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'getMetrics',
        tags: ['system'],
        summary: 'Read the figures of the service for Prometheus',
        response: { 200: text('Prometheus text format.'), ...problems(500) },
      },
    },
    async (_request, reply) => {
      registry ??= import('./registry.ts').then(({ createRegistry }) => createRegistry(sources));
      const made = await registry;
      return reply.type(made.contentType).send(await made.metrics());
    },
  );
};
