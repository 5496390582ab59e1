import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Clock } from '../../core/clock.ts';
import type { StreamRegistry } from '../../streams/index.ts';
import { mjpegRoute } from './mjpeg.ts';
import { stillRoute } from './still.ts';
import { videoRoute } from './video.ts';

export interface MediaRoutesOptions {
  readonly streams: StreamRegistry;
  readonly clock: Clock;
  /** Origins whose pages may open the video socket; `*` is any. */
  readonly corsOrigins: readonly string[];
}

/** Pictures of a sensor: `video` (WebSocket), `still`, `mjpeg`. Mounted below `/cameras` and `/camera`. */
export const mediaRoutes: FastifyPluginAsyncTypebox<MediaRoutesOptions> = async (app, options) => {
  await app.register(videoRoute, options);
  await app.register(stillRoute, options);
  await app.register(mjpegRoute, options);
};
