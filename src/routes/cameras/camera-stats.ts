import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from '../../core/schema.ts';
import type { CameraInfo, SensorInfo } from '../../hardware/cameras/camera.ts';
import type { CameraDirectory } from '../../hardware/cameras/directory.ts';
import { type Machine, processorTemperature } from '../../hardware/machine/index.ts';
import type { StreamRegistry } from '../../streams/index.ts';
import { STREAM_STATES, type StreamStats } from '../../streams/stream-stats.ts';
import { problems, reference } from '../http/index.ts';
import { CameraParams } from './schema.ts';

export interface CameraStatsOptions {
  readonly cameras: Pick<CameraDirectory, 'camera'>;
  readonly streams: Pick<StreamRegistry, 'get'>;
  readonly machine: Pick<Machine, 'temperatures' | 'memory' | 'usbSpeedMbps'>;
}

const celsius = Type.Number({ description: '°C; 0 where the machine tells none.' });
const memory = (description: string) =>
  Type.Object(
    { total: Type.Integer(), used: Type.Integer(), remaining: Type.Integer() },
    { description: `${description} In bytes.` },
  );

const SensorFigures = Type.Object({
  state: Type.Enum(STREAM_STATES, { description: 'Of the H.264 stream.' }),
  frameRate: Type.Number({ description: 'Pictures per second over the last two seconds.' }),
  picturesCaptured: Type.Integer({ description: 'Pictures the running source has delivered.' }),
  picturesLost: Type.Integer({ description: 'Pictures lost before they reached the service.' }),
  picturesSkipped: Type.Integer({ description: 'Pictures left out because an encoder was busy.' }),
  readers: Type.Integer({ description: 'Who reads its streams now.' }),
  usbSpeedMbps: Type.Optional(
    Type.Number({ description: 'Mbit/s of its USB connection, where it has one.' }),
  ),
});

export const CameraStats = Type.Object(
  {
    chip_temperature: Type.Object(
      { average: celsius, css: celsius, dss: celsius, mss: celsius, upa: celsius },
      { description: 'Of the processor of this machine; all five are the same figure.' },
    ),
    ddr_memory_usage: memory('Memory of this machine.'),
    cmx_memory_usage: memory('Memory that the service itself uses, of that of the machine.'),
    temperatures: Type.Array(
      Type.Object({ zone: Type.String({ description: "The kernel's name of it." }), celsius: Type.Number() }),
      { description: 'Every temperature of this machine.' },
    ),
    sensors: Type.Record(Type.String(), SensorFigures, { description: 'By name.' }),
  },
  { $id: 'CameraStats' },
);

/** `GET …/stats`: how the machine is, and what a camera does. Mounted below `/cameras` and `/camera`. */
export const cameraStatsRoute: FastifyPluginAsyncTypebox<CameraStatsOptions> = async (app, options) => {
  const { cameras, streams, machine } = options;
  app.addSchema(CameraStats);

  const figures = async ({ mxid }: CameraInfo, { name, node }: SensorInfo) => {
    const { video, jpeg, pictures } = streams.get(mxid, name);
    const all = [video, jpeg, pictures].map((stream) => stream.stats());
    const most = (figure: (stats: StreamStats) => number): number => Math.max(...all.map(figure));
    const usbSpeedMbps = node === undefined ? undefined : await machine.usbSpeedMbps(node);
    return {
      state: video.stats().state,
      frameRate: most((stats) => stats.frameRate),
      picturesCaptured: most((stats) => stats.picturesCaptured),
      picturesLost: most((stats) => stats.picturesLost),
      picturesSkipped: most((stats) => stats.picturesSkipped),
      readers: all.reduce((sum, { readers }) => sum + readers.length, 0),
      ...(usbSpeedMbps !== undefined && { usbSpeedMbps }),
    };
  };

  app.get(
    '/:mxid/stats',
    {
      schema: {
        operationId: 'getCameraStats',
        tags: ['cameras'],
        summary: 'Read how the machine is and what the sensors of a camera do',
        params: CameraParams,
        response: { 200: reference(CameraStats), ...problems(404, 422, 500) },
      },
    },
    async ({ params: { mxid } }): Promise<Static<typeof CameraStats>> => {
      const camera = cameras.camera(mxid);
      const [temperatures, ddr, sensors] = await Promise.all([
        machine.temperatures(),
        machine.memory(),
        Promise.all(
          camera.sensors.map(async (sensor) => [sensor.name, await figures(camera, sensor)] as const),
        ),
      ]);
      const average = processorTemperature(temperatures) ?? 0;
      const used = Math.min(process.memoryUsage.rss(), ddr.total);
      return {
        chip_temperature: { average, css: average, dss: average, mss: average, upa: average },
        ddr_memory_usage: ddr,
        cmx_memory_usage: { total: ddr.total, used, remaining: ddr.total - used },
        temperatures: [...temperatures],
        sensors: Object.fromEntries(sensors),
      };
    },
  );
};
