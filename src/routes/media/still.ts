import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '../../core/schema.ts';
import { SensorParams } from '../cameras/schema.ts';
import { problems } from '../http/index.ts';
import type { MediaRoutesOptions } from './index.ts';

const FORMATS = { jpeg: 'jpeg', jpg: 'jpeg', png: 'png', webp: 'webp' } as const;
const file = { schema: { type: 'string', format: 'binary' } };
// What is sent is bytes; the schema is for the document alone.
const image = Type.Unsafe<Buffer>({
  description: 'A picture taken after the request.',
  content: { 'image/jpeg': file, 'image/png': file, 'image/webp': file },
});

/** `GET …/still`: one picture, taken after the request. */
export const stillRoute: FastifyPluginAsyncTypebox<MediaRoutesOptions> = async (app, { streams }) => {
  app.get(
    '/:mxid/streams/:sensor/still',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'getStill',
        tags: ['streams'],
        summary: 'Take a picture',
        description:
          'A picture taken after the request, from the running capture without disturbing it, or from a camera ' +
          'started for it. A camera that gives JPEG images answers with its own bytes. PNG of a depth sensor has 16 bits, ' +
          'the distances as the camera gave them; its other formats show them in colours. `X-Capture-Time` is the Unix ' +
          'time of the capture in seconds.',
        params: SensorParams,
        querystring: Type.Object({
          format: Type.Optional(
            Type.Enum(['jpeg', 'jpg', 'png', 'webp'], { default: 'jpeg', description: 'Image format.' }),
          ),
        }),
        response: { 200: image, ...problems(404, 422, 500, 503, 504) },
      },
    },
    async ({ params, query }, reply) => {
      const format = FORMATS[query.format ?? 'jpeg'];
      const gone = new AbortController();
      reply.raw.on('close', () => gone.abort());
      const still = await streams.active(params.mxid, params.sensor).still(format, { signal: gone.signal });
      return reply
        .header('content-type', `image/${format}`)
        .header('cache-control', 'no-store')
        .header('x-capture-time', (still.capturedWallUs / 1e6).toFixed(6))
        .send(Buffer.from(still.bytes.buffer, still.bytes.byteOffset, still.bytes.byteLength));
    },
  );
};
