import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Clock ticks per second of /proc/PID/stat: fixed in the kernel's interface to user space. */
const USER_HZ = 100;

/** Processor seconds a process has used, user and system, without its children. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / USER_HZ;
}

/** Percent of one core that a process uses over a while. */
export async function cpuPercent(pid: number, seconds: number): Promise<number> {
  const [before, startedAt] = [cpuSeconds(pid), performance.now()];
  await sleep(seconds * 1000);
  return ((cpuSeconds(pid) - before) * 100_000) / (performance.now() - startedAt);
}
