import { PassThrough, type Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '../../core/schema.ts';
import { MJPEG_MEDIA_TYPE, sendMjpeg } from '../../streams/transports/mjpeg/index.ts';
import { SensorParams } from '../cameras/schema.ts';
import { problems } from '../http/index.ts';
import type { MediaRoutesOptions } from './index.ts';

// What is sent is a stream; the schema is for the document alone.
const parts = Type.Unsafe<Readable>({
  description: 'Pictures until the client closes.',
  content: { 'multipart/x-mixed-replace': { schema: { type: 'string', format: 'binary' } } },
});

/** `GET …/mjpeg`: pictures without end, for an `<img>` element and for whatever reads nothing newer. */
export const mjpegRoute: FastifyPluginAsyncTypebox<MediaRoutesOptions> = async (app, { streams, clock }) => {
  app.get(
    '/:mxid/streams/:sensor/mjpeg',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'getMjpeg',
        tags: ['streams'],
        summary: 'Watch JPEG pictures',
        description:
          'A multipart stream of JPEG images, newest first for a slow client. `X-Timestamp` of each part is the ' +
          'Unix time of its capture in seconds.',
        params: SensorParams,
        response: { 200: parts, ...problems(404, 422, 500, 503, 504) },
      },
    },
    async ({ params }, reply) => {
      const { jpeg } = streams.active(params.mxid, params.sensor);
      const body = new PassThrough();
      reply.raw.on('close', () => body.destroy());
      await sendMjpeg(jpeg, body, clock);
      return reply.header('content-type', MJPEG_MEDIA_TYPE).header('cache-control', 'no-store').send(body);
    },
  );
};
