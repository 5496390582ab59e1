import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StateFolder } from '../core/state-folder.ts';
import { ModelStore } from './model-store.ts';
import { parseModelConfig } from './parse-model-config.ts';

let root = '';
let folder = '';
let complaints: string[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vidicon-models-'));
  folder = join(root, 'models');
  complaints = [];
});
afterEach(() => rmSync(root, { recursive: true }));

const log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: (_fields: object, message: string) => void complaints.push(message),
};
const open = (maxBytes = 1000): Promise<ModelStore> =>
  ModelStore.open(folder, { state: new StateFolder(root), maxBytes, log });
const files = (): string[] => (existsSync(folder) ? readdirSync(folder) : []);
const generic = parseModelConfig({ type: 'Generic' });

async function* bytes(...chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function keep(store: ModelStore, sensor: string, content: string): Promise<string> {
  const upload = await store.receive(bytes(content));
  const { file } = await store.keep(sensor, upload, generic);
  await upload[Symbol.asyncDispose]();
  return file;
}

test('a model is kept with its configuration, and is there after a restart', async () => {
  const store = await open();
  const config = parseModelConfig({ type: 'YOLO', labels: ['ball'] });
  const upload = await store.receive(bytes('on', 'nx'));
  await store.keep('CAM1/CAM_A', upload, config);
  await upload[Symbol.asyncDispose]();
  const model = (await open()).models.get('CAM1/CAM_A');
  expect(model?.config).toEqual(config);
  expect(readFileSync(model?.file ?? '', 'utf8')).toBe('onnx');
});

test('a new model takes the place of the old one, whose file is removed', async () => {
  const store = await open();
  await keep(store, 'CAM1/CAM_A', 'old');
  const file = await keep(store, 'CAM1/CAM_A', 'new');
  expect(files().map((name) => join(folder, name))).toEqual([file]);
  expect((await open()).models.get('CAM1/CAM_A')?.file).toBe(file);
});

test('models of several sensors, kept at the same time, are all kept', async () => {
  const store = await open();
  const sensors = ['A', 'B', 'C', 'D'].map((letter) => `CAM1/CAM_${letter}`);
  await Promise.all(sensors.map((sensor) => keep(store, sensor, sensor)));
  expect([...(await open()).models.keys()].sort()).toEqual(sensors);
});

test('what is forgotten is gone from the disk', async () => {
  const store = await open();
  await keep(store, 'CAM1/CAM_A', 'onnx');
  await store.forget('CAM1/CAM_A');
  await store.forget('CAM1/CAM_A');
  expect(files()).toEqual([]);
  expect((await open()).models.size).toBe(0);
});

test('a model that is too large is refused while it arrives, and nothing of it stays', async () => {
  const store = await open(5);
  let taken = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      taken += 1;
      yield Buffer.from('abc');
    }
  }
  await expect(store.receive(endless())).rejects.toMatchObject({ code: 'NN_MODEL_TOO_LARGE' });
  expect(taken).toBe(2);
  expect(files()).toEqual([]);
});

test('an upload that breaks off, and one that is not kept, leave nothing', async () => {
  const store = await open();
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('on');
    throw new Error('The client is gone.');
  }
  await expect(store.receive(broken())).rejects.toThrow('The client is gone.');
  const upload = await store.receive(bytes('onnx'));
  expect(files()).toHaveLength(1);
  await upload[Symbol.asyncDispose]();
  await upload[Symbol.asyncDispose]();
  expect(files()).toEqual([]);
});

test('only so many uploads are taken at once', async () => {
  const store = await open();
  const uploads = await Promise.all([1, 2, 3, 4].map(() => store.receive(bytes('onnx'))));
  await expect(store.receive(bytes('onnx'))).rejects.toMatchObject({ code: 'NN_OVERLOADED' });
  await uploads[0]?.[Symbol.asyncDispose]();
  await store.receive(bytes('onnx'));
});

test('leftovers of a service that was killed are removed at the start', async () => {
  const file = await keep(await open(), 'CAM1/CAM_A', 'onnx');
  writeFileSync(join(folder, '0e9d1b52-6f0b-4c39-8d2a-111111111111.part'), 'half');
  writeFileSync(join(folder, '0e9d1b52-6f0b-4c39-8d2a-222222222222.onnx'), 'replaced');
  await open();
  expect(files().map((name) => join(folder, name))).toEqual([file]);
});

test.each([
  ['its file is gone', { file: '0e9d1b52-6f0b-4c39-8d2a-111111111111.onnx', config: { type: 'Generic' } }],
  ['its file is elsewhere', { file: '../secret.onnx', config: { type: 'Generic' } }],
  ['its configuration is not valid', { file: '0e9d1b52-6f0b-4c39-8d2a-222222222222.onnx', config: {} }],
  ['its entry is nothing', null],
])('a model is left out with a word in the log when %s', async (_when, entry) => {
  mkdirSync(folder);
  writeFileSync(join(folder, '0e9d1b52-6f0b-4c39-8d2a-222222222222.onnx'), 'onnx');
  writeFileSync(join(root, 'models.json'), JSON.stringify({ 'CAM1/CAM_A': entry }));
  expect((await open()).models.size).toBe(0);
  expect(complaints).toEqual(['the model of CAM1/CAM_A is lost; deploy it again']);
});

test('when the state cannot be written, the old model stays', async () => {
  const store = await open();
  const file = await keep(store, 'CAM1/CAM_A', 'old');
  const upload = await store.receive(bytes('new'));
  mkdirSync(join(root, 'models.json.new')); // in the way of the next document
  await expect(store.keep('CAM1/CAM_A', upload, generic)).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
  expect(store.models.get('CAM1/CAM_A')?.file).toBe(file);
  expect(files().map((name) => join(folder, name))).toEqual([file]);
  rmSync(join(root, 'models.json.new'), { recursive: true, force: true });
  expect((await open()).models.get('CAM1/CAM_A')?.file).toBe(file);
});

test('a folder that takes no file is told of', async () => {
  const store = await open();
  writeFileSync(folder, 'not a folder');
  await expect(store.receive(bytes('onnx'))).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
});
