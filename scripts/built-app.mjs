import swagger from '@fastify/swagger';
import { buildApp } from '../dist/app.js';
import { createLog } from '../dist/cli/log.js';
import { readVersion } from '../dist/cli/version.js';
import { loadConfig } from '../dist/config/index.js';
import { systemClock } from '../dist/core/clock.js';
import { CameraDirectory } from '../dist/hardware/cameras/directory.js';
import { StreamRegistry } from '../dist/streams/index.js';

/** How the OpenAPI document is made from the routes. */
const openApi = (version) => ({
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Vidicon API',
      version,
      description:
        'Cameras of this machine as live video, stills and REST. Every path below `/cameras` exists below ' +
        '`/camera`, too, and takes a trailing slash or not. Errors are `application/problem+json` (RFC 9457). ' +
        'The WebSockets `/cameras/{mxid}/streams/{sensor}/video`, `/cameras/{mxid}/streams/{sensor}/nn` and ' +
        '`/controller/events` are described in openapi/websocket.md.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    tags: [
      { name: 'cameras', description: 'Devices.' },
      { name: 'controls', description: 'Exposure, focus, colours of a sensor.' },
      { name: 'streams', description: 'The image streams of a camera.' },
      { name: 'inference', description: 'Models that run on the pictures of a stream.' },
      { name: 'controller', description: 'Circuits: inputs and outputs.' },
      { name: 'system', description: 'The service itself.' },
    ],
  },
  refResolver: { buildLocalReference: (schema, _base, _fragment, index) => schema.$id ?? `def-${index}` },
});

/** The built application with the default configuration and no camera, for scripts that look at its routes. */
export async function builtApp() {
  const { config } = await loadConfig({ file: '/dev/null', env: {} });
  const log = createLog('error', process.stderr);
  const cameras = new CameraDirectory({ log, labelOf: () => undefined });
  const controls = {};
  const configs = {};
  const machine = {};
  const deployments = {};
  const models = {};
  const board = { circuits: () => [], onEvent: () => ({ [Symbol.dispose]() {} }) };
  const streams = new StreamRegistry({ cameras });
  const version = readVersion();
  const beforeRoutes = (fastify) => fastify.register(swagger, openApi(version));
  const files = { webRoot: '/nowhere', openApiFile: '/nowhere' };
  return buildApp(config, {
    cameras,
    controls,
    configs,
    streams,
    board,
    machine,
    deployments,
    models,
    clock: systemClock,
    log,
    version,
    ...files,
    beforeRoutes,
  });
}
