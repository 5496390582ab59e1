import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import {
  closeFd,
  EVENTFD_ONE,
  openEventFd,
  openPipe,
  openTimerFd,
  POLLIN,
  poll,
  readSome,
  setTimerFd,
  writeSome,
} from './libc.ts';
import { compiledModule } from './thread.ts';

test('a pipe carries bytes and reports a full buffer as zero bytes taken', () => {
  const { readFd, writeFd } = openPipe();
  const block = Buffer.alloc(1 << 20, 7);
  let sent = 0;
  for (let taken = writeSome(writeFd, block); taken > 0; taken = writeSome(writeFd, block)) sent += taken;
  expect(sent).toBeGreaterThanOrEqual(65_536);
  const into = Buffer.alloc(10);
  expect(readSome(readFd, into)).toBe(10);
  expect(into).toEqual(Buffer.alloc(10, 7));
  closeFd(readFd);
  expect(() => writeSome(writeFd, block)).toThrow(/errno 32/);
  closeFd(writeFd);
});

test('an event descriptor raised by one thread wakes the poll of another', async () => {
  const wakeFd = openEventFd();
  const worker = new Worker(
    `import('${compiledModule(new URL('./libc.js', import.meta.url))}').then(({ poll, POLLIN }) => {
       const { parentPort, workerData } = require('node:worker_threads');
       parentPort.postMessage('ready');
       parentPort.postMessage(poll([{ fd: workerData, events: POLLIN }], 20000));
     })`,
    { eval: true, workerData: wakeFd },
  );
  const messages: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    worker.on('error', reject);
    worker.on('message', (message) => {
      messages.push(message);
      if (message === 'ready') writeSome(wakeFd, EVENTFD_ONE);
      else resolve();
    });
  });
  expect(messages).toEqual(['ready', [POLLIN]]);
  await worker.terminate();
  closeFd(wakeFd);
});

test('a timer descriptor expires at its absolute time', () => {
  const fd = openTimerFd();
  const dueUs = systemClock.monotonicUs() + 20_000;
  setTimerFd(fd, dueUs, 0);
  expect(poll([{ fd, events: POLLIN }], 10_000)).toEqual([POLLIN]);
  expect(systemClock.monotonicUs()).toBeGreaterThanOrEqual(dueUs);
  closeFd(fd);
});
