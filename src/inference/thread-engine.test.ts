import { Worker } from 'node:worker_threads';
import { describe, expect, test, vi } from 'vitest';
import { HAS_RUNTIME, ModelFolder } from '../../test/support/model-runtime.ts';
import { constantModel, echoModel, failingOnBright, slowOnBright } from '../../test/support/onnx-graph.ts';
import { eventually } from '../../test/support/service.ts';
import type { Engine, InferencePicture } from './engine.ts';
import { openEngine, parseModelConfig } from './index.ts';

const never = new AbortController().signal;

async function open(
  bytes: Uint8Array,
  config: Record<string, unknown> = {},
  signal = never,
): Promise<Engine> {
  using folder = new ModelFolder();
  return await openEngine(folder.file(bytes), parseModelConfig({ type: 'Generic', ...config }), { signal });
}

const grey = (sample: number): InferencePicture => ({
  pixelFormat: 'GREY',
  width: 1,
  height: 1,
  data: Uint8Array.of(sample),
});

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

describe.skipIf(!HAS_RUNTIME)('with onnxruntime-node', () => {
  test('an engine says what its model is, and answers each picture with plain values', async () => {
    await using engine = await open(constantModel({ numbers, more: numbers }));
    expect(engine.info.outputs).toEqual([
      { name: 'numbers', shape: [2] },
      { name: 'more', shape: [2] },
    ]);
    for (const sample of [0, 255]) {
      expect(await engine.infer(grey(sample))).toEqual({
        detections: [1, 2],
        outputs: { more: { shape: [2], data: [1, 2] } },
        modelUs: expect.any(Number),
        overheadUs: expect.any(Number),
      });
    }
  });

  test('two models run at the same time, and one goes on when the other is closed', async () => {
    await using first = await open(constantModel({ numbers }));
    const second = await open(echoModel({ name: 'x', type: 'uint8', shape: [1, 1, 1, 1] }));
    const both = await Promise.all([first.infer(grey(7)), second.infer(grey(7))]);
    expect(both.map(({ detections }) => detections)).toEqual([[1, 2], [7]]);
    await second[Symbol.asyncDispose]();
    expect((await first.infer(grey(7))).detections).toEqual([1, 2]);
  });

  test('a mask comes whole', async () => {
    const map = { type: 'uint8', shape: [1, 1, 4], values: [0, 3, 3, 0] } as const;
    await using engine = await open(constantModel({ map }), { type: 'Segmentation' });
    const { mask } = await engine.infer(grey(0));
    expect(mask).toEqual({ width: 4, height: 1, classes: Uint8Array.of(0, 3, 3, 0) });
  });

  test('the bytes of a picture are handed over, and those of a part of some memory are not taken', async () => {
    await using engine = await open(echoModel({ name: 'x', type: 'uint8', shape: [1, 1, 1, 3] }));
    const whole = grey(7);
    expect((await engine.infer(whole)).detections).toEqual([7, 7, 7]);
    expect(whole.data.byteLength).toBe(0);
    const memory = Uint8Array.of(1, 2, 3);
    const part = { ...whole, data: memory.subarray(1, 2) };
    expect((await engine.infer(part)).detections).toEqual([2, 2, 2]);
    expect([...memory]).toEqual([1, 2, 3]);
  });

  test('a picture on which the runtime throws is an error, and the next one is not', async () => {
    await using engine = await open(failingOnBright());
    await expect(engine.infer(grey(255))).rejects.toThrow(failed(/Reshape/));
    expect((await engine.infer(grey(0))).detections).toEqual([1, 2, 3, 4]);
  });

  test('a picture with too few bytes is an error, and the next one is not', async () => {
    await using engine = await open(constantModel({ numbers }));
    await expect(engine.infer({ ...grey(0), width: 9 })).rejects.toThrow(
      failed(/9×1 GREY has 9 bytes, not 1/),
    );
    expect((await engine.infer(grey(0))).detections).toEqual([1, 2]);
  });

  test('a picture before the one before is answered is a mistake of the caller', async () => {
    await using engine = await open(constantModel({ numbers }));
    const first = engine.infer(grey(0));
    await expect(engine.infer(grey(0))).rejects.toThrow(/before the one before it was answered/);
    expect((await first).detections).toEqual([1, 2]);
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
    const engine = await open(slowOnBright(6_000_000), { num_inference_threads: 1 });
    const inference = engine.infer(grey(255));
    inference.catch(() => undefined);
    const before = process.cpuUsage().user;
    await eventually(
      () => process.cpuUsage().user - before,
      (us) => us > 200_000,
      'Computing',
    );
    const startedAt = performance.now();
    await engine[Symbol.asyncDispose]();
    expect(performance.now() - startedAt).toBeLessThan(1500);
    await expect(inference).rejects.toThrow(failed(/closed/));
    await engine[Symbol.asyncDispose]();
    await expect(engine.infer(grey(0))).rejects.toThrow(failed(/closed/));
  });
});
