import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { FakeEngine } from '../../../test/support/fake-engine.ts';
import { eventually } from '../../../test/support/service.ts';
import { AppError } from '../../core/app-error.ts';
import { StateFolder } from '../../core/state-folder.ts';
import { Deployments, ModelStore } from '../../inference/index.ts';
import { createHttpServer, type HttpServer } from '../http/index.ts';
import { metricsRoute } from '../metrics/index.ts';
import { nnRoutes } from './index.ts';

const BOUNDARY = 'x-boundary-x';
const PATH = '/CAM1/streams/CAM_A/nn';
const YOLO = { type: 'YOLO', labels: ['ball'] };

let root = '';
let app: HttpServer;
let deployments: Deployments;
/** What models were loaded, and what loading one throws. */
let loaded: string[] = [];
let refusal: AppError | undefined;
let present: string[] = [];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'vidicon-nn-'));
  loaded = [];
  refusal = undefined;
  present = ['CAM1'];
  const log = pino({ level: 'silent' });
  const models = await ModelStore.open(join(root, 'models'), {
    state: new StateFolder(root),
    maxBytes: 4 * 1024 * 1024,
    log,
  });
  const clock = new FakeClock();
  deployments = new Deployments({
    store: models,
    openEngine: async (file) => {
      loaded.push(readFileSync(file, 'latin1').slice(0, 20));
      if (refusal !== undefined) throw refusal;
      return new FakeEngine(file);
    },
    maxReaders: 10,
    clock,
    log,
    random: () => 0.5,
  });
  const find = (mxid: string): never => {
    if (!present.includes(mxid)) throw new AppError('CAMERA_NOT_FOUND', 'not-found', `No camera ${mxid}.`);
    return undefined as never; // only whether it throws is looked at
  };
  const streams = { get: find, active: find };
  app = createHttpServer({ log, corsOrigins: ['*'] });
  await app.register(nnRoutes, { deployments, models, streams, clock, corsOrigins: ['*'] });
});
afterEach(async () => {
  await app.close();
  await deployments[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

interface Part {
  readonly name: string;
  readonly content: string;
  readonly filename?: string;
  readonly type?: string;
}

const model: Part = { name: 'model', content: 'onnx', filename: 'model.onnx' };
const field = (name: string, content: unknown): Part => ({
  name,
  content: typeof content === 'string' ? content : JSON.stringify(content),
});

function formOf(parts: readonly Part[]): string {
  const texts = parts.map(({ name, content, filename, type }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"`;
    const kind = type === undefined ? '' : `\r\nContent-Type: ${type}`;
    return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${file}${kind}\r\n\r\n${content}\r\n`;
  });
  return `${texts.join('')}--${BOUNDARY}--\r\n`;
}

function post(body: string, type = `multipart/form-data; boundary=${BOUNDARY}`, path = PATH) {
  return app.inject({ method: 'POST', url: path, headers: { 'content-type': type }, body });
}

async function refused(parts: readonly Part[]): Promise<readonly [number, string]> {
  const answer = await post(formOf(parts));
  expect(readdirIfThere()).toEqual([]);
  return [answer.statusCode, answer.json().code];
}

function readdirIfThere(): string[] {
  try {
    return readdirSync(join(root, 'models'));
  } catch {
    return [];
  }
}

test.each([
  ['model, then config', [model, field('config', YOLO)]],
  ['config, then model', [field('config', YOLO), model]],
  ['the name of the first Robopipe', [field('nn_config', YOLO), model]],
  [
    'both names, of which the newer counts',
    [field('nn_config', { type: 'Generic' }), model, field('config', YOLO)],
  ],
  ['a config that says to be JSON', [{ ...field('config', YOLO), type: 'application/json' }, model]],
  ['a config as a file', [model, { ...field('config', YOLO), filename: 'config.json' }]],
  [
    'parts that nobody knows',
    [field('more', 'x'), { ...model, name: 'other' }, model, field('config', YOLO)],
  ],
])('a form is read: %s', async (_which, parts) => {
  const answer = await post(formOf(parts));
  expect([answer.statusCode, answer.json()]).toEqual([201, null]);
  expect((await app.inject(PATH)).json()).toEqual(YOLO);
  expect(loaded).toEqual(['onnx']);
  expect(readdirIfThere()).toHaveLength(1);
});

test('without a configuration the model is generic', async () => {
  expect((await post(formOf([model]))).statusCode).toBe(201);
  expect((await app.inject(`${PATH}/`)).json()).toEqual({ type: 'Generic' });
});

const long = 'x'.repeat(1024 * 1024 + 1);
test.each([
  ['no model', [field('config', YOLO)], 422, 'REQUEST_INVALID'],
  ['nothing', [], 422, 'REQUEST_INVALID'],
  ['a model that is no file', [field('model', 'onnx')], 422, 'REQUEST_INVALID'],
  ['two models', [model, model], 422, 'REQUEST_INVALID'],
  ['a config that is no JSON', [model, field('config', '{type')], 422, 'REQUEST_INVALID'],
  [
    'one that is no JSON and says to be',
    [model, { ...field('config', '{type'), type: 'application/json' }],
    422,
    'REQUEST_INVALID',
  ],
  ['a config that is not valid', [model, field('config', { type: 'Nonsense' })], 422, 'NN_CONFIG_INVALID'],
  ['a config that is too long', [model, field('config', long)], 422, 'REQUEST_INVALID'],
  ['such a config as a file', [model, { ...field('config', long), filename: 'c' }], 422, 'REQUEST_INVALID'],
  ['too many parts', [...Array(40).fill(field('more', 'x')), model], 413, 'REQUEST_TOO_LARGE'],
  ['a model that is too large', [{ ...model, content: long.repeat(4) }], 413, 'NN_MODEL_TOO_LARGE'],
  ['one that cannot be anything else', [{ ...model, content: long.repeat(7) }], 413, 'NN_MODEL_TOO_LARGE'],
  ['a name that belongs to every object', [model, field('__proto__', '{}')], 422, 'REQUEST_INVALID'],
] as const)('a form is refused, and nothing of it kept: %s', async (_which, parts, status, code) => {
  expect(await refused(parts)).toEqual([status, code]);
  expect(loaded).toEqual([]);
});

test('a body that is no form is refused', async () => {
  const json = await post('{}', 'application/json');
  expect([json.statusCode, json.json().code]).toEqual([415, 'REQUEST_MEDIA_TYPE']);
  const empty = await app.inject({ method: 'POST', url: PATH });
  expect([empty.statusCode, empty.json().code]).toEqual([422, 'REQUEST_INVALID']);
  const boundless = await post(formOf([model]), 'multipart/form-data');
  expect([boundless.statusCode, boundless.json().code]).toEqual([422, 'REQUEST_INVALID']);
  const cut = await post(formOf([model]).slice(0, -20));
  expect([cut.statusCode, cut.json().code]).toEqual([422, 'REQUEST_INVALID']);
  expect(readdirIfThere()).toEqual([]);
});

test('without the runtime a deployment is not implemented', async () => {
  refusal = new AppError('NN_RUNTIME_MISSING', 'not-implemented', 'Install onnxruntime-node.');
  expect(await refused([model])).toEqual([501, 'NN_RUNTIME_MISSING']);
});

test('nothing is read for a camera that is not there', async () => {
  const answer = await post(formOf([model]), undefined, PATH.replace('CAM1', 'NOPE'));
  expect([answer.statusCode, answer.json().code]).toEqual([404, 'CAMERA_NOT_FOUND']);
});

test('a model can be looked at and removed while its camera is away', async () => {
  await post(formOf([model]));
  present = [];
  expect((await app.inject(PATH)).json()).toEqual({ type: 'Generic' });
  expect((await app.inject(`${PATH}/stats`)).json()).toMatchObject({
    state: 'ready',
    readers: 0,
    results: 0,
  });
  const removed = await app.inject({ method: 'DELETE', url: PATH });
  expect([removed.statusCode, removed.json()]).toEqual([202, null]);
  expect((await app.inject(PATH)).json().code).toBe('CAMERA_NOT_FOUND');
  present = ['CAM1'];
  expect((await app.inject(PATH)).json()).toBeNull();
  expect((await app.inject(`${PATH}/stats`)).json().code).toBe('NN_NOT_FOUND');
});

/** Begins a deployment on a connection of its own, and waits until its model arrives. */
async function beginUpload(port: number): Promise<Socket> {
  const before = readdirIfThere().length;
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(`POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n`);
  socket.write(`Content-Type: multipart/form-data; boundary=${BOUNDARY}\r\n\r\n`);
  socket.write(formOf([model]).slice(0, -20));
  await eventually(readdirIfThere, ({ length }) => length > before, 'A file of the upload');
  return socket;
}

test('a scrape tells of every model', async () => {
  await app.register(metricsRoute, {
    version: '1',
    cameras: { cameras: () => [] },
    streamFigures: () => [],
    inferenceFigures: () => deployments.figures(),
  });
  await post(formOf([model]));
  const { body } = await app.inject('/metrics');
  const labels = 'mxid="CAM1",sensor="CAM_A"';
  expect(body).toContain(`vidicon_inference_results_total{${labels}} 0`);
  expect(body).toContain(`vidicon_inference_readers{${labels}} 0`);
  expect(body).toContain(`vidicon_inference_state{${labels},state="ready"} 1`);
  expect(body).not.toContain('vidicon_inference_seconds{');
});

test('an upload that breaks off leaves nothing and frees its place', async () => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo; // of a TCP server that listens
  for (let round = 0; round < 2; round += 1) {
    const sockets = [];
    for (let count = 0; count < 4; count += 1) sockets.push(await beginUpload(port));
    expect((await post(formOf([model]))).json().code).toBe('NN_OVERLOADED');
    for (const socket of sockets) socket.destroy();
    await eventually(readdirIfThere, ({ length }) => length === 0, 'The files being gone');
  }
  expect((await post(formOf([model]))).statusCode).toBe(201);
});

test('an upload that stalls is ended with 408 when its time is up', async () => {
  expect(app.server.requestTimeout).toBe(120_000);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo; // of a TCP server that listens
  const accepted = once(app.server, 'connection');
  const socket = await beginUpload(port);
  const [connection]: Socket[] = await accepted;
  let answer = '';
  socket.on('data', (data) => {
    answer += data.toString();
  });
  const ended = once(socket, 'close');
  // As Node does when it looks at its connections, every 5 s.
  app.server.emit(
    'clientError',
    Object.assign(new Error(), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }),
    connection,
  );
  await ended;
  expect(answer).toMatch(/^HTTP\/1.1 408 .*"code":"REQUEST_TIMEOUT"/s);
  await eventually(readdirIfThere, ({ length }) => length === 0, 'The file being gone');
});

test('a configuration of endless depth is refused', async () => {
  const deep = field('config', `{"type":"Generic","x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`);
  expect(await refused([model, deep])).toEqual([422, 'NN_CONFIG_INVALID']);
});
