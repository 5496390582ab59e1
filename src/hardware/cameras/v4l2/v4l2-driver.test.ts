import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CameraDriver } from '../camera.ts';
import { createV4l2Driver } from './index.ts';

let root = '';
let driver: CameraDriver;
let logged: string[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'v4l2-driver-'));
  const node = join(root, 'sys/devices/virtual/video4linux/video0');
  mkdirSync(node, { recursive: true });
  mkdirSync(join(root, 'sys/class/video4linux'), { recursive: true });
  mkdirSync(join(root, 'dev'));
  symlinkSync(node, join(root, 'sys/class/video4linux/video0'));
  writeFileSync(join(root, 'dev/video0'), 'no device');
  logged = [];
  const write = (level: string) => (fields: object, message: string) =>
    logged.push(`${level} ${message} ${'node' in fields ? String(fields.node) : ''}`);
  const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  driver = createV4l2Driver({
    onChange: () => {},
    log,
    stallTimeoutMs: 3000,
    roots: { sys: join(root, 'sys'), dev: join(root, 'dev') },
  });
});
afterEach(async () => {
  await driver[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

test('a node that cannot be used is logged once, however often it is seen', async () => {
  await driver.refresh();
  await driver.refresh();
  expect(driver.cameras()).toEqual([]);
  const aboutNode = logged.filter((line) => line.includes('not used'));
  expect(aboutNode).toEqual([`warn video node not used ${join(root, 'dev/video0')}`]);
});

test('a camera that is not attached cannot be opened', async () => {
  const listener = { onFormat: () => {}, onConfig: () => {}, onUnit: () => {}, onLost: () => {} };
  const { signal } = new AbortController();
  await expect(driver.open('NONE', 'CAM_A', {}, listener, { signal })).rejects.toMatchObject({
    code: 'CAMERA_NOT_FOUND',
  });
});
