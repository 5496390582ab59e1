import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../../../test/support/fake-clock.ts';
import { ControlRequests, MAX_REQUESTS, TIME_LIMIT_MS } from './control-requests.ts';

/** A thread in which node names say what happens; it answers with the names of all nodes it was asked about. */
const THREAD = `
  import { parentPort } from 'node:worker_threads';
  const asked = [];
  parentPort.on('message', ({ type, node, values }) => {
    if (type === 'stop') process.exit();
    if (node === 'crash') throw new Error('crashed');
    asked.push(node);
    if (node === 'silent') return;
    if (node === 'late') setTimeout(answer, 50);
    else answer();
    function answer() {
      if (node === 'gone') parentPort.postMessage({ type: 'failed', code: 'SOURCE_GONE', kind: 'unavailable', message: 'gone' });
      else parentPort.postMessage({ type: 'controls', controls: [...asked, ...values] });
    }
  });
`;

let folder = '';
let clock: FakeClock;
let requests: ControlRequests;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vidicon-control-thread-'));
  const file = join(folder, 'thread.mjs');
  writeFileSync(file, THREAD);
  clock = new FakeClock();
  requests = new ControlRequests(clock, pathToFileURL(file));
});
afterEach(async () => {
  await requests[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

test('requests of all cameras are answered in order by one thread', async () => {
  const value = { name: 'gain', value: 3 };
  const answers = await Promise.all([requests.exchange('a', []), requests.exchange('b', [value])]);
  expect(answers).toEqual([['a'], ['a', 'b', value]]);
  expect(clock.pendingTimers).toBe(0);
});

test('a failure is the caller’s, and the next request goes on', async () => {
  await expect(requests.exchange('gone', [])).rejects.toMatchObject({
    code: 'SOURCE_GONE',
    kind: 'unavailable',
  });
  expect(await requests.exchange('a', [])).toEqual(['gone', 'a']);
});

test('a device that does not answer is a timeout, also for those behind it, which are never asked', async () => {
  const first = expect(requests.exchange('late', [])).rejects.toMatchObject({ code: 'CONTROL_TIMEOUT' });
  const second = expect(requests.exchange('never', [])).rejects.toMatchObject({ kind: 'timeout' });
  await clock.advance(TIME_LIMIT_MS);
  await Promise.all([first, second]);
  // Waits for the thread to come back from the device.
  expect(await requests.exchange('a', [])).toEqual(['late', 'a']);
});

test('requests beyond the limit are refused and leave the others alone', async () => {
  const waiting = Array.from({ length: MAX_REQUESTS }, () => requests.exchange('a', []));
  await expect(requests.exchange('b', [])).rejects.toMatchObject({ code: 'CONTROL_OVERLOADED' });
  await Promise.all(waiting);
  expect((await requests.exchange('b', [])).length).toBe(MAX_REQUESTS + 1);
});

test('a thread that ends fails what it was asked, and the next request starts another', async () => {
  await expect(requests.exchange('crash', [])).rejects.toMatchObject({
    code: 'SOURCE_FAILED',
    message: expect.stringContaining('crashed'),
  });
  expect(await requests.exchange('a', [])).toEqual(['a']);
});

test('disposal ends what is under way, and nothing is taken any more', async () => {
  const waiting = expect(requests.exchange('silent', [])).rejects.toMatchObject({ code: 'SOURCE_FAILED' });
  await requests[Symbol.asyncDispose]();
  await waiting;
  await expect(requests.exchange('a', [])).rejects.toMatchObject({ code: 'SOURCE_FAILED' });
});
