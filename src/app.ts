import websocket from '@fastify/websocket';
import type { FastifyBaseLogger, FastifyPluginAsync } from 'fastify';
import type { Config } from './config/index.ts';
import type { Clock } from './core/clock.ts';
import type { SensorControls } from './hardware/cameras/controls/index.ts';
import type { CameraDirectory } from './hardware/cameras/directory.ts';
import type { SensorConfigs } from './hardware/cameras/modes/index.ts';
import type { Board } from './hardware/io/board.ts';
import type { Machine } from './hardware/machine/index.ts';
import type { Deployments, ModelStore } from './inference/index.ts';
import { cameraStatsRoute } from './routes/cameras/camera-stats.ts';
import { configRoutes } from './routes/cameras/config.ts';
import { controlRoutes } from './routes/cameras/control.ts';
import { illuminationRoutes } from './routes/cameras/illumination.ts';
import { Illuminators } from './routes/cameras/illuminators.ts';
import { cameraRoutes } from './routes/cameras/index.ts';
import { lifecycleRoutes } from './routes/cameras/lifecycle.ts';
import { sensorsAsStreams } from './routes/cameras/sensors-alias.ts';
import { streamChangesRoute } from './routes/cameras/stream-changes.ts';
import { controllerRoutes, MAX_COMMAND_BYTES } from './routes/controller/index.ts';
import { docsRoutes } from './routes/docs/index.ts';
import { createHttpServer, type HttpServer, refuseSocket, webSocketHandshakes } from './routes/http/index.ts';
import { mediaRoutes } from './routes/media/index.ts';
import { metricsRoute } from './routes/metrics/index.ts';
import { nnRoutes } from './routes/nn/index.ts';
import { playerRoutes } from './routes/player/index.ts';
import { systemRoutes } from './routes/system/index.ts';
import type { StreamRegistry } from './streams/index.ts';
import { CLOSE_GOING_AWAY } from './streams/transports/websocket/index.ts';

/** How long a WebSocket client may take to answer the closing handshake. */
const CLOSE_GRACE_MS = 500;

/** What the routes work on. The app uses it and does not own it. */
export interface AppServices {
  readonly cameras: CameraDirectory;
  readonly controls: SensorControls;
  readonly configs: SensorConfigs;
  readonly streams: StreamRegistry;
  readonly board: Board;
  readonly machine: Machine;
  readonly deployments: Deployments;
  readonly models: ModelStore;
  readonly clock: Clock;
  readonly log: FastifyBaseLogger;
  readonly version: string;
  /** Folder of the built page and player. */
  readonly webRoot: string;
  /** The OpenAPI document, made from the routes when they change (scripts/openapi.mjs). */
  readonly openApiFile: string;
  /** Called before the first route is added, for tools that watch routes being added. */
  readonly beforeRoutes?: (fastify: HttpServer) => PromiseLike<unknown>;
}

/** The built application. Disposing it ends its sockets and connections. */
export interface App extends AsyncDisposable {
  readonly fastify: HttpServer;
}

/** Builds the whole HTTP side of the service, ready to listen or to be asked by `inject`; never listens itself. */
export async function buildApp(config: Config, services: AppServices): Promise<App> {
  const { cameras, controls, configs, streams, board, machine, clock, log } = services;
  const { deployments, models, version, webRoot, openApiFile } = services;
  const { corsOrigins } = config.server;
  const { streamList } = config.compatibility;
  const fastify = createHttpServer({ log, corsOrigins, rewriteUrl: sensorsAsStreams });
  const illuminators = new Illuminators(config.cameras.illuminators, { board, controls });

  await services.beforeRoutes?.(fastify);
  await fastify.register(websocket, {
    options: {
      perMessageDeflate: false,
      maxPayload: MAX_COMMAND_BYTES,
      server: webSocketHandshakes(fastify.server),
    },
    preClose(done) {
      const { clients } = this.websocketServer;
      for (const socket of clients) socket.close(CLOSE_GOING_AWAY, 'The service stops.');
      const patience = clock.after(CLOSE_GRACE_MS, () => {
        for (const socket of clients) socket.terminate();
      });
      this.websocketServer.close(() => {
        patience[Symbol.dispose]();
        done();
      });
    },
  });

  fastify.addHook('onRoute', refuseSocket);

  const cameraPaths: FastifyPluginAsync = async (app) => {
    await app.register(cameraRoutes, { cameras, streams, streamList });
    await app.register(lifecycleRoutes, { cameras, streams });
    await app.register(streamChangesRoute, { cameras, streams });
    await app.register(cameraStatsRoute, { cameras, streams, machine });
    await app.register(illuminationRoutes, { cameras, illuminators });
    await app.register(configRoutes, { configs, streams });
    await app.register(controlRoutes, { controls });
    await app.register(mediaRoutes, { streams, clock, corsOrigins });
    await app.register(nnRoutes, { deployments, models, streams, clock, corsOrigins });
  };
  const aliasPaths: FastifyPluginAsync = async (app) => {
    app.addHook('onRoute', (route) => {
      route.schema = { ...route.schema, hide: true };
    });
    await app.register(cameraPaths);
  };
  await fastify.register(cameraPaths, { prefix: '/cameras' });
  await fastify.register(aliasPaths, { prefix: '/camera' });
  await fastify.register(controllerRoutes, { prefix: '/controller', board, clock, corsOrigins });
  await fastify.register(systemRoutes, { version });
  await fastify.register(metricsRoute, {
    version,
    cameras,
    streamFigures: () => figures(streams),
    inferenceFigures: () => deployments.figures(),
  });
  await fastify.register(docsRoutes, { openApiFile });
  await fastify.register(playerRoutes, { webRoot });
  await fastify.ready();
  return { fastify, [Symbol.asyncDispose]: () => fastify.close() };
}

function* figures(streams: StreamRegistry) {
  for (const { mxid, sensor, live } of streams.all()) {
    yield { mxid, sensor, stream: 'video', stats: live.video.stats() };
    yield { mxid, sensor, stream: 'jpeg', stats: live.jpeg.stats() };
  }
}
