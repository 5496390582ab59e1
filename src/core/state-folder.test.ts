import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StateFolder } from './state-folder.ts';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'vidicon-state-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

describe('a state folder', () => {
  test('gives back what was written, also to another instance', async () => {
    const path = join(base, 'not', 'yet', 'there');
    await new StateFolder(path).write('counters', { 'di/1': 7 });
    expect(await new StateFolder(path).read('counters')).toEqual({ 'di/1': 7 });
  });

  test('has nothing under a name that was never written', async () => {
    expect(await new StateFolder(base).read('counters')).toBeUndefined();
  });

  test('keeps the last of many writes made at once, and leaves nothing else behind', async () => {
    const folder = new StateFolder(base);
    await Promise.all(Array.from({ length: 20 }, (_, index) => folder.write('a', index)));
    expect(await folder.read('a')).toBe(19);
    expect(readdirSync(base)).toEqual(['a.json']);
  });

  test('says which file is damaged, and what to do', async () => {
    writeFileSync(join(base, 'a.json'), '{"half');
    await expect(new StateFolder(base).read('a')).rejects.toMatchObject({
      code: 'STATE_UNREADABLE',
      message: expect.stringContaining(join(base, 'a.json')),
    });
  });

  test('reports a write that fails and goes on afterwards', async () => {
    const path = join(base, 'state');
    writeFileSync(path, 'a file where the folder should be');
    const folder = new StateFolder(path);
    await expect(folder.write('a', 1)).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
    rmSync(path);
    await folder.write('a', 2);
    expect(await folder.read('a')).toBe(2);
    expect(existsSync(join(path, 'a.json.new'))).toBe(false);
  });
});
