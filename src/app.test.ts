import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import pino from 'pino';
import { afterAll, afterEach, expect, test } from 'vitest';
import { EchoBoard } from '../test/support/echo-board.ts';
import { FakeClock } from '../test/support/fake-clock.ts';
import { FakeEncoders } from '../test/support/fake-media.ts';
import { type App, buildApp } from './app.ts';
import { loadConfig, sensorSettings } from './config/index.ts';
import { StateFolder } from './core/state-folder.ts';
import type { CameraDriver, CameraInfo } from './hardware/cameras/camera.ts';
import { SensorControls } from './hardware/cameras/controls/index.ts';
import { CameraDirectory } from './hardware/cameras/directory.ts';
import { SensorConfigs } from './hardware/cameras/modes/index.ts';
import { Machine } from './hardware/machine/index.ts';
import { Deployments, ModelStore } from './inference/index.ts';
import { StreamRegistry } from './streams/index.ts';

const web = mkdtempSync(join(tmpdir(), 'vidicon-web-'));
mkdirSync(join(web, 'empty'));
writeFileSync(join(web, 'index.html'), '<!doctype html><title>Page</title>');
writeFileSync(join(web, 'vidicon-player.js'), 'export {};');
writeFileSync(join(web, 'page-4AC7XQ2P.js'), 'export {};');
afterAll(() => rmSync(web, { recursive: true }));

const openApiFile = join(import.meta.dirname, '../openapi/openapi.json');

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

const webcam: CameraInfo = {
  mxid: 'C920A1B2',
  cameraName: 'HD Pro Webcam C920',
  path: '1-1.2',
  bus: 'usb',
  driver: 'v4l2',
  kernelDriver: 'uvcvideo',
  serial: 'A1B2',
  nodes: ['/dev/video0'],
  sensors: [
    {
      name: 'CAM_A',
      label: 'Webcam',
      isColour: true,
      node: '/dev/video0',
      formats: [
        {
          pixelFormat: 'YUYV',
          description: 'YUYV 4:2:2',
          frameSizes: [
            {
              kind: 'discrete',
              width: 640,
              height: 480,
              frameIntervals: [{ numerator: 1, denominator: 30 }],
            },
          ],
        },
      ],
      controls: [
        {
          id: 9_963_776,
          name: 'brightness',
          type: 'integer',
          minimum: 0,
          maximum: 255,
          step: 1,
          defaultValue: 128,
          value: 128,
          flags: [],
        },
      ],
    },
    { name: 'CAM_B', label: 'Infrared', isColour: false, formats: [], controls: [] },
  ],
};

/** The app over one fake camera whose sensors cannot be opened. */
async function build({
  streamList = 'object',
  webRoot = web,
  corsOrigins = ['*'],
}: {
  streamList?: string;
  webRoot?: string;
  corsOrigins?: string[];
} = {}): Promise<
  App & { driver: CameraDriver & { present: CameraInfo[]; looks: number }; streams: StreamRegistry }
> {
  const file = join(web, 'config.yaml');
  writeFileSync(
    file,
    `compatibility: { streamList: ${streamList} }\nserver: { corsOrigins: ${JSON.stringify(corsOrigins)} }`,
  );
  const { config } = await loadConfig({ file, env: {} });
  const log = pino({ level: 'silent' });
  const driver = {
    kind: 'fake',
    present: [webcam],
    looks: 0,
    cameras: () => driver.present,
    refresh: async () => {
      driver.looks += 1;
    },
    open: () => new Promise<never>(() => {}),
    controls: async () => webcam.sensors[0]?.controls ?? [],
    setControls: async () => webcam.sensors[0]?.controls ?? [],
    [Symbol.asyncDispose]: async () => {},
  };
  const cameras = new CameraDirectory({ log, labelOf: () => undefined });
  cameras.add(driver);
  const clock = new FakeClock();
  const refuse = (): never => {
    throw new Error('not in this test');
  };
  const streams = new StreamRegistry({
    cameras,
    encoders: new FakeEncoders(),
    jpegEncoders: { start: refuse, transcode: refuse },
    pictureDecoders: { start: refuse, transcode: refuse },
    convert: refuse,
    clock,
    log,
    random: () => 0.5,
    settings: (mxid, sensor) => {
      const { capture, encoder } = sensorSettings(config, mxid, sensor);
      return { capture, encoder, stream: { ...config.streams, encoder } };
    },
  });
  const state = new StateFolder(join(web, 'state'));
  const controls = await SensorControls.load({ cameras, state, log });
  const configured = () => ({});
  const configs = await SensorConfigs.load({ cameras, state, log, configured });
  const models = await ModelStore.open(join(web, 'models'), { state, maxBytes: 1e6, log });
  const random = (): number => 0.5;
  const deployments = new Deployments({
    store: models,
    openEngine: refuse,
    maxReaders: 1,
    clock,
    log,
    random,
  });
  const app = await buildApp(config, {
    cameras,
    controls,
    configs,
    streams,
    board: new EchoBoard([]),
    machine: new Machine({ sys: web, proc: web }),
    deployments,
    models,
    clock,
    log,
    version: '1.2.3',
    webRoot,
    openApiFile,
  });
  open.push(app);
  return { ...app, driver, streams };
}

