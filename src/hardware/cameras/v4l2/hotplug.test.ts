import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Hotplug } from './hotplug.ts';
import type { ScanResult } from './scanner.ts';

let root = '';
let hotplug: Hotplug | undefined;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hotplug-'));
  mkdirSync(join(root, 'sys/class/video4linux'), { recursive: true });
  mkdirSync(join(root, 'dev'));
});
afterEach(async () => {
  await hotplug?.[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

/** A watch over the folders of this test, and the next result it reports. */
function start(dev = join(root, 'dev')) {
  const deaf: string[] = [];
  let hear = (_result: ScanResult) => {};
  const watch = new Hotplug(
    { sys: join(root, 'sys'), dev },
    { onScan: (result) => hear(result), onDeaf: (reason) => deaf.push(reason) },
  );
  hotplug = watch;
  const nextScan = () =>
    new Promise<ScanResult>((resolve) => {
      hear = resolve;
    });
  return { watch, nextScan, deaf };
}

/** A node that exists everywhere a camera does, but is a plain file: it is found, looked into and refused. */
function addNode(name: string): void {
  addClassEntry(name);
  writeFileSync(join(root, 'dev', name), '');
}

function addClassEntry(name: string): void {
  const folder = join(root, 'sys/devices/virtual/video4linux', name);
  mkdirSync(folder, { recursive: true });
  symlinkSync(folder, join(root, 'sys/class/video4linux', name));
}

const nodesIn = ({ skipped }: ScanResult) => skipped.map(({ node }) => node);

test('a scan that is asked for is answered after the listener has its result', async () => {
  addNode('video0');
  const { watch, nextScan } = start();
  const results: ScanResult[] = [];
  void nextScan().then((result) => results.push(result));
  await watch.scan();
  expect(results.map(nodesIn)).toEqual([[join(root, 'dev/video0')]]);
  expect(results[0]?.skipped[0]).toMatchObject({
    isFault: true,
    reason: expect.stringContaining('errno 25'),
  });
});

test('nodes that come and go are noticed without asking', async () => {
  const { watch, nextScan } = start();
  await watch.scan();
  const arrival = nextScan();
  addNode('video3');
  expect(nodesIn(await arrival)).toEqual([join(root, 'dev/video3')]);
  const departure = nextScan();
  rmSync(join(root, 'sys/class/video4linux/video3'));
  rmSync(join(root, 'dev/video3'));
  expect(nodesIn(await departure)).toEqual([]);
});

test('nodes that come together are reported together', async () => {
  const { watch, nextScan } = start();
  await watch.scan();
  const names = ['video0', 'video1', 'video2', 'video3'];
  const burst = nextScan();
  for (const name of names) addClassEntry(name);
  for (const name of names) writeFileSync(join(root, 'dev', name), '');
  expect(nodesIn(await burst)).toEqual(names.map((name) => join(root, 'dev', name)));
});

test('a way of hearing that is closed is told, and scans go on', async () => {
  const { watch, deaf } = start(join(root, 'no-dev'));
  await watch.scan();
  expect(deaf).toContainEqual(expect.stringContaining('no-dev'));
});

test('after disposal nothing is heard and a scan is refused', async () => {
  const { watch, nextScan } = start();
  await watch.scan();
  let isHeard = false;
  void nextScan().then(() => {
    isHeard = true;
  });
  const pending = expect(watch.scan()).rejects.toMatchObject({ code: 'SOURCE_FAILED' });
  await watch[Symbol.asyncDispose]();
  await watch[Symbol.asyncDispose]();
  await pending;
  await expect(watch.scan()).rejects.toMatchObject({ code: 'SOURCE_FAILED' });
  expect(isHeard).toBe(false);
});
