import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NnClient } from '../support/nn-client.ts';
import { brightSpotDetector, constantModel, failingOnBright, slowOnBright } from '../support/onnx-graph.ts';
import { hasRuntime } from '../support/onnx-runtime.ts';
import { residentMb } from '../support/process-memory.ts';
import { eventually, Service, SIMULATED_CAMERA, untilIdle } from '../support/service.ts';
import { VideoClient } from '../support/video-client.ts';

const NN = `/cameras/${SIMULATED_CAMERA}/streams/CAM_A/nn`;
const YOLO = { type: 'YOLO', labels: ['ball'], nn_config: { confidence_threshold: 0.3 } };

interface Stats {
  readonly state: string;
  readonly problem?: { readonly code: string };
  readonly model?: { readonly executionProvider: string };
  readonly readers: number;
  readonly results: number;
  readonly errors: number;
  readonly reloads: number;
}

interface Pictures {
  readonly picturesCaptured: number;
  readonly picturesSkipped: number;
}

let folder = '';
const open: (AsyncDisposable | Disposable)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vidicon-walk-'));
});
afterEach(async () => {
  for (const each of open.splice(0).reverse()) {
    if (Symbol.asyncDispose in each) await each[Symbol.asyncDispose]();
    else each[Symbol.dispose]();
  }
  rmSync(folder, { recursive: true });
});

async function start(
  config: Record<string, unknown> = {},
  env: Record<string, string> = {},
): Promise<Service> {
  const capture = { width: 320, height: 240, frameRate: 30 };
  const service = await Service.start({
    config: { state: { folder }, streams: { capture }, ...config },
    env,
  });
  open.push(service);
  return service;
}

function deploy(
  service: Service,
  model: Uint8Array,
  config?: unknown,
  path = NN,
  signal?: AbortSignal,
): Promise<Response> {
  const form = new FormData();
  form.append('model', new Blob([Buffer.from(model)]), 'model.onnx');
  if (config !== undefined) form.append('config', JSON.stringify(config));
  return service.fetch(path, { method: 'POST', body: form, ...(signal && { signal }) });
}

async function deployed(service: Service, model: Uint8Array, config?: unknown): Promise<void> {
  const response = await deploy(service, model, config);
  expect([response.status, await response.json()]).toEqual([201, null]);
}

async function refused(response: Promise<Response>): Promise<readonly [number, unknown]> {
  const { status, code } = (await (await response).json()) as { status: number; code: unknown }; // a problem
  return [status, code];
}

function read(service: Service, path = NN): NnClient {
  const client = new NnClient(service.url + path);
  open.push(client);
  return client;
}

function watch(service: Service): VideoClient {
  const client = new VideoClient(service.videoUrl());
  open.push(client);
  return client;
}

const detector = brightSpotDetector({ width: 160, height: 160, head: 'yolov8' });
const numbers = (...values: readonly number[]): Buffer => numbersOf(values);
const numbersOf = (values: readonly number[]): Buffer =>
  constantModel({ numbers: { type: 'float32', shape: [values.length], values } });
const statsOf = (service: Service): Promise<Stats> => service.json<Stats>(`${NN}/stats`);
const modelFiles = (): string[] =>
  existsSync(join(folder, 'models')) ? readdirSync(join(folder, 'models')) : [];

test('without a model there is nothing to read, and removing it is harmless', async () => {
  const service = await start();
  expect(await service.json(NN)).toBeNull();
  expect(await NnClient.refusal(service.url + NN)).toEqual([404, 'NN_NOT_FOUND']);
  expect(await refused(service.fetch(`${NN}/stats`))).toEqual([404, 'NN_NOT_FOUND']);
  const removed = await service.fetch(NN, {
    method: 'DELETE',
    headers: { 'content-type': 'application/json' },
  });
  expect([removed.status, await removed.json()]).toEqual([202, null]);
  const unknown = NN.replace(SIMULATED_CAMERA, 'NOPE');
  expect(await NnClient.refusal(service.url + unknown)).toEqual([404, 'CAMERA_NOT_FOUND']);
  expect(await refused(service.fetch(unknown))).toEqual([404, 'CAMERA_NOT_FOUND']);
  expect(await refused(deploy(service, numbers(1), undefined, unknown))).toEqual([404, 'CAMERA_NOT_FOUND']);
});

