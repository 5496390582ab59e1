import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { controlName } from './controls.ts';
import { fourccNumber, fourccText, text, V4l2Device } from './device.ts';
import { commonIntervals } from './formats.ts';
import { holderOf } from './holder.ts';
import { inspectNode, obstacleIn } from './inspect.ts';
import { openV4l2Producer } from './producer.ts';

const CAPTURE = 0x0000_0001;
const STREAMING = 0x0400_0000;

test('a fourcc is text both ways', () => {
  expect(fourccNumber('YUYV')).toBe(0x56595559);
  expect(fourccText(0x56595559)).toBe('YUYV');
  expect(fourccText(fourccNumber('Y16'))).toBe('Y16');
  expect(fourccText(fourccNumber('Y16-BE'))).toBe('Y16-BE');
});

test('every fourcc of printable characters survives the way there and back', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Z0-9]{1,4}(-BE)?$/), (fourcc) => {
      expect(fourccText(fourccNumber(fourcc))).toBe(fourcc);
    }),
  );
});

test('a string field ends at its first NUL or at its length', () => {
  expect(text(Buffer.from('ab\0cd'), 0, 5)).toBe('ab');
  expect(text(Buffer.from('abcd'), 1, 2)).toBe('bc');
});

test.each([
  ['Exposure Time, Absolute', 'exposure_time_absolute'],
  ['White Balance, Automatic', 'white_balance_automatic'],
  ["Y'CbCr Encoding", 'y_cbcr_encoding'],
  [' (Gain) ', 'gain'],
])('the control %j is called %s', (name, expected) => {
  expect(controlName(name)).toBe(expected);
});

test('a node for capture with streaming is used', () => {
  expect(obstacleIn(CAPTURE | STREAMING)).toBeUndefined();
});

test.each([
  ['metadata', 0x0080_0000 | STREAMING, /metadata/],
  ['output', 0x0000_0002 | STREAMING, /not for video capture/],
  ['multi-planar capture', 0x0000_1000 | STREAMING, /multi-planar/],
  ['memory-to-memory work', 0x0000_8000 | CAPTURE | STREAMING, /memory-to-memory/],
  ['reading only', CAPTURE, /without streaming/],
  ['a media controller', CAPTURE | STREAMING | 0x2000_0000, /media controller/],
])('a node for %s is not used, and it is said why', (_what, capabilities, reason) => {
  expect(obstacleIn(capabilities)).toMatch(reason);
});

test('a range of intervals is listed by its ends and the usual rates between', () => {
  const rates = commonIntervals({ numerator: 1, denominator: 40 }, { numerator: 1, denominator: 12 });
  expect(rates.map(({ denominator }) => denominator)).toEqual([40, 30, 25, 24, 20, 15, 12]);
});

test('the process that has a file open is found', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holder-'));
  const file = join(folder, 'video0');
  writeFileSync(file, '');
  expect(holderOf(file)).toBeUndefined();
  const fd = openSync(file, 'r');
  expect(holderOf(file)).toBe(`this service (pid ${process.pid})`);
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

test('a node that is not there is gone', () => {
  expect(() => V4l2Device.open('/dev/there-is-no-such-video')).toThrow(
    expect.objectContaining({ code: 'SOURCE_GONE' }),
  );
});

test('a file that is no video device fails by name and is closed again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'no-device-'));
  const node = join(folder, 'video0');
  writeFileSync(node, '');
  const failure = expect.objectContaining({
    code: 'SOURCE_FAILED',
    message: expect.stringContaining(node),
  });
  expect(() => inspectNode(node)).toThrow(failure);
  expect(() => openV4l2Producer({ node, request: {} })).toThrow(failure);
  expect(holderOf(node)).toBeUndefined();
  rmSync(folder, { recursive: true });
});
