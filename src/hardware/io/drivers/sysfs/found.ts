import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a folder of a class or bus holds, in order of its numbers; nothing when the kernel has no such class. */
export async function foundIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** The text of an attribute as a person is shown it; undefined when it cannot be read. */
export async function shownText(folder: string, attribute: string): Promise<string | undefined> {
  const text = await readFile(join(folder, attribute), 'latin1').catch(() => undefined);
  return text?.trim().slice(0, 200);
}

/** A circuit name like a name of the kernel: `green:status` becomes `green_status`. */
export function suggestedCircuit(name: string): string {
  const circuit = name.replace(/[^A-Za-z0-9_.-]+/g, '_').replace(/^[^A-Za-z0-9]+/, '');
  return circuit === '' ? 'unnamed' : circuit.slice(0, 64);
}
