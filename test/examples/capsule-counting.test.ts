import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Example, hasPackages } from '../support/example.ts';
import { brightSpotDetector } from '../support/onnx-graph.ts';
import { hasRuntime } from '../support/onnx-runtime.ts';
import { Service } from '../support/service.ts';

let service: Service;

beforeAll(async () => {
  service = await Service.start({ config: { io: { simulated: { enabled: 'always' } } } });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

/** It finds one thing, the simulated camera's ball. */
const files = { 'ball.onnx': brightSpotDetector({ width: 320, height: 320, head: 'yolov8' }) };

describe.skipIf(!hasRuntime()).each([
  { file: 'capsule_counting.py', canRun: hasPackages('requests', 'websockets'), led: '1_01' },
  { file: 'capsule-counting.ts', canRun: true, led: '1_02' },
])('$file', ({ file, canRun, led }) => {
  const lit = async (): Promise<unknown> =>
    (await service.json<{ value: unknown }>(`/controller/led/${led}`)).value;

  test.skipIf(!canRun)(
    'lights the LED while there is enough, and not otherwise',
    { timeout: 150_000 },
    async () => {
      {
        await using example = new Example(file, files, 'ball.onnx', service.url, '1', led);
        expect(await example.line(/LED .* is 1/)).toBe(`1 of 1: LED ${led} is 1`);
        expect(await lit()).toBe(1);
      }
      await using example = new Example(file, files, 'ball.onnx', service.url, '2', led);
      expect(await example.line(/LED .* is 0/)).toBe(`1 of 2: LED ${led} is 0`);
      expect(await lit()).toBe(0);
    },
  );
});
