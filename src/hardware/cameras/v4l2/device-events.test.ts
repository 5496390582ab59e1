import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, rename, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { POLLIN, poll } from '../../../core/libc.ts';
import { type DeviceEvents, namesIn, openNodeEvents } from './device-events.ts';

let dev = '';
let events: DeviceEvents;

beforeEach(() => {
  dev = mkdtempSync(join(tmpdir(), 'dev-'));
  writeFileSync(join(dev, 'video0'), '');
  events = openNodeEvents({ sys: '', dev });
});

afterEach(() => {
  events[Symbol.dispose]();
  rmSync(dev, { recursive: true });
});

const isReadable = () => poll([{ fd: events.fd, events: POLLIN }], 0)[0] !== 0;

test.each([
  ['appears', () => writeFile(join(dev, 'video1'), '')],
  ['goes', () => unlink(join(dev, 'video0'))],
  ['gets other permissions', () => chmod(join(dev, 'video0'), 0o660)],
  ['is renamed', () => rename(join(dev, 'video0'), join(dev, 'other'))],
])('a video node that %s is an event, once', async (_what, change) => {
  expect(isReadable()).toBe(false);
  await change();
  expect(isReadable()).toBe(true);
  expect(events.drain()).toBe(true);
  expect(isReadable()).toBe(false);
});

test('other nodes are none of ours', async () => {
  await writeFile(join(dev, 'ttyUSB0'), '');
  await writeFile(join(dev, 'video'), '');
  expect(events.drain()).toBe(false);
});

test('a folder that is not there is an error with its name', () => {
  expect(() => openNodeEvents({ sys: '', dev: join(dev, 'none') })).toThrow(/none.*errno 2/);
});

test('any bytes give some names and an end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(namesIn(Buffer.from(bytes)).length).toBeLessThanOrEqual(bytes.length / 16);
    }),
  );
});
