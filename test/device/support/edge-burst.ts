import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { SimulatedChip } from './simulated-chip.ts';

/**
 * Pulls an input down and up 500 times, from another process. The input must have had an edge already: from then on
 * the kernel leaves its interrupt thread where it is put.
 */
export function burstOf1000Edges(chip: SimulatedChip, offset: number): void {
  // On one processor the interrupt thread runs before the next edge; else the simulated interrupt merges edges.
  for (const thread of interruptThreads()) execFileSync('taskset', ['-cp', '0', thread]);
  const edges = 'for n in {1..500}; do echo pull-down > $0; echo pull-up > $0; done';
  execFileSync('taskset', ['-c', '0', 'bash', '-c', edges, chip.pullFile(offset)]);
}

/** Process ids of the kernel's threads for the service's lines. */
function interruptThreads(): string[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/comm`, 'utf8').endsWith('-vidicon\n');
    } catch {
      return false; // it has just ended
    }
  });
}
