import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jpegSize } from '../conformance/robopipe/image.ts';
import { decode } from '../support/decode.ts';
import { Example, hasPackages } from '../support/example.ts';
import { constantModel } from '../support/onnx-graph.ts';
import { hasRuntime } from '../support/onnx-runtime.ts';
import { Service, SIMULATED_CAMERA } from '../support/service.ts';

let service: Service;

beforeAll(async () => {
  service = await Service.start();
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

describe.each([
  { file: 'hello_world.py', canRun: hasPackages('requests', 'websockets') },
  { file: 'hello-world.ts', canRun: true },
])('$file', ({ file, canRun }) => {
  test.skipIf(!canRun)('saves three stills of 200×200', { timeout: 90_000 }, async () => {
    await using example = new Example(file, {}, service.url);
    expect(await example.exitCode(), example.lines.join('\n')).toBe(0);
    expect(example.lines).toContainEqual(expect.stringContaining(SIMULATED_CAMERA));
    for (const number of [0, 1, 2]) {
      const still = readFileSync(join(example.folder, 'data', `${number}.jpeg`));
      expect(jpegSize(still)).toEqual({ width: 200, height: 200 });
      expect(decode(still)).toEqual({ pictures: 1, complaints: '' });
    }
  });

  test.skipIf(!canRun || !hasRuntime())('prints what a model sees', { timeout: 90_000 }, async () => {
    const values = [0.25, 0.75];
    const model = constantModel({ scores: { type: 'float32', shape: [1, 2], values } });
    await using example = new Example(file, { 'model.onnx': model }, service.url, 'model.onnx');
    expect(await example.exitCode(), example.lines.join('\n')).toBe(0);
    const results = example.lines.filter((line) => line.startsWith('result'));
    expect(results).toHaveLength(5);
    expect(results[0]).toMatch(/0\.25, 0\.75/);
    expect(await service.json(`/cameras/${SIMULATED_CAMERA}/streams/CAM_A/nn`)).toBe(null);
  });
});
