import { expect, test } from 'vitest';
import { FakeClock, settle } from '../../../../test/support/fake-clock.ts';
import { ioStopping } from '../errors.ts';
import { CallQueue } from './call-queue.ts';

function open() {
  const clock = new FakeClock();
  return { clock, queue: new CallQueue('the bus', clock) };
}

/** A call that ends when told to. */
function pending() {
  let end = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { promise, end };
}

test('one job runs at a time; urgent ones go before all that wait', async () => {
  const { queue } = open();
  const order: string[] = [];
  const first = pending();
  const jobs = [
    queue.run((call) => call(() => first.promise)),
    queue.run(async () => void order.push('waiting')),
    queue.run(async () => void order.push('urgent'), { isUrgent: true }),
  ];
  await settle();
  expect(order).toEqual([]);
  first.end();
  await Promise.all(jobs);
  expect(order).toEqual(['urgent', 'waiting']);
});

test('a failed job fails alone', async () => {
  const { queue } = open();
  const failed = queue.run((call) => call(() => Promise.reject(new Error('no'))));
  const next = queue.run(async () => 7);
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe(7);
});

test('a call that never answers is aborted and given up after 5 s, and the next one runs', async () => {
  const { queue, clock } = open();
  let signal: AbortSignal | undefined;
  const silent = queue.run((call) =>
    call((options) => {
      signal = options.signal;
      return new Promise(() => undefined);
    }),
  );
  const failed = expect(silent).rejects.toMatchObject({ code: 'IO_TIMEOUT' });
  const next = queue.run(async () => 7);
  await clock.advance(4999);
  expect(signal?.aborted).toBe(false);
  await clock.advance(1);
  await failed;
  expect(signal?.aborted).toBe(true);
  expect(await next).toBe(7);
  expect(clock.pendingTimers).toBe(0);
});

test('a driver that fails because it was aborted does not hide the timeout', async () => {
  const { queue, clock } = open();
  const aborted = queue.run((call) =>
    call(
      ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    ),
  );
  const failed = expect(aborted).rejects.toMatchObject({ code: 'IO_TIMEOUT' });
  await clock.advance(5000);
  await failed;
});

test('over 200 waiting jobs are refused; urgent ones are not', async () => {
  const { queue } = open();
  const first = pending();
  const jobs = [queue.run(() => first.promise)];
  for (let count = 0; count < 200; count += 1) jobs.push(queue.run(async () => undefined));
  await expect(queue.run(async () => undefined)).rejects.toMatchObject({ code: 'IO_OVERLOADED' });
  jobs.push(queue.run(async () => undefined, { isUrgent: true }));
  first.end();
  await Promise.all(jobs);
});

test('clearing drops what waits, aborts what runs, and waits half a second for it', async () => {
  const { queue, clock } = open();
  let isAborted = false;
  const running = queue.run((call) =>
    call(({ signal }) => {
      signal.addEventListener('abort', () => {
        isAborted = true;
      });
      return new Promise(() => undefined);
    }),
  );
  const waiting = queue.run(async () => 7);
  const failed = [running, waiting].map((job) => expect(job).rejects.toMatchObject({ code: 'IO_STOPPING' }));
  queue.clear(ioStopping());
  await Promise.all(failed);
  expect(isAborted).toBe(true);
  let hasRun = false;
  const later = queue.run(async () => {
    hasRun = true;
  });
  await clock.advance(499);
  expect(hasRun).toBe(false);
  await clock.advance(1);
  await later;
});
