import { expect, test } from 'vitest';
import { ChildProcesses } from './child-process.ts';
import { runProgram } from './run-program.ts';

const processes = new ChildProcesses();
const limits = { timeoutMs: 10_000, maxOutputBytes: 1000 };

test('input goes in, output, errors and code come out', async () => {
  const script = 'cat; echo complaint >&2; exit 2';
  const result = await runProgram(processes, 'sh', ['-c', script], {
    ...limits,
    input: [Buffer.from('one '), Buffer.from('two')],
  });
  expect(result).toMatchObject({ code: 2, signal: null, stderrLines: ['complaint'] });
  expect(result.output.toString()).toBe('one two');
});

test('a program that takes too long is ended', async () => {
  await expect(runProgram(processes, 'sleep', ['60'], { ...limits, timeoutMs: 20 })).rejects.toMatchObject({
    code: 'PROCESS_TIMEOUT',
    kind: 'timeout',
  });
  expect(processes.count).toBe(0);
});

test('a program that writes too much is ended', async () => {
  await expect(runProgram(processes, 'yes', [], limits)).rejects.toMatchObject({
    code: 'PROCESS_OUTPUT_TOO_LARGE',
  });
  expect(processes.count).toBe(0);
});

test('an abort ends the program and is passed on', async () => {
  const abort = new AbortController();
  const run = runProgram(processes, 'sleep', ['60'], { ...limits, signal: abort.signal });
  abort.abort(new Error('changed my mind'));
  await expect(run).rejects.toThrow('changed my mind');
  await expect(runProgram(processes, 'true', [], { ...limits, signal: abort.signal })).rejects.toThrow();
  expect(processes.count).toBe(0);
});