const info = {
  mxid: 'C920A1B2',
  name: '1-1.2',
  camera_name: 'HD Pro Webcam C920',
  platform: 'X_LINK_ANY_PLATFORM',
  protocol: 'X_LINK_USB_VSC',
  state: 'X_LINK_BOOTED',
  status: 'X_LINK_SUCCESS',
  driver: 'v4l2',
  bus: 'usb',
  kernelDriver: 'uvcvideo',
  serial: 'A1B2',
  nodes: ['/dev/video0'],
  sensors: [
    { name: 'CAM_A', label: 'Webcam', isColour: true, isRunning: false },
    { name: 'CAM_B', label: 'Infrared', isColour: false, isRunning: false },
  ],
};

test.each(['/cameras', '/cameras/', '/camera', '/camera/'])('lists the cameras at %s', async (url) => {
  const { fastify } = await build();
  const answer = await fastify.inject(url);
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual([info]);
});

test('reads one camera, and which of its sensors run', async () => {
  const { fastify, streams } = await build();
  expect((await fastify.inject('/cameras/C920A1B2/')).json()).toEqual(info);
  const { video } = streams.get('C920A1B2', 'CAM_B');
  const reader = video.join('test', { onReadable: () => {}, onClosed: () => {} });
  expect((await fastify.inject('/camera/C920A1B2')).json()).toMatchObject({
    sensors: [{ isRunning: false }, { isRunning: true }],
  });
  video.leave(reader);
});

test('looks at the hardware again when asked, whatever the body', async () => {
  const { fastify, driver } = await build();
  driver.present = [];
  const requests = [
    { url: '/cameras/refresh' },
    { url: '/cameras/refresh?boot=true', payload: {} },
    { url: '/camera/refresh/?boot=True' },
    {
      url: '/cameras/refresh',
      payload: '{}',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    },
    { url: '/cameras/refresh', payload: '{', headers: { 'content-type': 'application/json' } },
  ];
  for (const request of requests) {
    const answer = await fastify.inject({ method: 'POST', ...request });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual([]);
  }
  expect(driver.looks).toBe(requests.length);
});

test('lists the streams of a camera in the form the configuration asks for', async () => {
  const asObject = await build();
  expect((await asObject.fastify.inject('/cameras/C920A1B2/streams/')).json()).toEqual({
    CAM_A: { active: true },
    CAM_B: { active: true },
  });
  const asArray = await build({ streamList: 'array' });
  expect((await asArray.fastify.inject('/camera/C920A1B2/streams')).json()).toEqual([
    { name: 'CAM_A', active: true },
    { name: 'CAM_B', active: true },
  ]);
});

test('reads a stream with the formats and controls of its sensor, and without its device node', async () => {
  const { fastify } = await build();
  const { node: _node, ...sensor } = webcam.sensors[0] ?? {};
  expect((await fastify.inject('/cameras/C920A1B2/streams/CAM_A/')).json()).toEqual({
    ...sensor,
    active: true,
    state: 'idle',
  });
});

