import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTEN = '0A';

/**
 * The process that listens on a TCP port of this machine, as `node (pid 123)`.
 * @returns undefined when there is none or it belongs to another user.
 * @see proc(5), /proc/net/tcp
 */
export function portOwner(port: number): string | undefined {
  const inodes = new Set(['tcp', 'tcp6'].flatMap((table) => listeningInodes(table, port)));
  if (inodes.size === 0) return undefined;
  const pid = entries('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((name) => entries(`/proc/${name}/fd`).some((fd) => inodes.has(link(`/proc/${name}/fd/${fd}`))));
  return pid === undefined ? undefined : `${text(`/proc/${pid}/comm`).trim()} (pid ${pid})`;
}

/** The sockets that listen on a port, as `/proc/<pid>/fd` names them. */
function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return text(`/proc/net/${table}`)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(suffix) && state === LISTEN)
    .map((fields) => `socket:[${fields[9]}]`);
}

// Processes end while they are looked at, and those of other users may not be looked into.
const entries = (folder: string): string[] => orElse([], () => readdirSync(folder));
const text = (path: string): string => orElse('', () => readFileSync(path, 'utf8'));
const link = (path: string): string => orElse('', () => readlinkSync(path));

function orElse<T>(absent: T, read: () => T): T {
  try {
    return read();
  } catch {
    return absent;
  }
}
