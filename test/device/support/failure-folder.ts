import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Kept on the host: `npm run test:device` mounts it into the lab. */
const RESULTS = resolve(import.meta.dirname, '../../../test-results/device');

/**
 * Leaves what is needed to understand a failed test: the given files and the kernel's log.
 * @param title the test's; the folder is named for it.
 * @returns the folder.
 */
export function writeFailure(title: string, files: ReadonlyMap<string, readonly string[]>): string {
  const name = title.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 100);
  const folder = join(RESULTS, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [file, lines] of files) writeFileSync(join(folder, file), `${lines.join('\n')}\n`);
  writeFileSync(join(folder, 'dmesg.txt'), execFileSync('dmesg', { maxBuffer: 1 << 26 }));
  return folder;
}
