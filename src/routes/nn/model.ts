import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { toAppError } from '../../core/app-error.ts';
import { type Deployment, modelNotFound } from '../../inference/index.ts';
import { closeSocket } from '../../streams/transports/websocket/index.ts';
import { SensorParams } from '../cameras/schema.ts';
import { assertOrigin, problems, reference } from '../http/index.ts';
import type { NnRoutesOptions } from './index.ts';
import { NnSocket } from './nn-socket.ts';
import { Deployed, InferenceStats, Nothing } from './schema.ts';

interface Address {
  readonly mxid: string;
  readonly sensor: string;
}

/** What is known of a deployed model, its results, and its removal. The socket is described in openapi/websocket.md. */
export const modelRoutes: FastifyPluginAsyncTypebox<NnRoutesOptions> = async (app, options) => {
  const { deployments, streams, clock, corsOrigins } = options;

  /** @throws AppError CAMERA_NOT_FOUND, SENSOR_NOT_FOUND for a sensor that is neither there nor has a model. */
  const find = ({ mxid, sensor }: Address): Deployment | undefined => {
    const deployment = deployments.get(mxid, sensor);
    if (deployment === undefined) streams.get(mxid, sensor);
    return deployment;
  };
  /** @throws AppError NN_NOT_FOUND, too. */
  const get = (address: Address): Deployment => {
    const deployment = find(address);
    if (deployment === undefined) throw modelNotFound(`${address.mxid}/${address.sensor}`);
    return deployment;
  };

  app.route({
    method: 'GET',
    url: '/:mxid/streams/:sensor/nn',
    exposeHeadRoute: false,
    schema: {
      operationId: 'getNn',
      tags: ['inference'],
      summary: "Read the deployed model's configuration",
      description:
        'As it was sent; null when there is no model. The same path is the WebSocket of results, see ' +
        'openapi/websocket.md.',
      params: SensorParams,
      response: { 200: Deployed, ...problems(403, 404, 409, 422, 500, 503) },
    },
    preHandler: async ({ ws, headers, params }) => {
      if (!ws) return;
      assertOrigin(headers.origin, headers.host, corsOrigins);
      streams.active(params.mxid, params.sensor);
      get(params).assertRoom();
    },
    handler: async ({ params }) => find(params)?.config.original ?? null,
    wsHandler: (socket, { params }) => {
      try {
        const sensor = streams.active(params.mxid, params.sensor);
        new NnSocket(socket, { deployment: get(params), sensor, clock });
      } catch (error) {
        // Another reader took the last place, or camera or model went, while the socket opened.
        closeSocket(socket, toAppError(error));
      }
    },
  });

  app.delete(
    '/:mxid/streams/:sensor/nn',
    {
      schema: {
        operationId: 'removeNn',
        tags: ['inference'],
        summary: 'Remove the model',
        description: 'Its memory is freed and its sockets are closed. Harmless when there is none.',
        params: SensorParams,
        response: { 202: Nothing, ...problems(404, 422, 500, 503) },
      },
    },
    async ({ params }, reply) => {
      find(params);
      await deployments.remove(params.mxid, params.sensor);
      return reply.code(202).send(null);
    },
  );

  app.get(
    '/:mxid/streams/:sensor/nn/stats',
    {
      schema: {
        operationId: 'getNnStats',
        tags: ['inference'],
        summary: 'Read the figures of the model',
        params: SensorParams,
        response: { 200: reference(InferenceStats), ...problems(404, 422, 500) },
      },
    },
    async ({ params }) => get(params).stats(),
  );
};
