import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '../../core/schema.ts';
import type { MediaRoutesOptions } from './index.ts';
import { Problem, SensorParams } from './schema.ts';

const FORMATS = { jpeg: 'jpeg', jpg: 'jpeg', png: 'png', webp: 'webp' } as const;
const Bytes = Type.String({ format: 'binary', description: 'The image' });
const image = {
  description: 'A picture taken after the request',
  content: {} as Record<string, { schema: typeof Bytes }>,
};
for (const type of ['image/jpeg', 'image/png', 'image/webp']) image.content[type] = { schema: Bytes };

/** `GET …/still`: one picture, taken after the request. */
export const stillRoute: FastifyPluginAsyncTypebox<MediaRoutesOptions> = async (app, { streams }) => {
  app.get(
    '/:mxid/streams/:sensor/still',
    {
      schema: {
        operationId: 'getStill',
        tags: ['streams'],
        summary: 'Take a picture',
        description:
          'A picture taken after the request, from the running capture without disturbing it, or from a camera ' +
          'started for it. A camera that gives JPEG images answers with its own bytes. `X-Capture-Time` is the ' +
          'Unix time of the capture in seconds.',
        params: SensorParams,
        querystring: Type.Object({
          format: Type.Enum(['jpeg', 'jpg', 'png', 'webp'], { default: 'jpeg', description: 'Image format' }),
        }),
        response: { 200: image, 404: Problem, 422: Problem, 503: Problem, 504: Problem, 500: Problem },
      },
    },
    async ({ params, query, raw }, reply) => {
      const format = FORMATS[query.format];
      const gone = new AbortController();
      raw.on('close', () => gone.abort());
      const still = await streams.get(params.mxid, params.sensor).still(format, { signal: gone.signal });
      return reply
        .header('content-type', `image/${format}`)
        .header('cache-control', 'no-store')
        .header('x-capture-time', (still.capturedWallUs / 1e6).toFixed(6))
        .header('access-control-expose-headers', 'X-Capture-Time')
        .serializer((bytes: unknown) => bytes as Buffer) // the bytes are final; Fastify would validate them
        .send(Buffer.from(still.bytes.buffer, still.bytes.byteOffset, still.bytes.byteLength) as never);
    },
  );
};
