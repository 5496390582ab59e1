import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { toAppError } from '../../core/app-error.ts';
import { Fmp4Packager } from '../../streams/transports/fmp4/index.ts';
import { closeSocket, VideoSocket } from '../../streams/transports/websocket/index.ts';
import { SensorParams } from '../cameras/schema.ts';
import { assertOrigin, sendProblem } from '../http/index.ts';
import { upgradeRequired } from './errors.ts';
import type { MediaRoutesOptions } from './index.ts';

/**
 * The video socket, described in openapi/websocket.md. Camera, room and origin are checked before the upgrade, so
 * that a refusal is an HTTP status a client can read.
 */
export const videoRoute: FastifyPluginAsyncTypebox<MediaRoutesOptions> = async (app, options) => {
  const { streams, clock, corsOrigins } = options;
  const packager = new Fmp4Packager();
  app.route({
    method: 'GET',
    url: '/:mxid/streams/:sensor/video',
    exposeHeadRoute: false,
    schema: { params: SensorParams, hide: true },
    preHandler: async ({ headers, params: { mxid, sensor } }) => {
      assertOrigin(headers.origin, headers.host, corsOrigins);
      streams.active(mxid, sensor).video.assertRoom();
    },
    handler: async (_request, reply) => {
      void reply.header('upgrade', 'websocket').header('sec-websocket-version', '13');
      sendProblem(reply, upgradeRequired());
      return reply;
    },
    wsHandler: (socket, { params: { mxid, sensor } }) => {
      try {
        new VideoSocket(socket, { stream: streams.active(mxid, sensor).video, packager, clock });
      } catch (error) {
        // Another reader took the last place, or the camera went, while the socket opened.
        closeSocket(socket, toAppError(error));
      }
    },
  });
};
