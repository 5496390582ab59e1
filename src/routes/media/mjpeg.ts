import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { MJPEG_MEDIA_TYPE, sendMjpeg } from '../../streams/transports/mjpeg/index.ts';
import type { MediaRoutesOptions } from './index.ts';
import { Problem, SensorParams } from './schema.ts';

/** `GET …/mjpeg`: pictures without end, for an `<img>` element and for whatever reads nothing newer. */
export const mjpegRoute: FastifyPluginAsyncTypebox<MediaRoutesOptions> = async (app, { streams }) => {
  app.get(
    '/:mxid/streams/:sensor/mjpeg',
    {
      schema: {
        operationId: 'getMjpeg',
        tags: ['streams'],
        summary: 'Watch JPEG pictures',
        description:
          'A multipart stream of JPEG images, newest first for a slow client. `X-Timestamp` of each part is the ' +
          'Unix time of its capture in seconds.',
        params: SensorParams,
        response: { 404: Problem, 422: Problem, 503: Problem },
      },
    },
    async ({ params }, reply) => {
      const { jpeg } = streams.get(params.mxid, params.sensor);
      jpeg.assertRoom();
      const headers = {
        ...reply.getHeaders(),
        'content-type': MJPEG_MEDIA_TYPE,
        'cache-control': 'no-store',
      };
      reply.hijack();
      for (const [name, value] of Object.entries(headers))
        if (value !== undefined) reply.raw.setHeader(name, value);
      reply.raw.writeHead(200);
      sendMjpeg(jpeg, reply.raw);
    },
  );
};
