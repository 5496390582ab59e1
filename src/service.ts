import { fileURLToPath } from 'node:url';
import type { FastifyBaseLogger } from 'fastify';
import { openCameras } from './composition/cameras.ts';
import { openCircuits } from './composition/circuits.ts';
import { openModels } from './composition/models.ts';
import { type Config, sensorSettings, statePath } from './config/index.ts';
import { ChildProcesses } from './core/child-process.ts';
import { systemClock } from './core/clock.ts';
import { Lifetime } from './core/lifetime.ts';
import type { Log } from './core/log.ts';
import { StateFolder } from './core/state-folder.ts';
import { compiledModule } from './core/thread.ts';
import { SensorControls } from './hardware/cameras/controls/index.ts';
import type { CameraChange, CameraDirectory } from './hardware/cameras/directory.ts';
import { SensorConfigs } from './hardware/cameras/modes/index.ts';
import { DescriptorThread } from './hardware/io/descriptors/index.ts';
import { Machine } from './hardware/machine/index.ts';
import {
  H264Encoders,
  jpegEncoders,
  pictureConverter,
  pictureDecoders,
  probeFfmpeg,
} from './streams/encoders/ffmpeg/index.ts';
import { StreamRegistry } from './streams/index.ts';

/** The whole service, ready to listen. Disposing it ends everything it has started. */
export interface Service extends AsyncDisposable {
  /**
   * Begins to accept connections.
   * @throws what `net.Server.listen` reports: EADDRINUSE, EACCES, …
   */
  listen(): Promise<void>;
}

/**
 * Builds the service from its configuration: cameras, encoders, streams, HTTP.
 * @throws AppError FFMPEG_NOT_FOUND, FFMPEG_TOO_OLD, FFMPEG_NO_H264
 */
export async function createService(
  config: Config,
  log: FastifyBaseLogger,
  version: string,
): Promise<Service> {
  const lifetime = new Lifetime();
  const stopping = new AbortController();
  try {
    const processes = lifetime.use(new ChildProcesses());
    lifetime.defer(() => stopping.abort());
    const state = new StateFolder(statePath(config, process.env));
    const descriptors = lifetime.use(new DescriptorThread());
    const program = { processes, signal: stopping.signal };
    const probing = probeFfmpeg(config.ffmpeg.path, program);
    let encoders: H264Encoders | undefined;
    const cameras = lifetime.use(openCameras(config, { log, processes, encoders: () => encoders }));
    // The HTTP side loads while ffmpeg and the cameras answer.
    const loading = import('./app.ts');
    const circuits = openCircuits(config, { log, state, descriptors }).then((board) => lifetime.use(board));
    const [ffmpeg, { buildApp }, board] = await Promise.all([probing, loading, circuits, cameras.refresh()]);
    logChange(log, { added: cameras.cameras(), removed: [] });
    warnOfAbsent(config, cameras, log);
    lifetime.use(cameras.onChange((change) => logChange(log, change)));
    encoders = new H264Encoders(ffmpeg, program);
    const controls = lifetime.use(await SensorControls.load({ cameras, state, log }));
    const configs = await SensorConfigs.load({
      cameras,
      state,
      log,
      configured: (mxid, sensor) => sensorSettings(config, mxid, sensor).capture,
    });
    const streams = lifetime.use(
      new StreamRegistry({
        cameras,
        encoders,
        jpegEncoders: jpegEncoders(ffmpeg.path, processes),
        pictureDecoders: pictureDecoders(ffmpeg.path, processes),
        convert: pictureConverter(ffmpeg.path, processes),
        clock: systemClock,
        log,
        random: Math.random,
        settings: (mxid, sensor) => ({
          stream: config.streams,
          encoder: sensorSettings(config, mxid, sensor).encoder,
          capture: configs.capture(mxid, sensor),
          stillScale: configs.stillScale(mxid, sensor),
        }),
      }),
    );
    const { deployments, models } = await openModels(config, { log, state });
    lifetime.use(deployments);
    const webRoot = fileURLToPath(compiledModule(new URL('./web', import.meta.url)));
    const { fastify, ...app } = await buildApp(config, {
      cameras,
      controls,
      configs,
      streams,
      board,
      machine: new Machine({ sys: '/sys', proc: '/proc' }),
      deployments,
      models,
      clock: systemClock,
      log,
      version,
      webRoot,
      openApiFile: fileURLToPath(new URL('../openapi/openapi.json', import.meta.url)),
    });
    lifetime.use(app);
    const { host, port } = config.server;
    return {
      listen: async () => {
        await fastify.listen({ host, port, listenTextResolver: (address) => `listening on ${address}` });
      },
      [Symbol.asyncDispose]: () => lifetime[Symbol.asyncDispose](),
    };
  } catch (error) {
    await lifetime[Symbol.asyncDispose]();
    throw error;
  }
}

/** Settings for a sensor that is not there may be a slip of the pen, or wait for a camera that comes later. */
function warnOfAbsent(config: Config, cameras: CameraDirectory, log: Log): void {
  const present = cameras
    .cameras()
    .flatMap(({ mxid, sensors }) => sensors.map(({ name }) => `${mxid}/${name}`));
  const absent = Object.keys(config.cameras.sensors).filter((name) => !present.includes(name));
  if (absent.length > 0) {
    log.warn(
      {},
      `cameras.sensors has ${absent.join(', ')}, not here now; here are ${present.join(', ') || 'none'}`,
    );
  }
}

function logChange(log: Log, { added, removed }: CameraChange): void {
  for (const { mxid, cameraName, path } of added)
    log.info({ mxid }, `camera ${mxid} is here: ${cameraName}, ${path}`);
  for (const { mxid, cameraName } of removed) log.info({ mxid }, `camera ${mxid} is gone: ${cameraName}`);
}
