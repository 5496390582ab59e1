import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import type { Finding } from './finding.ts';

/** Device nodes by what they are for; a machine without them is no worse for it. */
const KINDS = [
  { what: 'camera', folder: '/dev', name: /^video\d+$/, group: 'video' },
  {
    what: 'graphics device for hardware encoding',
    folder: '/dev/dri',
    name: /^renderD\d+$/,
    group: 'render',
  },
] as const;

/** Whether this user may open the device nodes, and how to get the right to. */
export function checkDeviceNodes(): Finding[] {
  return KINDS.flatMap(({ what, folder, name, group }): Finding[] => {
    const nodes = list(folder)
      .filter((entry) => name.test(entry))
      .map((entry) => `${folder}/${entry}`);
    if (nodes.length === 0) {
      return [
        {
          check: `${folder}/${name.source.replace(/[\^$\\]|d\+/g, '')}*`,
          status: 'ok',
          detail: `no ${what}`,
        },
      ];
    }
    return nodes.map((check) => {
      const detail = refusal(check);
      if (detail === undefined) return { check, status: 'ok', detail: 'may be opened' };
      const owner = groupName(statSync(check).gid) ?? group;
      const advice = `sudo usermod -aG ${owner} ${process.env['USER'] ?? '<user of the service>'}, then log in again`;
      return { check, status: what === 'camera' ? 'fail' : 'warn', detail, advice };
    });
  });
}

function refusal(node: string): string | undefined {
  try {
    accessSync(node, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EACCES'
      ? 'may not be opened by this user'
      : `cannot be opened: ${String(error)}`;
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return []; // no such folder: no such devices
  }
}

/** @see group(5) */
function groupName(gid: number): string | undefined {
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((entry) => Number(entry.split(':')[2]) === gid);
  return line?.split(':')[0];
}
