import { expect, test } from 'vitest';
import { createLog } from './log.ts';

function logTo(isTTY: boolean, level = 'info') {
  const lines: string[] = [];
  return { lines, log: createLog(level, { isTTY, write: (text) => lines.push(text) }) };
}

test('on a terminal a message is one readable line, and an error has its stack', () => {
  const { lines, log } = logTo(true);
  log.info({ stream: 'A/CAM_A' }, 'it is live');
  log.error({ err: new Error('broken') }, 'it failed');
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} info {2}it is live\n$/);
  expect(lines[1]).toMatch(/^\S+ error it failed\nError: broken\n {4}at /);
});

test('elsewhere it is one JSON object with time and level in words', () => {
  const { lines, log } = logTo(false);
  log.warn({ code: 'SOURCE_GONE' }, 'unplugged');
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    code: 'SOURCE_GONE',
    msg: 'unplugged',
  });
});

test('less important messages than asked for are left out', () => {
  const { lines, log } = logTo(false, 'warn');
  log.info('left out');
  expect(lines).toEqual([]);
});

test.each([true, false])('a password in an address does not get into the log (terminal: %s)', (isTTY) => {
  const { lines, log } = logTo(isTTY);
  log.warn(
    { url: 'rtsp://a:secret@h/', err: new Error('rtsp://a:secret@h/ refused') },
    'rtsp://a:secret@h/ failed',
  );
  expect(lines.join()).not.toContain('secret');
  expect(lines.join()).toContain('rtsp://a:***@h/');
});
