import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { CameraDirectory } from '../../hardware/cameras/directory.ts';
import type { StreamRegistry } from '../../streams/index.ts';
import { problems, requestInvalid } from '../http/index.ts';
import { CameraParams, StreamChange, StreamStates } from './schema.ts';

export interface StreamChangesOptions {
  readonly cameras: Pick<CameraDirectory, 'camera'>;
  readonly streams: Pick<StreamRegistry, 'activate' | 'deactivate' | 'isActive'>;
}

/** `PATCH …/streams`: several streams at once. Mounted below `/cameras` and `/camera`. */
export const streamChangesRoute: FastifyPluginAsyncTypebox<StreamChangesOptions> = async (app, options) => {
  const { cameras, streams } = options;

  app.patch(
    '/:mxid/streams',
    {
      schema: {
        tags: ['streams'],
        params: CameraParams,
        operationId: 'changeStreams',
        summary: 'Activate and deactivate several streams',
        description: 'Everything is checked before anything is done.',
        body: StreamChange,
        response: { 200: StreamStates, ...problems(400, 404, 409, 413, 415, 422, 500) },
      },
    },
    async ({ params: { mxid }, body: { activate = [], deactivate = [] } }) => {
      const names = cameras.camera(mxid).sensors.map(({ name }) => name);
      assertApart(names, activate, deactivate);
      for (const name of activate) streams.activate(mxid, name);
      for (const name of deactivate) streams.deactivate(mxid, name);
      return names.map((name) => ({ name, active: streams.isActive(mxid, name), replay: false }));
    },
  );
};

/** @throws AppError REQUEST_INVALID for names that are not there, and for those that are in both lists. */
function assertApart(
  names: readonly string[],
  activate: readonly string[],
  deactivate: readonly string[],
): void {
  const unknown = [...activate, ...deactivate].find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw requestInvalid(`There is no stream ${unknown.slice(0, 80)}; there is ${names.join(', ')}.`);
  const both = activate.find((name) => deactivate.includes(name));
  if (both !== undefined) throw requestInvalid(`${both} cannot be both activated and deactivated.`);
}
