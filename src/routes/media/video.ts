import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { AppError } from '../../core/app-error.ts';
import { Fmp4Packager } from '../../streams/transports/fmp4/index.ts';
import { VideoSocket } from '../../streams/transports/websocket/index.ts';
import { SensorParams } from '../cameras/schema.ts';
import type { MediaRoutesOptions } from './index.ts';

/**
 * The video socket, described in openapi/websocket.md. Camera, room and origin are checked before the upgrade, so
 * that a refusal is an HTTP status a client can read.
 */
export const videoRoute: FastifyPluginAsyncTypebox<MediaRoutesOptions> = async (app, options) => {
  const packager = new Fmp4Packager();
  app.get(
    '/:mxid/streams/:sensor/video',
    {
      websocket: true,
      schema: { params: SensorParams },
      preValidation: async ({ headers, params }) => {
        const { mxid, sensor } = params as { mxid: string; sensor: string }; // not validated yet: both are path segments
        assertOrigin(headers.origin, headers.host, options.corsOrigins);
        options.streams.get(mxid, sensor).video.assertRoom();
      },
    },
    (socket, { params }) => {
      const stream = options.streams.get(params.mxid, params.sensor).video;
      new VideoSocket(socket, { stream, packager, clock: options.clock });
    },
  );
};

/** Browsers do not ask for CORS before they open a WebSocket; the service has to look itself. */
function assertOrigin(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
): void {
  if (origin === undefined || allowed.includes('*') || allowed.includes(origin)) return;
  if (URL.canParse(origin) && new URL(origin).host === host) return;
  throw new AppError(
    'ORIGIN_FORBIDDEN',
    'forbidden',
    `Pages of ${origin} may not open this socket; the configuration allows ${allowed.join(', ') || 'none'} (server.corsOrigins).`,
  );
}
