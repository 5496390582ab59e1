import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

const MOUNTED = '/mnt/vidicon-state';

/**
 * Mounts the lab's disk, whose content outlasts a power loss. The kernel writes nothing to it by itself before
 * minutes have passed: what is there after a power loss is what a program has waited for.
 * @returns the folder.
 */
export function mountStateDisk(): string {
  for (const module of ['virtio_blk', 'crc32c_generic', 'ext4']) execFileSync('modprobe', [module]);
  mkdirSync(MOUNTED, { recursive: true });
  execFileSync('mount', ['-t', 'ext4', '-o', 'commit=600', '/dev/vda', MOUNTED]);
  return MOUNTED;
}
