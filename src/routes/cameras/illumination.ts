import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { Type } from '../../core/schema.ts';
import type { CameraDirectory } from '../../hardware/cameras/directory.ts';
import { JSON_NULL, JSON_OR_FORM, problems, readForms } from '../http/index.ts';
import { type Illumination, type Illuminators, readIllumination } from './illuminators.ts';
import { CameraParams } from './schema.ts';

export interface IlluminationRoutesOptions {
  readonly cameras: Pick<CameraDirectory, 'camera'>;
  readonly illuminators: Pick<Illuminators, 'get' | 'set'>;
}

const intensity = (what: string) => Type.Number({ minimum: 0, maximum: 1, description: `${what}, 0 to 1.` });
const lights = Type.Object({
  flood_light: intensity('Even light'),
  dot_projector: intensity('Light with a pattern'),
});
// A body of null is sent as text, see JSON_NULL.
const answer = Type.Unsafe<unknown>({
  anyOf: [lights, { type: 'null' }],
  description: 'Null for a camera without lights (`cameras.illuminators`).',
});
// Unknown fields are let through on purpose, as the Robopipe API does.
const change = Type.Unsafe<Readonly<Record<string, unknown>>>({
  type: 'object',
  properties: {
    flood_light: Type.Unsafe<unknown>({ description: '0 to 1; absent: 0.' }),
    dot_projector: Type.Unsafe<unknown>({ description: '0 to 1; absent: 0.' }),
  },
});

/** The lights of a camera. Mounted below `/cameras` and `/camera`. */
export const illuminationRoutes: FastifyPluginAsyncTypebox<IlluminationRoutesOptions> = async (
  app,
  { cameras, illuminators },
) => {
  readForms(app);
  const path = '/:mxid/ir';
  const shared = { tags: ['cameras'], params: CameraParams };
  const send = (reply: FastifyReply, illumination: Illumination | undefined): FastifyReply =>
    reply.type('application/json').send(illumination ?? JSON_NULL);

  app.get(
    path,
    {
      schema: {
        ...shared,
        operationId: 'getIllumination',
        summary: 'Read the lights of a camera',
        response: { 200: answer, ...problems(404, 409, 422, 500, 503, 504) },
      },
    },
    async ({ params: { mxid } }, reply) => {
      cameras.camera(mxid);
      return send(reply, await illuminators.get(mxid));
    },
  );

  app.post(
    path,
    {
      schema: {
        ...shared,
        operationId: 'setIllumination',
        summary: 'Set the lights of a camera',
        description: 'Both of them: what is missing goes off. The answer is what was read back.',
        consumes: JSON_OR_FORM,
        body: change,
        response: { 200: answer, ...problems(400, 404, 409, 413, 415, 422, 500, 503, 504) },
      },
    },
    async ({ params: { mxid }, body }, reply) => {
      cameras.camera(mxid);
      return send(reply, await illuminators.set(mxid, readIllumination(body)));
    },
  );
};
