import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * Which process has a device node open, as far as this user may look: `ffmpeg (pid 123)`.
 * Names another process before this one. Undefined when none is found.
 * @param proc where procfs is mounted.
 */
export function holderOf(node: string, proc = '/proc'): string | undefined {
  let self: string | undefined;
  for (const pid of list(proc)) {
    if (!/^\d+$/.test(pid) || !holds(`${proc}/${pid}/fd`, node)) continue;
    if (Number(pid) !== process.pid) return `${nameOf(`${proc}/${pid}/comm`)} (pid ${pid})`;
    self = `this service (pid ${pid})`;
  }
  return self;
}

const holds = (folder: string, node: string): boolean =>
  list(folder).some((fd) => {
    try {
      return readlinkSync(`${folder}/${fd}`) === node;
    } catch {
      return false; // closed meanwhile
    }
  });

function nameOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return 'a process';
  }
}

/** Entries of a folder; none when the process has ended or belongs to another user. */
function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
