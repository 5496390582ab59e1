import { fileURLToPath } from 'node:url';
import type { FastifyBaseLogger } from 'fastify';
import { type Config, sensorSettings } from './config/index.ts';
import { ChildProcesses } from './core/child-process.ts';
import { systemClock } from './core/clock.ts';
import { Lifetime } from './core/lifetime.ts';
import type { Log } from './core/log.ts';
import { compiledModule } from './core/thread.ts';
import { type CameraChange, CameraDirectory } from './hardware/cameras/directory.ts';
import { createSimulatedDriver, type ScheduledFault } from './hardware/cameras/simulated/index.ts';
import { UrlDriver } from './hardware/cameras/url/index.ts';
import { createV4l2Driver } from './hardware/cameras/v4l2/index.ts';
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
    const program = { processes, signal: stopping.signal };
    const probing = probeFfmpeg(config.ffmpeg.path, program);
    let encoders: H264Encoders | undefined;
    const cameras = lifetime.use(openCameras(config, { log, processes, encoders: () => encoders }));
    // The HTTP side loads while ffmpeg and the cameras answer.
    const loading = import('./app.ts');
    const [ffmpeg, { buildApp }] = await Promise.all([probing, loading, cameras.refresh()]);
    logChange(log, { added: cameras.cameras(), removed: [] });
    warnOfAbsent(config, cameras, log);
    lifetime.use(cameras.onChange((change) => logChange(log, change)));
    encoders = new H264Encoders(ffmpeg, program);
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
        settings: (mxid, sensor) => ({ ...sensorSettings(config, mxid, sensor), stream: config.streams }),
      }),
    );
    const webRoot = fileURLToPath(compiledModule(new URL('./web', import.meta.url)));
    const { fastify, ...app } = await buildApp(config, {
      cameras,
      streams,
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

type Fault = Config['cameras']['simulated']['faults'][number];

/** What cameras are opened with. */
export interface CameraServices {
  readonly log: Log;
  readonly processes: ChildProcesses;
  /** Asked when a network camera is opened that does not give H.264; undefined until ffmpeg has been probed. */
  readonly encoders: () => H264Encoders | undefined;
}

/**
 * The cameras that the configuration wants, with the drivers that find them. Owned by the caller; `refresh` looks
 * for the first time.
 */
export function openCameras(config: Config, { log, processes, encoders }: CameraServices): CameraDirectory {
  const { v4l2, simulated, url } = config.cameras;
  const directory = new CameraDirectory({
    log,
    labelOf: (mxid, sensor) => sensorSettings(config, mxid, sensor).label,
  });
  const { stallTimeoutMs } = config.streams;
  const onChange = (): void => directory.changed();
  if (v4l2.enabled) directory.add(createV4l2Driver({ onChange, log, stallTimeoutMs }));
  directory.add(
    new UrlDriver({
      cameras: Object.entries(url).map(([name, { sensors }]) => ({ name, sensors })),
      processes,
      program: config.ffmpeg.path,
      encoders: {
        choose: (codec) => probed(encoders()).choose(codec),
        get renderNode() {
          return probed(encoders()).renderNode;
        },
      },
      encoderSettings: (mxid, sensor) => sensorSettings(config, mxid, sensor).encoder,
      stallTimeoutMs,
      clock: systemClock,
    }),
  );
  if (simulated.enabled !== 'never') {
    const { seed, faults } = simulated;
    const cameras = [{ mxid: 'SIMULATED1', seed, faults: faults.map(scheduled) }];
    const driver = createSimulatedDriver({ cameras, onChange, clock: systemClock, stallTimeoutMs });
    directory.add(driver, { isStandIn: simulated.enabled === 'auto' });
  }
  return directory;
}

function probed(encoders: H264Encoders | undefined): H264Encoders {
  if (encoders === undefined) throw new Error('A camera was opened before ffmpeg was probed.');
  return encoders;
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

/** A configured fault in the driver's words. */
function scheduled({ afterMs, ...fault }: Fault): ScheduledFault {
  const afterOpeningMs = afterMs;
  if (fault.kind === 'resize') return { ...fault, afterOpeningMs };
  return { kind: fault.kind, forMs: fault.durationMs, afterOpeningMs };
}
