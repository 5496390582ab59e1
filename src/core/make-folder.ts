import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder that only its owner may use, and those it is in; harmless when it is there. Node's own recursive
 * `mkdir` never ends where the kernel refuses with ENOENT, as below /proc.
 * @throws what Node throws.
 */
export async function makeFolder(path: string): Promise<void> {
  if (await isMade(path)) return;
  await makeFolder(dirname(path));
  if (!(await isMade(path))) throw new Error(`${dirname(path)} takes no folder`);
}

/** @returns false when what the folder is in is not there. */
async function isMade(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' && dirname(path) !== path) return false;
    if (code === 'EEXIST') return true;
    throw error;
  }
}
