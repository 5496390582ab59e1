import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '../../core/schema.ts';
import type { CameraDirectory } from '../../hardware/cameras/directory.ts';
import type { StreamRegistry } from '../../streams/index.ts';
import { ignoreBodies, problems, reference } from '../http/index.ts';
import { DeviceInfo, deviceInfo } from './device-info.ts';
import { CameraParams, RefreshQuery, SensorParams, StreamInfo, StreamList } from './schema.ts';
import { SensorStats } from './stats-schema.ts';

export interface CameraRoutesOptions {
  readonly cameras: Pick<CameraDirectory, 'cameras' | 'camera' | 'sensor' | 'refresh'>;
  readonly streams: Pick<StreamRegistry, 'get' | 'isRunning' | 'isActive' | 'isCameraOpen'>;
  /** Shape of a camera's list of streams. */
  readonly streamList: 'object' | 'array';
}

/** Cameras and their streams: what is there and what it does. Mounted below `/cameras` and `/camera`. */
export const cameraRoutes: FastifyPluginAsyncTypebox<CameraRoutesOptions> = async (app, options) => {
  const { cameras, streams, streamList } = options;
  for (const schema of [DeviceInfo, StreamList, StreamInfo, SensorStats]) app.addSchema(schema);
  const list = (): DeviceInfo[] => cameras.cameras().map((camera) => deviceInfo(camera, streams));

  app.get(
    '/',
    {
      schema: {
        operationId: 'listCameras',
        tags: ['cameras'],
        summary: 'List the cameras',
        response: { 200: Type.Array(reference(DeviceInfo)), ...problems(500) },
      },
    },
    async () => list(),
  );

  await app.register(async (scope) => {
    ignoreBodies(scope);
    scope.post(
      '/refresh',
      {
        schema: {
          operationId: 'refreshCameras',
          tags: ['cameras'],
          summary: 'Look for cameras again',
          description:
            'Cameras that come and go are noticed without it. Running streams are not disturbed. A body is ignored.',
          querystring: RefreshQuery,
          response: { 200: Type.Array(reference(DeviceInfo)), ...problems(413, 500) },
        },
      },
      async () => {
        await cameras.refresh();
        return list();
      },
    );
  });

  app.get(
    '/:mxid',
    {
      schema: {
        operationId: 'getCamera',
        tags: ['cameras'],
        summary: 'Read a camera',
        params: CameraParams,
        response: { 200: reference(DeviceInfo), ...problems(404, 422, 500) },
      },
    },
    async ({ params }) => deviceInfo(cameras.camera(params.mxid), streams),
  );

  app.get(
    '/:mxid/streams',
    {
      schema: {
        operationId: 'listStreams',
        tags: ['streams'],
        summary: "List a camera's streams",
        params: CameraParams,
        response: { 200: reference(StreamList), ...problems(404, 422, 500) },
      },
    },
    async ({ params: { mxid } }): Promise<StreamList> => {
      const names = cameras.camera(mxid).sensors.map(({ name }) => name);
      const active = (name: string): boolean => streams.isActive(mxid, name);
      if (streamList === 'array') return names.map((name) => ({ name, active: active(name) }));
      return Object.fromEntries(names.map((name) => [name, { active: active(name) }]));
    },
  );

  app.get(
    '/:mxid/streams/:sensor',
    {
      schema: {
        operationId: 'getStream',
        tags: ['streams'],
        summary: 'Read a stream: its state, its formats and its controls',
        params: SensorParams,
        response: { 200: reference(StreamInfo), ...problems(404, 422, 500) },
      },
    },
    async ({ params: { mxid, sensor } }) => {
      const { name, label, isColour, formats, controls } = cameras.sensor(mxid, sensor);
      const { state } = streams.get(mxid, sensor).video.stats();
      return { name, active: streams.isActive(mxid, name), state, label, isColour, formats, controls };
    },
  );

  app.get(
    '/:mxid/streams/:sensor/stats',
    {
      schema: {
        operationId: 'getStreamStats',
        tags: ['streams'],
        summary: 'Read the figures of a stream and of its readers',
        params: SensorParams,
        response: { 200: reference(SensorStats), ...problems(404, 422, 500) },
      },
    },
    async ({ params }) => {
      const { video, jpeg } = streams.get(params.mxid, params.sensor);
      return { ...video.stats(), jpeg: jpeg.stats() };
    },
  );
};
