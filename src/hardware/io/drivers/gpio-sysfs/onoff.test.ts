import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadOnoff } from './onoff.ts';

const absent = () => Promise.reject(new Error("Cannot find package 'onoff'"));

/** The package where the kernel offers nothing. */
const powerless = async () => ({ Gpio: { accessible: false } });

test('without the package the error says how to install it', async () => {
  await expect(loadOnoff('/sys', absent)).rejects.toMatchObject({
    code: 'IO_NOT_PRESENT',
    message: expect.stringContaining('npm install onoff'),
  });
});

test('without GPIO in sysfs the error names the other driver', async () => {
  await expect(loadOnoff('/nowhere', powerless)).rejects.toMatchObject({
    code: 'IO_NOT_PRESENT',
    message: expect.stringContaining('use the driver gpio'),
  });
});

test('without the right to use it the error says what grants it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sysfs-'));
  mkdirSync(join(folder, 'class/gpio'), { recursive: true });
  writeFileSync(join(folder, 'class/gpio/export'), '');
  await expect(loadOnoff(folder, powerless)).rejects.toMatchObject({ code: 'IO_DENIED' });
  rmSync(folder, { recursive: true });
});
