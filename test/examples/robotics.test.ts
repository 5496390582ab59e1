import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Example, hasPackages, PYTHON } from '../support/example.ts';
import { Service, SIMULATED_CAMERA } from '../support/service.ts';

const PROGRAM = resolve(import.meta.dirname, '../../examples/robotics.py');

let service: Service;

beforeAll(async () => {
  service = await Service.start({
    config: { streams: { capture: { width: 640, height: 360, frameRate: 15 } } },
  });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

test.skipIf(!hasPackages('cv2', 'requests'))(
  "robotics.py follows the simulated camera's red ball",
  {
    timeout: 90_000,
  },
  async () => {
    await using example = new Example('robotics.py', {}, service.url, '40');
    expect(await example.exitCode(), example.lines.join('\n')).toBe(0);
    const turns = example.lines
      .flatMap((line) => /^\d+ turn ([-+]\d\.\d\d)$/.exec(line)?.[1] ?? [])
      .map(Number);
    expect(turns).toHaveLength(40);
    const steps = turns.slice(1).map((turn, index) => Math.abs(turn - (turns[index] ?? 0)));
    expect(Math.max(...turns) - Math.min(...turns)).toBeGreaterThan(0.1);
    expect(Math.max(...steps)).toBeLessThan(0.5);
  },
);

test.skipIf(spawnSync(PYTHON, ['--version']).status !== 0)('robotics.py is valid Python', () => {
  const check = 'import ast, sys; ast.parse(open(sys.argv[1]).read())';
  const { status, stderr } = spawnSync(PYTHON, ['-c', check, PROGRAM], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test('what robotics.py reads is there without OpenCV, too', async () => {
  const ending = new AbortController();
  const path = `/cameras/${SIMULATED_CAMERA}/streams/CAM_A/mjpeg`;
  const answer = await service.fetch(path, { signal: ending.signal });
  expect(answer.headers.get('content-type')).toMatch(/^multipart\/x-mixed-replace/);
  let parts = 0;
  for await (const chunk of answer.body ?? []) {
    parts +=
      Buffer.from(chunk)
        .toString('latin1')
        .split(/content-type: image\/jpeg/i).length - 1;
    if (parts >= 5) break;
  }
  ending.abort();
  expect(parts).toBeGreaterThanOrEqual(5);
});
