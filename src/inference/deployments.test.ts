import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock, settle } from '../../test/support/fake-clock.ts';
import { FakeEngines } from '../../test/support/fake-engine.ts';
import { eventually } from '../../test/support/service.ts';
import { StateFolder } from '../core/state-folder.ts';
import { Deployments } from './deployments.ts';
import { modelInvalid } from './errors.ts';
import { ModelStore, type ModelUpload } from './model-store.ts';
import { parseModelConfig } from './parse-model-config.ts';

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const config = (fps: number) => parseModelConfig({ type: 'Generic', fps });
const { signal } = new AbortController();

let root = '';
let engines: FakeEngines;
let store: ModelStore;
let deployments: Deployments;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'vidicon-models-'));
  engines = new FakeEngines();
  await open();
});
afterEach(async () => {
  await deployments[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

async function open(): Promise<void> {
  store = await ModelStore.open(join(root, 'models'), { state: new StateFolder(root), maxBytes: 1000, log });
  deployments = new Deployments({
    store,
    openEngine: engines.open,
    maxReaders: 10,
    clock: new FakeClock(),
    log,
    random: () => 0.5,
  });
}

async function upload(): Promise<ModelUpload> {
  return store.receive(
    (async function* () {
      yield Buffer.from('onnx');
    })(),
  );
}

/** Begins a deployment, and waits until so many engines have been asked for in all. */
async function deploy(sensor: string, fps: number, asked: number): Promise<{ readonly done: Promise<void> }> {
  const done = deployments.deploy('CAM1', sensor, await upload(), config(fps), { signal });
  done.catch(() => undefined); // the test looks later
  await eventually(
    () => engines.openings.length,
    (count) => count >= asked,
    'Asking for an engine',
  );
  return { done };
}

test('a model is deployed once it has loaded, is there after a restart, and can be removed', async () => {
  const { done } = await deploy('CAM_A', 5, 1);
  expect(deployments.get('CAM1', 'CAM_A')).toBeUndefined();
  engines.newest.load();
  await done;
  expect(deployments.get('CAM1', 'CAM_A')?.config.fps).toBe(5);
  await deployments[Symbol.asyncDispose]();
  await open();
  expect(deployments.get('CAM1', 'CAM_A')?.stats()).toMatchObject({ state: 'idle', readers: 0 });
  await deployments.remove('CAM1', 'CAM_A');
  await deployments.remove('CAM1', 'CAM_A');
  expect(deployments.get('CAM1', 'CAM_A')).toBeUndefined();
  expect(readdirSync(join(root, 'models'))).toEqual([]);
});

test('a model that does not load leaves the one before alone', async () => {
  const first = await deploy('CAM_A', 5, 1);
  const engine = engines.newest.load();
  await first.done;
  const second = await deploy('CAM_A', 9, 2);
  engines.newest.refuse(modelInvalid('it is none'));
  await expect(second.done).rejects.toMatchObject({ code: 'NN_MODEL_INVALID' });
  expect(deployments.get('CAM1', 'CAM_A')?.config.fps).toBe(5);
  expect(engine.isOpen).toBe(true);
});

test('a model that cannot be kept is not run', async () => {
  const { done } = await deploy('CAM_A', 5, 1);
  rmSync(join(root, 'models'), { recursive: true });
  const engine = engines.newest.load();
  await expect(done).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
  expect(engine.isOpen).toBe(false);
  expect(deployments.get('CAM1', 'CAM_A')).toBeUndefined();
});

test('deployments on one sensor follow each other, those on others do not wait', async () => {
  const first = await deploy('CAM_A', 1, 1);
  const second = deployments.deploy('CAM1', 'CAM_A', await upload(), config(2), { signal });
  const other = await deploy('CAM_B', 3, 2);
  engines.newest.load();
  await other.done;
  expect(engines.openings.map((opening) => opening.config.fps)).toEqual([1, 3]);
  engines.openings[0]?.load();
  await first.done;
  await eventually(
    () => engines.openings.length,
    (count) => count === 3,
    'Asking for the second engine',
  );
  engines.newest.load();
  await second;
  expect(deployments.get('CAM1', 'CAM_A')?.config.fps).toBe(2);
});

test('a client that goes away while its model loads ends the loading', async () => {
  const client = new AbortController();
  const done = deployments.deploy('CAM1', 'CAM_A', await upload(), config(1), { signal: client.signal });
  await settle();
  client.abort();
  await expect(done).rejects.toThrow();
  expect(engines.newest.signal.aborted).toBe(true);
  expect(deployments.get('CAM1', 'CAM_A')).toBeUndefined();
});

test('the service stops while a model loads', async () => {
  const { done } = await deploy('CAM_A', 1, 1);
  await deployments[Symbol.asyncDispose]();
  await expect(done).rejects.toThrow();
});
