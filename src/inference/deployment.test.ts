import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock, settle } from '../../test/support/fake-clock.ts';
import { type FakeEngine, FakeEngines } from '../../test/support/fake-engine.ts';
import type { AppError } from '../core/app-error.ts';
import type { AccessUnit } from '../media/coded.ts';
import { Reader, type ReaderListener } from '../streams/reader.ts';
import { Deployment, type InferenceSensor } from './deployment.ts';
import { modelInvalid, runtimeFailed } from './errors.ts';
import { parseModelConfig } from './parse-model-config.ts';
import type { ResultReader } from './result-reader.ts';

/** Pictures of a sensor whose video has begun with the clock: a test takes them. */
class FakeSensor implements InferenceSensor {
  readonly clock: FakeClock;
  readonly #originUs: number;
  #readers: Reader[] = [];
  #count = 0;

  constructor(clock: FakeClock) {
    this.clock = clock;
    this.#originUs = clock.monotonicUs();
  }

  readonly video = {
    ticksAt: (capturedUs: number): number => Math.round(((capturedUs - this.#originUs) * 9) / 100),
  };
  readonly pictures = {
    join: (transport: string, listener: ReaderListener): Reader => {
      const limits = { maxBytes: 1e6, maxMs: 2000 };
      const reader = new Reader(1, transport, limits, listener, this.clock.monotonicUs());
      this.#readers.push(reader);
      return reader;
    },
    leave: (reader: Reader): void => {
      this.#readers = this.#readers.filter((each) => each !== reader);
    },
  };

  get isRead(): boolean {
    return this.#readers.length > 0;
  }

  /** Takes a picture now. */
  take(): AccessUnit {
    this.#count += 1;
    const capturedUs = this.clock.monotonicUs();
    const config = {
      kind: 'video',
      codec: 'raw',
      codecString: 'raw',
      pixelFormat: 'GREY',
      width: 2,
      height: 1,
    } as const;
    const unit: AccessUnit = {
      track: { id: 1, timescale: 90_000, epoch: 1, config },
      data: Uint8Array.of(this.#count, 0),
      ptsTicks: this.#count,
      dtsTicks: this.#count,
      durationTicks: 3000,
      isSync: true,
      sequence: this.#count,
      capturedUs,
      capturedWallUs: this.clock.wallUsAt(capturedUs),
    };
    for (const reader of this.#readers) reader.offer(unit);
    return unit;
  }

  /** The stream lets go of its readers. */
  end(reason: AppError): void {
    for (const reader of this.#readers.splice(0)) reader.close(reason);
  }
}

/** A client: takes its results at once unless it is slow. */
class Client {
  readonly results: { readonly seq: number; readonly detections: number[]; readonly pts: number }[] = [];
  readonly reader: ResultReader;
  isSlow = false;
  closed: { readonly reason: AppError | undefined } | undefined;

  constructor(deployment: Deployment, sensor: InferenceSensor) {
    this.reader = deployment.join(sensor, {
      onReadable: () => !this.isSlow && this.take(),
      onClosed: (reason) => {
        this.closed = { reason };
      },
    });
  }

  take(): void {
    const message = this.reader.take();
    if (message !== undefined) this.results.push(JSON.parse(message.toString()));
  }
}

const model = (config: object = {}, file = '/models/one.onnx') => ({
  file,
  config: parseModelConfig({ type: 'Generic', ...config }),
});

let clock: FakeClock;
let engines: FakeEngines;
let sensor: FakeSensor;
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const open: Deployment[] = [];

beforeEach(() => {
  clock = new FakeClock();
  engines = new FakeEngines();
  sensor = new FakeSensor(clock);
});
afterEach(async () => {
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]();
  expect(clock.pendingTimers).toBe(0);
});

function deployment(config: object = {}): Deployment {
  const options = {
    name: 'CAM1/CAM_A',
    maxReaders: 2,
    openEngine: engines.open,
    clock,
    log,
    random: () => 0.5,
  };
  const made = new Deployment(options, model(config));
  open.push(made);
  return made;
}

/** A deployment whose engine is loaded for one client. */
async function running(config: object = {}) {
  const made = deployment(config);
  const client = new Client(made, sensor);
  const engine = engines.newest.load();
  await settle();
  return { deployment: made, client, engine };
}

async function inferred(engine: FakeEngine, ...numbers: number[]): Promise<void> {
  engine.answer(...numbers);
  await settle();
}

test('nothing is loaded and no picture taken before somebody reads', () => {
  const made = deployment();
  expect(engines.openings).toHaveLength(0);
  expect(sensor.isRead).toBe(false);
  expect(made.stats()).toMatchObject({ state: 'idle', readers: 0 });
});

test('the newest picture goes into the model, one at a time, and the others are counted', async () => {
  const { deployment: made, client, engine } = await running();
  sensor.take();
  for (let count = 0; count < 3; count += 1) {
    await clock.advance(10);
    sensor.take();
  }
  await clock.advance(5);
  expect(engine.pictures.map(({ data }) => data[0])).toEqual([1]);
  await inferred(engine, 0.5);
  expect(engine.pictures.map(({ data }) => data[0])).toEqual([1, 4]);
  await inferred(engine, 0.25);
  expect(client.results).toMatchObject([
    { seq: 1, detections: [0.5], pts: 0, timescale: 90_000, width: 2, height: 1, latency_ms: 35 },
    { seq: 2, detections: [0.25], pts: 2700, latency_ms: 5 },
  ]);
  expect(made.stats()).toMatchObject({
    state: 'ready',
    results: 2,
    dropped: 2,
    inferenceMs: { p50: 4, max: 4 },
    queueMs: { p50: 0, max: 5 },
  });
});

test('the bytes of a picture stay whole: the engine gets its own', async () => {
  const { engine } = await running();
  const unit = sensor.take();
  const [picture] = engine.pictures;
  expect(picture?.data).toEqual(unit.data);
  expect(picture?.data.buffer).not.toBe(unit.data.buffer);
});

test('every reader gets every result, and a slow one the newest', async () => {
  const { deployment: made, client, engine } = await running();
  const slow = new Client(made, sensor);
  slow.isSlow = true;
  for (const number of [1, 2, 3]) {
    sensor.take();
    await inferred(engine, number);
    await clock.advance(33);
  }
  slow.take();
  expect(client.results.map(({ detections }) => detections)).toEqual([[1], [2], [3]]);
  expect(slow.results.map(({ detections }) => detections)).toEqual([[3]]);
  expect(made.stats().skipped).toBe(2);
  made.leave(slow.reader);
  expect(made.stats()).toMatchObject({ skipped: 2, readers: 1 });
});

test('there is room for so many readers', async () => {
  const { deployment: made } = await running();
  new Client(made, sensor);
  expect(() => new Client(made, sensor)).toThrow(
    expect.objectContaining({ code: 'STREAM_TOO_MANY_READERS' }),
  );
});

test('with fps, pictures above it are left out', async () => {
  const { client, engine } = await running({ fps: 10 });
  for (let count = 0; count < 60; count += 1) {
    sensor.take();
    if (engine.isBusy) await inferred(engine, 1);
    await clock.advance(33.333);
  }
  expect(client.results.length).toBeGreaterThanOrEqual(19);
  expect(client.results.length).toBeLessThanOrEqual(21);
});

test('the last reader ends the pictures at once and the engine after a while', async () => {
  const { deployment: made, client, engine } = await running();
  made.leave(client.reader);
  expect(sensor.isRead).toBe(false);
  await clock.advance(9000);
  expect(engine.isOpen).toBe(true);
  const again = new Client(made, sensor);
  await clock.advance(9000);
  expect(engine.isOpen).toBe(true);
  expect(engines.openings).toHaveLength(1);
  made.leave(again.reader);
  await clock.advance(10_000);
  expect(engine.isOpen).toBe(false);
  expect(made.stats().state).toBe('idle');
});

test('a result that comes after everybody has left disturbs nothing', async () => {
  const { deployment: made, client, engine } = await running();
  sensor.take();
  made.leave(client.reader);
  await inferred(engine, 1);
  expect(client.results).toEqual([]);
  expect(made.stats()).toMatchObject({ results: 0, errors: 0 });
});

test('another model takes over while readers stay, and the one before is let go', async () => {
  const { deployment: made, client, engine } = await running();
  sensor.take();
  const next = new FakeEngines();
  void next.open('/models/two.onnx', model().config, { signal: new AbortController().signal });
  const second = next.newest.load();
  made.replace(model({ fps: 5 }, '/models/two.onnx'), second);
  await inferred(engine, 1);
  expect(engine.isOpen).toBe(false);
  sensor.take();
  await inferred(second, 2);
  expect(client.results).toMatchObject([{ seq: 1, detections: [2] }]);
  expect(made.config.fps).toBe(5);
  expect(client.closed).toBeUndefined();
});

test('a failure costs a picture; the next one is tried', async () => {
  const { deployment: made, client, engine } = await running();
  sensor.take();
  engine.fail(runtimeFailed('out of luck'));
  await settle();
  expect(made.stats()).toMatchObject({ errors: 1, problem: { code: 'NN_RUNTIME_FAILED' } });
  sensor.take();
  await inferred(engine, 1);
  expect(client.results).toHaveLength(1);
  expect(made.stats().problem).toBeUndefined();
});

async function failThrice(engine: FakeEngine): Promise<void> {
  for (let count = 0; count < 3; count += 1) {
    sensor.take();
    engine.fail(runtimeFailed('its thread has ended'));
    await settle();
  }
}

test('an engine that fails again and again is loaded anew, with longer and longer waits', async () => {
  const { deployment: made, client, engine } = await running();
  await failThrice(engine);
  expect(engine.isOpen).toBe(false);
  expect(made.stats()).toMatchObject({ state: 'backoff', reloads: 1 });
  await clock.advance(499);
  expect(engines.openings).toHaveLength(1);
  await clock.advance(1);
  expect(engines.openings).toHaveLength(2);
  engines.newest.refuse(modelInvalid('the disk is gone'));
  await settle();
  expect(made.stats()).toMatchObject({ state: 'backoff', problem: { code: 'NN_MODEL_INVALID' } });
  await clock.advance(1000);
  expect(engines.openings).toHaveLength(3);
  const third = engines.newest.load();
  await settle();
  sensor.take();
  await inferred(third, 1);
  expect(client.results).toHaveLength(1);
  expect(client.closed).toBeUndefined();
});

test('nobody reads any more: a failed engine is not loaded anew', async () => {
  const { deployment: made, client, engine } = await running();
  await failThrice(engine);
  made.leave(client.reader);
  await clock.advance(60_000);
  expect(engines.openings).toHaveLength(1);
  expect(made.stats().state).toBe('idle');
});

test('a model that has never loaded and does not load lets its readers go, and is tried for the next', async () => {
  const made = deployment();
  const client = new Client(made, sensor);
  const error = modelInvalid('it is no model');
  engines.newest.refuse(error);
  await settle();
  expect(client.closed?.reason).toBe(error);
  expect(sensor.isRead).toBe(false);
  new Client(made, sensor);
  expect(engines.openings).toHaveLength(2);
});

test('a stream that lets go of its readers takes those of the results along', async () => {
  const { deployment: made, client } = await running();
  const reason = runtimeFailed('deactivated');
  sensor.end(reason);
  expect(client.closed?.reason).toBe(reason);
  const again = new Client(made, sensor);
  expect(sensor.isRead).toBe(true);
  expect(again.closed).toBeUndefined();
});

test('removed while it runs, it lets go of readers, pictures and memory', async () => {
  const { deployment: made, client, engine } = await running();
  sensor.take();
  await made[Symbol.asyncDispose]();
  expect(client.closed).toEqual({ reason: undefined });
  expect(sensor.isRead).toBe(false);
  expect(engine.isOpen).toBe(false);
  await inferred(engine, 1);
  expect(client.results).toEqual([]);
});

test('removed while it loads, it ends the loading', async () => {
  const made = deployment();
  new Client(made, sensor);
  await made[Symbol.asyncDispose]();
  expect(engines.newest.signal.aborted).toBe(true);
});
