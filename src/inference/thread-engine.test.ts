import { Worker } from 'node:worker_threads';
import { describe, expect, test, vi } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { ModelFolder } from '../../test/support/model-folder.ts';
import { constantModel, echoModel, failingOnBright, slowOnBright } from '../../test/support/onnx-graph.ts';
import { hasRuntime } from '../../test/support/onnx-runtime.ts';
import { eventually } from '../../test/support/service.ts';
import { systemClock } from '../core/clock.ts';
import type { Engine, InferencePicture } from './engine.ts';
import { EngineThreads, parseModelConfig } from './index.ts';
import type { Inference } from './result.ts';

const never = new AbortController().signal;
const threads = new EngineThreads(systemClock);

async function open(
  bytes: Uint8Array,
  config: Record<string, unknown> = {},
  signal = never,
): Promise<Engine> {
  using folder = new ModelFolder();
  return await threads.open(folder.file(bytes), parseModelConfig({ type: 'Generic', ...config }), { signal });
}

const grey = (sample: number): InferencePicture => ({
  pixelFormat: 'GREY',
  width: 1,
  height: 1,
  data: Uint8Array.of(sample),
});

/** What clients are told of an inference. */
const said = ({ findings }: Inference) => JSON.parse(`{${Buffer.from(findings)}}`);

const failed = (message: RegExp) =>
  expect.objectContaining({
    code: 'NN_RUNTIME_FAILED',
    kind: 'unavailable',
    message: expect.stringMatching(message),
  });

const numbers = { type: 'float32', shape: [2], values: [1, 2] } as const;

test('what is no model is refused with its own code', async () => {
  await expect(open(Buffer.from('PK\x03\x04'))).rejects.toThrow(
    expect.objectContaining({ code: 'NN_MODEL_INVALID', kind: 'invalid' }),
  );
});

test('opening that was called off, before or during, rejects with the reason', async () => {
  const reason = new Error('the sensor is gone');
  await expect(open(constantModel({ numbers }), {}, AbortSignal.abort(reason))).rejects.toBe(reason);
  const controller = new AbortController();
  const opening = open(constantModel({ numbers }), {}, controller.signal);
  controller.abort(reason);
  await expect(opening).rejects.toBe(reason);
});

