import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeFolder } from './make-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'vidicon-folder-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a folder and those it is in are made, for their owner alone, once', async () => {
  const path = join(folder, 'a', 'b', 'c');
  await Promise.all([makeFolder(path), makeFolder(path)]);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('a folder that cannot be made is an error', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(makeFolder(join(folder, 'file', 'a'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  await expect(makeFolder('/proc/vidicon/state')).rejects.toThrow('/proc takes no folder');
});