test('reads the figures of a stream and of the JPEG stream beside it', async () => {
  const { fastify, streams } = await build();
  const url = '/cameras/C920A1B2/streams/CAM_A/stats';
  expect((await fastify.inject(url)).json()).toMatchObject({
    state: 'idle',
    readers: [],
    jpeg: { state: 'idle' },
  });
  const { video } = streams.get('C920A1B2', 'CAM_A');
  const reader = video.join('test', { onReadable: () => {}, onClosed: () => {} });
  expect((await fastify.inject(url)).json()).toMatchObject({
    state: 'starting',
    readers: [{ transport: 'test', state: 'waiting-for-sync' }],
    jpeg: { state: 'idle' },
  });
  video.leave(reader);
});

test.each([
  ['/cameras/NOPE/', 404, 'CAMERA_NOT_FOUND'],
  ['/cameras/NOPE/streams/', 404, 'CAMERA_NOT_FOUND'],
  ['/cameras/NOPE/streams/CAM_A/stats', 404, 'CAMERA_NOT_FOUND'],
  ['/cameras/NOPE/streams/CAM_A/video', 404, 'CAMERA_NOT_FOUND'],
  ['/cameras/C920A1B2/streams/CAM_H/', 404, 'SENSOR_NOT_FOUND'],
  ['/cameras/C920A1B2/streams/DEPTH_A_B/stats', 404, 'SENSOR_NOT_FOUND'],
  ['/cameras/nope/', 422, 'REQUEST_INVALID'],
  ['/cameras/C920A1B2/streams/cam/', 422, 'REQUEST_INVALID'],
])('%s is refused with %i %s', async (url, status, code) => {
  const { fastify } = await build();
  expect((await fastify.inject(url)).json()).toMatchObject({ status, code });
});

test('greets programs and shows the page to browsers', async () => {
  const { fastify } = await build();
  const program = await fastify.inject({ url: '/', headers: { accept: '*/*' } });
  expect([program.body, program.headers['content-type']]).toEqual([
    'Hello from Robopipe API!',
    'text/plain; charset=utf-8',
  ]);
  const browser = await fastify.inject({ url: '/', headers: { accept: 'text/html,*/*;q=0.8' } });
  expect(browser.body).toContain('<title>Page</title>');
  expect(browser.headers['content-security-policy']).toMatch(/default-src 'none'.*script-src 'self'/);
  expect([browser.headers['vary'], program.headers['vary']]).toEqual(['Accept', 'Accept']);
});

test('the page is cached apart for each origin where only some are allowed', async () => {
  const { fastify } = await build({ corsOrigins: ['https://a.example'] });
  expect((await fastify.inject('/')).headers['vary']).toBe('Origin, Accept');
});

test('without a built page browsers are greeted like programs', async () => {
  const { fastify } = await build({ webRoot: join(web, 'empty') });
  const answer = await fastify.inject({ url: '/', headers: { accept: 'text/html' } });
  expect(answer.body).toBe('Hello from Robopipe API!');
  expect((await fastify.inject('/player/vidicon-player.js')).json()).toMatchObject({
    code: 'ROUTE_NOT_FOUND',
  });
});

test('serves the player to pages anywhere, fresh by default and for ever under a hashed name', async () => {
  const { fastify } = await build();
  const player = await fastify.inject('/player/vidicon-player.js');
  expect(player.headers).toMatchObject({
    'content-type': expect.stringContaining('javascript'),
    'cache-control': 'no-cache',
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    etag: expect.any(String),
  });
  const again = await fastify.inject({
    url: '/player/vidicon-player.js',
    headers: { 'if-none-match': String(player.headers.etag) },
  });
  expect(again.statusCode).toBe(304);
  const hashed = await fastify.inject('/player/page-4AC7XQ2P.js');
  expect(hashed.headers['cache-control']).toBe('public, max-age=31536000, immutable');
});