test('a model of 500 MB is refused before it has arrived, and none of it is kept', async () => {
  const service = await start({ inference: { maxModelBytes: 8 * 1024 * 1024 } });
  const before = residentMb(service.pid);
  const zeros = Buffer.alloc(64 * 1024);
  const upload = request(service.url + NN, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
  });
  const answered = once(upload, 'response');
  upload.write('--x\r\nContent-Disposition: form-data; name="model"; filename="m.onnx"\r\n\r\n');
  let sent = 0;
  let isAnswered = false;
  void answered.then(() => {
    isAnswered = true;
  });
  while (!isAnswered && sent < 500 * 1024 * 1024) {
    sent += zeros.length;
    if (!upload.write(zeros)) await Promise.race([once(upload, 'drain'), answered]);
  }
  const [response]: IncomingMessage[] = await answered;
  let body = '';
  for await (const text of response ?? []) body += text;
  upload.destroy();
  expect([response?.statusCode, JSON.parse(body).code]).toEqual([413, 'NN_MODEL_TOO_LARGE']);
  expect(sent).toBeLessThan(100 * 1024 * 1024);
  expect(residentMb(service.pid) - before).toBeLessThan(100);
  expect(modelFiles()).toEqual([]);
  const sized = deploy(service, Buffer.alloc(12 * 1024 * 1024));
  expect(await refused(sized)).toEqual([413, 'NN_MODEL_TOO_LARGE']);
});

test('without the runtime a deployment says how to install it, and the rest of the service works', async () => {
  const resolve = `export const resolve = (name, context, next) => {
    if (name === 'onnxruntime-node') throw new Error('Cannot find package onnxruntime-node');
    return next(name, context);
  };`;
  const url = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;
  const hook = `import { register } from 'node:module'; register(${JSON.stringify(url(resolve))});`;
  const service = await start({}, { NODE_OPTIONS: `--import=${url(hook)}` });
  const response = await deploy(service, numbers(1));
  expect([response.status, await response.json()]).toMatchObject([
    501,
    { code: 'NN_RUNTIME_MISSING', detail: expect.stringContaining('npm install onnxruntime-node') },
  ]);
  expect(modelFiles()).toEqual([]);
  expect(await service.json(NN)).toBeNull();
});

