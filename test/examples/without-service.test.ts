import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Example, hasPackages } from '../support/example.ts';

/** Nothing listens there any more. */
const NOWHERE = `http://127.0.0.1:${await portThatWasFree()}`;

const web = hasPackages('requests', 'websockets');

describe.each([
  { file: 'hello_world.py', canRun: web, args: [NOWHERE] },
  { file: 'hello-world.ts', canRun: true, args: [NOWHERE] },
  { file: 'capsule_counting.py', canRun: web, args: ['model.onnx', NOWHERE] },
  { file: 'capsule-counting.ts', canRun: true, args: ['model.onnx', NOWHERE] },
  { file: 'robotics.py', canRun: hasPackages('requests', 'cv2'), args: [NOWHERE] },
  { file: 'automation.py', canRun: web, args: [NOWHERE] },
  { file: 'automation.ts', canRun: true, args: [NOWHERE] },
])('$file', ({ file, canRun, args }) => {
  test.skipIf(!canRun)('says in one line that no service answers', { timeout: 90_000 }, async () => {
    await using example = new Example(file, {}, ...args);
    expect(await example.exitCode()).toBe(1);
    expect(example.lines).toEqual([`No service answers at ${NOWHERE}.`]);
  });
});

describe.each([
  { file: 'capsule_counting.py', canRun: web },
  { file: 'capsule-counting.ts', canRun: true },
])('$file', ({ file, canRun }) => {
  test.skipIf(!canRun)('says how it is called when no model is named', { timeout: 90_000 }, async () => {
    await using example = new Example(file, {});
    expect(await example.exitCode()).toBe(1);
    expect(example.lines.join('\n')).toContain('MODEL.onnx [URL [ENOUGH [LED]]]');
  });
});

async function portThatWasFree(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