test.each([
  '/player/absent.js',
  '/player/../../package.json',
  '/player/%2e%2e/package.json',
  '/docs/static/none',
])('what is not among the files is a problem, too: %s', async (url) => {
  const { fastify } = await build();
  const answer = await fastify.inject(url);
  expect([403, 404]).toContain(answer.statusCode);
  expect(answer.headers['content-type']).toMatch('application/problem+json');
});

test('says that it works, in which version, and for how long', async () => {
  const { fastify } = await build();
  expect((await fastify.inject('/health')).json()).toEqual({
    status: 'ok',
    version: '1.2.3',
    uptimeSeconds: expect.any(Number),
  });
});

test('tells Prometheus of the process, the cameras and every stream that was used', async () => {
  const { fastify, streams } = await build();
  const { video } = streams.get('C920A1B2', 'CAM_A');
  const reader = video.join('websocket', { onReadable: () => {}, onClosed: () => {} });
  const answer = await fastify.inject('/metrics');
  expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0.0.4/);
  const labels = 'mxid="C920A1B2",sensor="CAM_A",stream="video"';
  for (const line of [
    'vidicon_build_info{version="1.2.3",',
    'vidicon_cameras{driver="v4l2"} 1',
    `vidicon_stream_state{${labels},state="starting"} 1`,
    `vidicon_stream_state{${labels},state="live"} 0`,
    `vidicon_stream_readers{${labels},transport="websocket"} 1`,
    `vidicon_stream_starts_total{${labels}} 1`,
  ])
    expect(answer.body).toContain(line);
  expect(answer.body).toMatch(/^process_resident_memory_bytes \d+/m);
  video.leave(reader);
  expect((await fastify.inject('/metrics')).body).not.toContain('vidicon_stream_readers{');
});

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly responses: Record<string, { content?: Record<string, { schema: object }> }>;
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, object> };
}

test.each([
  ['the OpenAPI document', 'openapi.mjs'],
  ['the table of configuration keys', 'configuration.mjs'],
])('%s is up to date', (_what, script) => {
  const check = spawnSync(process.execPath, [join(import.meta.dirname, '../scripts', script), '--check']);
  expect(check.stderr.toString()).toBe('');
  expect(check.status).toBe(0);
});

test('describes every route below /cameras and /controller once, with its errors as problems', async () => {
  const { fastify } = await build();
  const document = (await fastify.inject('/openapi.json')).json<Document>();
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(
    Object.keys(document.paths).filter(
      (path) => !/^\/((cameras|controller)(\/|$)|health$|metrics$)/.test(path),
    ),
  ).toEqual([]);
  for (const { operationId, tags, responses } of operations) {
    expect(tags, operationId).toHaveLength(1);
    const errors = Object.entries(responses).filter(([status]) => status >= '400');
    expect(errors.length, operationId).toBeGreaterThan(0);
    for (const [, { content }] of errors) {
      expect(content?.['application/problem+json']?.schema).toEqual({ $ref: '#/components/schemas/Problem' });
    }
  }
});

test.each([
  ['/cameras/', '/cameras'],
  ['/cameras/C920A1B2', '/cameras/{mxid}'],
  ['/cameras/C920A1B2/streams', '/cameras/{mxid}/streams'],
  ['/cameras/C920A1B2/streams/CAM_A', '/cameras/{mxid}/streams/{sensor}'],
  ['/cameras/C920A1B2/streams/CAM_A/stats', '/cameras/{mxid}/streams/{sensor}/stats'],
  ['/health', '/health'],
])('the answer of %s is what the document says', async (url, path) => {
  const { fastify } = await build();
  const document = (await fastify.inject('/openapi.json')).json<Document>();
  const schema = document.paths[path]?.['get']?.responses['200']?.content?.['application/json']?.schema;
  expect(schema).toBeDefined();
  const validate = new Ajv({ strict: false }).compile({ ...schema, components: document.components });
  expect(validate((await fastify.inject(url)).json()), JSON.stringify(validate.errors)).toBe(true);
});

test('shows the document in a browser without any other host', async () => {
  const { fastify } = await build();
  const page = await fastify.inject('/docs');
  expect(page.headers['content-security-policy']).toMatch(/^default-src 'self'/);
  const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) expect((await fastify.inject(file)).statusCode, file).toBe(200);
});
