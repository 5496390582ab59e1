import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Clock } from '../../core/clock.ts';
import type { Board } from '../../hardware/io/board.ts';
import { circuitRoutes } from './circuit-routes.ts';
import { Circuit, CircuitDescription, Lease } from './circuit-schema.ts';
import { eventsRoute } from './events-route.ts';
import { leaseRoutes } from './lease-routes.ts';
import { CircuitBodies, CircuitBody } from './schema.ts';

export { MAX_COMMAND_BYTES } from './client-command.ts';

export interface ControllerRoutesOptions {
  readonly board: Board;
  readonly clock: Clock;
  /** Origins whose pages may open the events socket; `*` is any. */
  readonly corsOrigins: readonly string[];
}

/** Circuits: their values, settings, leases and events. Mounted below `/controller`. */
export const controllerRoutes: FastifyPluginAsyncTypebox<ControllerRoutesOptions> = async (app, options) => {
  const { board, clock, corsOrigins } = options;
  const schemas = [Circuit, CircuitDescription, CircuitBody, CircuitBodies, Lease];
  for (const schema of schemas) app.addSchema(schema);
  await app.register(circuitRoutes, { board, clock });
  await app.register(leaseRoutes, { board });
  await app.register(eventsRoute, { board, clock, corsOrigins });
};