describe.skipIf(!hasRuntime())('with onnxruntime-node', () => {
  test('an engine says what its model is, and answers each picture with plain values', async () => {
    await using engine = await open(constantModel({ numbers, more: numbers }));
    expect(engine.info.outputs).toEqual([
      { name: 'numbers', shape: [2] },
      { name: 'more', shape: [2] },
    ]);
    for (const sample of [0, 255]) {
      const inference = await engine.infer(grey(sample));
      expect(said(inference)).toEqual({
        detections: [1, 2],
        outputs: { more: { shape: [2], data: [1, 2] } },
      });
      expect(inference).toMatchObject({ modelUs: expect.any(Number), overheadUs: expect.any(Number) });
    }
  });

  test('two models run at the same time, and one goes on when the other is closed', async () => {
    await using first = await open(constantModel({ numbers }));
    const second = await open(echoModel({ name: 'x', type: 'uint8', shape: [1, 1, 1, 1] }));
    const both = await Promise.all([first.infer(grey(7)), second.infer(grey(7))]);
    expect(both.map((each) => said(each).detections)).toEqual([[1, 2], [7]]);
    await second[Symbol.asyncDispose]();
    expect(said(await first.infer(grey(7))).detections).toEqual([1, 2]);
  });

  test('the bytes of a picture are handed over, and those of a part of some memory are not taken', async () => {
    await using engine = await open(echoModel({ name: 'x', type: 'uint8', shape: [1, 1, 1, 3] }));
    const whole = grey(7);
    expect(said(await engine.infer(whole)).detections).toEqual([7, 7, 7]);
    expect(whole.data.byteLength).toBe(0);
    const memory = Uint8Array.of(1, 2, 3);
    const part = { ...whole, data: memory.subarray(1, 2) };
    expect(said(await engine.infer(part)).detections).toEqual([2, 2, 2]);
    expect([...memory]).toEqual([1, 2, 3]);
  });

  test('a picture on which the runtime throws is an error, and the next one is not', async () => {
    await using engine = await open(failingOnBright());
    await expect(engine.infer(grey(255))).rejects.toThrow(failed(/Reshape/));
    expect(said(await engine.infer(grey(0))).detections).toEqual([1, 2, 3, 4]);
  });

  test('a picture with too few bytes is an error, and the next one is not', async () => {
    await using engine = await open(constantModel({ numbers }));
    await expect(engine.infer({ ...grey(0), width: 9 })).rejects.toThrow(
      failed(/9×1 GREY has 9 bytes, not 1/),
    );
    expect(said(await engine.infer(grey(0))).detections).toEqual([1, 2]);
  });

  test('a picture before the one before is answered is a mistake of the caller', async () => {
    await using engine = await open(constantModel({ numbers }));
    const first = engine.infer(grey(0));
    await expect(engine.infer(grey(0))).rejects.toThrow(/before the one before it was answered/);
    expect(said(await first).detections).toEqual([1, 2]);
  });

  test('when the thread dies, what waits fails and the engine stays failed', async () => {
    const started: Worker[] = [];
    const post = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker) {
      started.push(this);
    });
    try {
      await using engine = await open(constantModel({ numbers }));
      const waiting = engine.infer(grey(0));
      waiting.catch(() => undefined);
      await started[0]?.terminate();
      await expect(waiting).rejects.toThrow(failed(/thread has ended/));
      await expect(engine.infer(grey(0))).rejects.toThrow(failed(/thread has ended/));
    } finally {
      post.mockRestore();
    }
  });

  test('closing while the runtime computes takes a second at most, and what waits fails', async () => {
    const engine = await open(slowOnBright(3_000_000), { num_inference_threads: 1 });
    const inference = await computing(engine);
    const startedAt = performance.now();
    await engine[Symbol.asyncDispose]();
    expect(performance.now() - startedAt).toBeLessThan(1500);
    await expect(inference.done).rejects.toThrow(failed(/closed/));
    await engine[Symbol.asyncDispose]();
    await expect(engine.infer(grey(0))).rejects.toThrow(failed(/closed/));
  });

  test('a run that does not end is given up, and its model is not run again before the thread is gone', async () => {
    const clock = new FakeClock();
    const hanging = new EngineThreads(clock);
    using folder = new ModelFolder();
    const file = folder.file(slowOnBright(1_500_000));
    const config = parseModelConfig({ type: 'Generic', num_inference_threads: 1 });
    const engine = await hanging.open(file, config, { signal: never });
    const inference = await computing(engine);
    await clock.advance(30_000);
    await expect(inference.done).rejects.toThrow(failed(/more than 30 s/));
    await expect(engine.infer(grey(0))).rejects.toThrow(failed(/more than 30 s/));
    const disposal = engine[Symbol.asyncDispose]();
    const again = hanging.open(file, config, { signal: never });
    again.catch(() => undefined);
    await clock.advance(1000);
    await disposal;
    await expect(again).rejects.toThrow(failed(/still computes/));
    await using free = await eventually(
      () => hanging.open(file, config, { signal: never }).catch(() => undefined),
      (opened) => opened !== undefined,
      'The end of the thread',
      60_000,
    );
    expect(free && said(await free.infer(grey(0))).detections).toEqual([1]);
    await free?.[Symbol.asyncDispose]();
    expect(clock.pendingTimers).toBe(0);
  }, 90_000);

  test('a model that does not load in time is refused', async () => {
    const clock = new FakeClock();
    using folder = new ModelFolder();
    const loading = new EngineThreads(clock).open(
      folder.file(constantModel({ numbers })),
      parseModelConfig({ type: 'Generic' }),
      { signal: never },
    );
    loading.catch(() => undefined);
    await clock.advance(120_000);
    await expect(loading).rejects.toThrow(
      expect.objectContaining({ code: 'NN_MODEL_INVALID', message: expect.stringMatching(/within 120 s/) }),
    );
    expect(clock.pendingTimers).toBe(0);
  });
});

/** Begins an inference on a bright picture, and waits until the runtime works on it. */
async function computing(engine: Engine): Promise<{ readonly done: Promise<Inference> }> {
  const done = engine.infer(grey(255));
  done.catch(() => undefined); // the test looks later
  const before = process.cpuUsage().user;
  await eventually(
    () => process.cpuUsage().user - before,
    (us) => us > 200_000,
    'Computing',
  );
  return { done };
}
