import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { ChildProcesses, findExecutable } from './child-process.ts';
import { closeFd, openPipe, writeSome } from './libc.ts';

const processes = new ChildProcesses();
afterEach(() => processes[Symbol.asyncDispose]());

const shell = (script: string, options = {}) => processes.start('sh', ['-c', script], options);

/** True while the process exists, be it as a zombie. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('exit code, signal and last lines of standard error are reported', async () => {
  const failing = shell('echo first >&2; printf "second\\rthird" >&2; exit 3');
  expect(await failing.exited).toEqual({ code: 3, signal: null });
  expect(failing.stderrLines()).toEqual(['first', 'second', 'third']);
  const killed = shell('kill -9 $$');
  expect(await killed.exited).toEqual({ code: null, signal: 'SIGKILL' });
});

test('of a flood on standard error the last lines are kept, and cut', async () => {
  const flooding = shell('yes "$(printf %0600d 7)" | head -n 20000 >&2; echo end >&2');
  await flooding.exited;
  const lines = flooding.stderrLines();
  expect(lines).toHaveLength(40);
  expect(lines.at(-1)).toBe('end');
  expect(lines[0]).toHaveLength(500);
});

test('a program that does not exist is an error at once', () => {
  expect(() => processes.start('no-such-program-here', [])).toThrow(
    expect.objectContaining({ code: 'PROCESS_NOT_FOUND', kind: 'unavailable' }),
  );
  expect(processes.count).toBe(0);
  expect(findExecutable('no-such-program-here')).toBeUndefined();
  expect(findExecutable('sh')).toMatch(/\/sh$/);
});

test('a descriptor given as standard input is read by the child', async () => {
  const { readFd, writeFd } = openPipe();
  const reader = processes.start('cat', [], { stdin: readFd, stdout: 'pipe' });
  closeFd(readFd);
  let text = '';
  reader.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  writeSome(writeFd, Buffer.from('hello'));
  closeFd(writeFd);
  expect(await reader.exited).toEqual({ code: 0, signal: null });
  expect(text).toBe('hello');
});

test('a child that heeds the end of its input is not killed', async () => {
  const cat = processes.start('cat', [], { stdin: 'pipe' });
  await cat[Symbol.asyncDispose]();
  expect(await cat.exited).toEqual({ code: 0, signal: null });
});

test('a child that heeds SIGTERM is ended by it', async () => {
  const sleeper = processes.start('sleep', ['60'], { endGraceMs: 10 });
  await sleeper[Symbol.asyncDispose]();
  expect(await sleeper.exited).toEqual({ code: null, signal: 'SIGTERM' });
});

test('a child that ignores everything is killed, and nothing of it remains', async () => {
  const stubborn = shell('trap "" TERM; echo ready; while :; do sleep 0.01; done', {
    stdout: 'pipe',
    endGraceMs: 10,
    termGraceMs: 50,
  });
  await new Promise((resolve) => stubborn.stdout?.once('data', resolve));
  const startedMs = performance.now();
  await Promise.all([stubborn[Symbol.asyncDispose](), stubborn[Symbol.asyncDispose]()]);
  expect(performance.now() - startedMs).toBeLessThan(2000);
  expect(await stubborn.exited).toEqual({ code: null, signal: 'SIGKILL' });
  expect(exists(stubborn.pid)).toBe(false);
});

test.each([
  ['is killed', 'trap "" TERM;'],
  ['heeds SIGTERM', ''],
])('a child that %s is gone even when a grandchild holds its output open', async (_how, trap) => {
  const parent = shell(`sleep 60 & ${trap} echo $!; wait; wait`, {
    stdout: 'pipe',
    endGraceMs: 10,
    termGraceMs: 50,
  });
  const grandchild = await new Promise<number>((resolve) =>
    parent.stdout?.once('data', (text) => resolve(Number(text))),
  );
  await parent[Symbol.asyncDispose]();
  expect(exists(parent.pid)).toBe(false);
  process.kill(grandchild);
});

test('starting and ending many children leaves no descriptor, child or count behind', async () => {
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const children = () => readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim();
  await shell('true').exited;
  const before = descriptors();
  for (let round = 0; round < 20; round++) {
    const child = processes.start('cat', [], { stdin: 'pipe', stdout: 'pipe' });
    expect(processes.count).toBe(1);
    await child[Symbol.asyncDispose]();
  }
  expect(processes.count).toBe(0);
  expect(descriptors()).toBe(before);
  expect(children()).toBe('');
});
