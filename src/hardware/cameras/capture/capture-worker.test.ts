import { readdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { expect, test, vi } from 'vitest';
import type { AppError } from '../../../core/app-error.ts';
import { newCounters } from './capture-messages.ts';
import { CaptureWorker } from './capture-worker.ts';

/** What runs in place of the capture thread. */
const thread = vi.hoisted(() => ({ code: '' }));
vi.mock('../../../core/thread.ts', () => ({
  startThread: (_module: URL, options: object) => new Worker(thread.code, { ...options, eval: true }),
}));

function start(code: string): { worker: CaptureWorker; lost: Promise<AppError>; losses: AppError[] } {
  thread.code = code;
  const worker = new CaptureWorker(
    { kind: 'v4l2', node: '/dev/video7', request: {} },
    { counters: newCounters(), stallTimeoutMs: 1000 },
  );
  const losses: AppError[] = [];
  const lost = new Promise<AppError>((resolve) => {
    worker.listen({
      onEvent: () => {},
      onLost: (error) => {
        losses.push(error);
        resolve(error);
      },
    });
  });
  return { worker, lost, losses };
}

const fdCount = () => readdirSync('/proc/self/fd').length;

test('a thread that throws is a failed source, reported once', async () => {
  const { worker, lost, losses } = start("throw new Error('out of luck')");
  expect(await lost).toMatchObject({ code: 'SOURCE_FAILED', message: expect.stringMatching('out of luck') });
  await worker[Symbol.asyncDispose]();
  expect(losses).toHaveLength(1);
});

test('a thread that exits by itself is a failed source', async () => {
  const { worker, lost } = start('process.exit(3)');
  expect(await lost).toMatchObject({ code: 'SOURCE_FAILED', message: expect.stringMatching('/dev/video7') });
  await worker[Symbol.asyncDispose]();
});

test('a thread that runs out of memory is a failed source', async () => {
  const { worker, lost } = start(
    'const kept = []; for (;;) kept.push(new Array(100_000).fill(kept.length));',
  );
  expect(await lost).toMatchObject({ code: 'SOURCE_FAILED', message: expect.stringMatching('memory') });
  await worker[Symbol.asyncDispose]();
});

test('a loss that the thread explains is reported in its words, and its exit adds nothing', async () => {
  const { worker, lost, losses } = start(
    "require('worker_threads').parentPort.postMessage({ type: 'lost', code: 'SOURCE_GONE', kind: 'unavailable', message: 'unplugged' })",
  );
  expect(await lost).toMatchObject({ code: 'SOURCE_GONE', kind: 'unavailable', message: 'unplugged' });
  await worker[Symbol.asyncDispose]();
  expect(losses).toHaveLength(1);
});

test('a thread that does not answer is terminated, silently when it is being disposed', async () => {
  const before = fdCount();
  const { worker, losses } = start('for (;;);');
  await worker[Symbol.asyncDispose]();
  await worker[Symbol.asyncDispose]();
  expect(losses).toEqual([]);
  expect(fdCount()).toBe(before);
});

test('a thread that does not answer a question is terminated and the source lost', async () => {
  const { worker, lost } = start('for (;;);');
  await worker.answerOf(new Promise(() => {}));
  expect(await lost).toMatchObject({
    code: 'SOURCE_FAILED',
    message: expect.stringMatching('did not answer'),
  });
  worker.send({ type: 'watch', enabled: true });
  await worker[Symbol.asyncDispose]();
});
