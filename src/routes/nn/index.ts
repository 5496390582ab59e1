import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Clock } from '../../core/clock.ts';
import type { Deployments, ModelStore } from '../../inference/index.ts';
import type { StreamRegistry } from '../../streams/index.ts';
import { deployRoute } from './deploy.ts';
import { modelRoutes } from './model.ts';
import { InferenceStats, NnConfig } from './schema.ts';

export interface NnRoutesOptions {
  readonly deployments: Deployments;
  readonly models: ModelStore;
  readonly streams: Pick<StreamRegistry, 'get' | 'active'>;
  readonly clock: Clock;
  /** Origins whose pages may open the socket of results; `*` is any. */
  readonly corsOrigins: readonly string[];
}

/** Models on sensors: `nn` (REST, and a WebSocket of results), `nn/stats`. Mounted below `/cameras` and `/camera`. */
export const nnRoutes: FastifyPluginAsyncTypebox<NnRoutesOptions> = async (app, options) => {
  for (const schema of [NnConfig, InferenceStats]) app.addSchema(schema);
  await app.register(deployRoute, options);
  await app.register(modelRoutes, options);
};
