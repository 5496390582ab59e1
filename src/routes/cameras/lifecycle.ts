import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { CameraDirectory } from '../../hardware/cameras/directory.ts';
import type { StreamRegistry } from '../../streams/index.ts';
import { ignoreBodies, JSON_NULL, jsonNull, problems, reference } from '../http/index.ts';
import { DeviceInfo, deviceInfo } from './device-info.ts';
import { CameraParams, SensorParams } from './schema.ts';

export interface LifecycleRoutesOptions {
  readonly cameras: Pick<CameraDirectory, 'camera'>;
  readonly streams: StreamRegistry;
}

const JSON_TYPE = 'application/json';

/** Opening and closing cameras, activating and deactivating their streams. Mounted below `/cameras` and `/camera`. */
export const lifecycleRoutes: FastifyPluginAsyncTypebox<LifecycleRoutesOptions> = async (app, options) => {
  const { cameras, streams } = options;

  ignoreBodies(app);
  const camera = { tags: ['cameras'], params: CameraParams };
  const stream = { tags: ['streams'], params: SensorParams };
  const answer = { 200: reference(DeviceInfo), ...problems(404, 413, 422, 500) };

  app.post(
    '/:mxid',
    {
      schema: {
        ...camera,
        operationId: 'openCamera',
        summary: 'Open a camera that was closed',
        description: 'Every camera is open until somebody closes it. A body is ignored.',
        response: answer,
      },
    },
    async ({ params: { mxid } }) => {
      const info = cameras.camera(mxid);
      streams.openCamera(mxid);
      return deviceInfo(info, streams);
    },
  );

  app.delete(
    '/:mxid',
    {
      schema: {
        ...camera,
        operationId: 'closeCamera',
        summary: 'Close a camera',
        description:
          'Its readers are let go of, and its streams refuse with `CAMERA_CLOSED` until it is opened. It stays in ' +
          'the list of cameras.',
        response: answer,
      },
    },
    async ({ params: { mxid } }) => {
      const info = cameras.camera(mxid);
      streams.closeCamera(mxid);
      return deviceInfo(info, streams);
    },
  );

  app.post(
    '/:mxid/restart',
    {
      schema: {
        ...camera,
        operationId: 'restartCamera',
        summary: 'Open the running sensors of a camera anew',
        description: 'Their readers stay. A camera that was closed is opened. A body is ignored.',
        response: answer,
      },
    },
    async ({ params: { mxid } }) => {
      const info = cameras.camera(mxid);
      streams.restartCamera(mxid);
      return deviceInfo(info, streams);
    },
  );

  app.post(
    '/:mxid/streams/:sensor',
    {
      schema: {
        ...stream,
        operationId: 'activateStream',
        summary: 'Activate a stream',
        description: 'Every stream is active until somebody deactivates it. Other streams are not disturbed.',
        response: { 201: jsonNull('It is active.'), ...problems(404, 409, 413, 422, 500) },
      },
    },
    async ({ params: { mxid, sensor } }, reply) => {
      streams.activate(mxid, sensor);
      return reply.code(201).type(JSON_TYPE).send(JSON_NULL);
    },
  );

  app.delete(
    '/:mxid/streams/:sensor',
    {
      schema: {
        ...stream,
        operationId: 'deactivateStream',
        summary: 'Deactivate a stream',
        description:
          'Its readers are let go of, and it refuses with `STREAM_INACTIVE` until it is activated. Other streams ' +
          'are not disturbed.',
        response: { 202: jsonNull('It is not active.'), ...problems(404, 413, 422, 500) },
      },
    },
    async ({ params: { mxid, sensor } }, reply) => {
      streams.deactivate(mxid, sensor);
      return reply.code(202).type(JSON_TYPE).send(JSON_NULL);
    },
  );
};