describe.skipIf(!hasRuntime())('with onnxruntime-node', () => {
  test('results belong to pictures of the video, which goes on as before', async () => {
    const service = await start();
    const pictures = (): Promise<Pictures> => service.json<Pictures>(NN.replace(/nn$/, 'stats'));
    await deployed(service, detector, YOLO);
    expect(await service.json(NN)).toEqual(YOLO);
    const video = watch(service);
    await video.more(30);
    const before = await pictures();
    const client = read(service);
    await client.more(60);
    const last = client.results.at(-1);
    await video.until(
      ({ fragments }) => (fragments.at(-1)?.dtsTicks ?? 0) > (last?.pts ?? 0),
      'The last one',
    );
    const after = await pictures();
    // A busy machine's encoder leaves pictures out, with and without a model.
    const skipped = after.picturesSkipped - before.picturesSkipped;
    expect(skipped).toBeLessThan((after.picturesCaptured - before.picturesCaptured) / 4);
    const shown = new Map(video.fragments.map(({ dtsTicks, capturedWallUs }) => [dtsTicks, capturedWallUs]));
    const strays = client.results.filter(({ pts }) => pts === null || !shown.has(pts));
    expect(strays.length).toBeLessThanOrEqual(skipped);
    for (const { pts, capture_ts_us } of client.results) {
      expect(Math.abs(capture_ts_us - (shown.get(pts ?? -1) ?? capture_ts_us))).toBeLessThan(2000);
    }
    const [first] = client.results;
    expect(first).toMatchObject({ seq: 1, timescale: 90_000, width: 320, height: 240 });
    expect(first?.detections[0]).toMatchObject({ label: 0, name: 'ball' });
    expect(Math.abs((first?.capture_ts_us ?? 0) / 1000 - Date.now())).toBeLessThan(30_000);
  });

  test('every client gets every result', async () => {
    const service = await start();
    await deployed(service, numbers(1, 2, 3));
    const [first, second] = [read(service), read(service)];
    await Promise.all([first.more(30), second.more(30)]);
    const common = (client: NnClient): number[] =>
      client.results.map(({ seq }) => seq).filter((seq) => seq >= from && seq < from + 20);
    const from = Math.max(first.results[0]?.seq ?? 0, second.results[0]?.seq ?? 0);
    expect(common(first)).toHaveLength(20);
    expect(common(second)).toEqual(common(first));
    expect(first.results[0]).toMatchObject({ detections: [1, 2, 3], pts: null });
    expect(await statsOf(service)).toMatchObject({ state: 'ready', readers: 2, errors: 0 });
  });

  test('a new model takes over while clients stay, and one that is refused does not', async () => {
    const service = await start();
    await deployed(service, numbers(1));
    const client = read(service);
    await client.more(3);
    expect(await refused(deploy(service, detector.subarray(0, 200), YOLO))).toEqual([
      422,
      'NN_MODEL_INVALID',
    ]);
    expect(await refused(deploy(service, myriadBlob()))).toEqual([422, 'NN_MODEL_BLOB']);
    expect(await refused(deploy(service, numbers(2), { type: 'Nonsense' }))).toEqual([
      422,
      'NN_CONFIG_INVALID',
    ]);
    await client.more(3);
    expect(client.results.at(-1)?.detections).toEqual([1]);
    await deployed(service, numbers(2), { type: 'Generic', fps: 30 });
    await client.until(({ results }) => results.at(-1)?.detections[0] === 2, 'A result of the new model');
    expect(await service.json(NN)).toEqual({ type: 'Generic', fps: 30 });
    expect(modelFiles()).toHaveLength(1);
    expect(client.closed).toBeUndefined();
  });

  test('a model that says nonsense is told as numbers that JSON has', async () => {
    const service = await start();
    await deployed(service, numbers(Number.NaN, Number.POSITIVE_INFINITY, 0.5));
    const client = read(service);
    await client.more(3);
    const { detections = [] } = client.results[0] ?? {};
    expect(detections).toHaveLength(3);
    expect(detections[2]).toBe(0.5);
  });

  test('a model that fails on pictures keeps its clients and tells why', async () => {
    const service = await start();
    const response = await deploy(service, failingOnBright(), { type: 'Generic', input: { scale: 1 } });
    expect(response.status).toBe(201);
    const client = read(service);
    const stats = await eventually(
      () => statsOf(service),
      ({ errors, reloads }) => errors >= 4 && reloads >= 1,
      'Failures that lead to loading the model anew',
    );
    expect(stats.problem?.code).toBe('NN_RUNTIME_FAILED');
    expect(client.closed).toBeUndefined();
    await deployed(service, numbers(7));
    await client.more(1);
  });

  test('a model is removed while it runs: clients are told, memory and file are gone', async () => {
    const service = await start();
    await deployed(service, detector, YOLO);
    const client = read(service);
    await client.more(5);
    const threads = service.threads();
    const removed = await service.fetch(NN, { method: 'DELETE' });
    expect([removed.status, await removed.json()]).toEqual([202, null]);
    await eventually(
      () => client.closed,
      (closed) => closed !== undefined,
      'The socket closing',
    );
    expect(client.closed).toEqual({ code: 1000, reason: 'The model was removed.' });
    expect(await service.json(NN)).toBeNull();
    expect(modelFiles()).toEqual([]);
    await eventually(
      () => service.threads(),
      (count) => count < threads,
      "The end of the model's thread",
    );
  });

  test('models come and go while the runtime computes, and nothing of them stays', async () => {
    const service = await start();
    const slow = slowOnBright(1_000_000);
    const round = async (): Promise<void> => {
      await deployed(service, slow);
      const client = read(service);
      await client.more(1);
      // The next picture is at work now, for half a second or so.
      expect((await service.fetch(NN, { method: 'DELETE' })).status).toBe(202);
      await eventually(
        () => client.closed,
        (closed) => closed !== undefined,
        'The socket closing',
      );
    };
    const atRest = async (): Promise<{ threads: number; fds: number; memory: number }> => {
      await untilIdle(service);
      await eventually(
        () => service.threads(),
        (count) => count <= threads,
        "The end of the models' threads",
      );
      return { threads: service.threads(), fds: service.openFds(), memory: residentMb(service.pid) };
    };
    let threads = Number.POSITIVE_INFINITY;
    await deployed(service, numbers(1));
    await service.fetch(NN, { method: 'DELETE' });
    ({ threads } = await atRest());
    await round();
    const before = await atRest();
    for (let count = 0; count < 3; count += 1) await round();
    const gone = deploy(service, slow, { type: 'Generic' }, NN, AbortSignal.timeout(30));
    await expect(gone).rejects.toThrow();
    const after = await atRest();
    expect(after.fds).toBeLessThanOrEqual(before.fds + 2); // connections that the test itself keeps
    expect(after.memory - before.memory).toBeLessThan(60);
    await eventually(modelFiles, ({ length }) => length === 0, 'The last file being gone');
  });

  test('a runtime that hangs keeps neither the removal of its model nor the end of the service', async () => {
    const service = await start();
    open.push({ [Symbol.dispose]: () => void service.process.kill('SIGKILL') }); // if it does not end by itself
    await deployed(service, slowOnBright(2_000_000_000), { type: 'Generic', num_inference_threads: 1 });
    read(service);
    await eventually(
      () => statsOf(service),
      ({ state, readers }) => state === 'ready' && readers === 1,
      'The model being there',
    );
    await watch(service).more(15);
    const startedAt = performance.now();
    expect((await service.fetch(NN, { method: 'DELETE' })).status).toBe(202);
    expect(performance.now() - startedAt).toBeLessThan(3000);
    await deployed(service, numbers(1));
    await read(service).more(3);
    const { code, tookMs } = await service.stop();
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(5000);
  });

  test('a client that does not read costs one result, and the others get theirs', async () => {
    const service = await start();
    await deployed(service, numbersOf(Array.from({ length: 200_000 }, (_, place) => place / 7)));
    const [stuck, other] = [read(service), read(service)];
    await stuck.more(1);
    stuck.socket.pause();
    await other.more(5);
    const before = residentMb(service.pid);
    await other.more(40);
    expect(residentMb(service.pid) - before).toBeLessThan(100);
    expect(other.closed).toBeUndefined();
  });

  test('a camera that vanishes and returns takes no client along', async () => {
    const vanish = { kind: 'vanish', afterMs: 1500, durationMs: 1000 };
    const service = await start({ cameras: { simulated: { enabled: 'always', faults: [vanish] } } });
    await deployed(service, numbers(1));
    const client = read(service);
    await client.until(
      ({ results }) =>
        results.some((result, index) => {
          const before = results[index - 1];
          return before !== undefined && result.capture_ts_us - before.capture_ts_us > 900_000;
        }),
      'Results after a gap',
    );
    expect(client.closed).toBeUndefined();
  });

  test('a model outlasts a restart of the service', async () => {
    const before = await start();
    await deployed(before, numbers(4), { type: 'Generic', labels: ['four'] });
    await before.stop();
    const after = await start();
    expect(await after.json(NN)).toEqual({ type: 'Generic', labels: ['four'] });
    expect((await statsOf(after)).state).toBe('idle');
    const client = read(after);
    await client.more(2);
    expect(client.results[0]).toMatchObject({ detections: [4], labels: ['four'] });
  });
});

/** The beginning of a file of Intel's compiler for the Myriad X. */
function myriadBlob(): Buffer {
  const blob = Buffer.alloc(4096);
  blob.write('\x7fELF', 'latin1');
  blob.writeUInt32LE(9709, 60);
  blob.writeUInt32LE(6, 68);
  return blob;
}
