import type { Level } from '../circuit.ts';

/** A pulse or sequence as it was asked for. */
export interface Program {
  readonly kind: 'pulse' | 'sequence';
  readonly steps: readonly { readonly value: number; readonly durationMs: number }[];
  /** How often the steps run; 0: until something ends it. */
  readonly repeat: number;
  readonly deadlineMs?: number;
  /** Where it ends; `safe`: at the safe value, or where it is if the output has none. */
  readonly end: Level | 'safe';
}

/** Where a program is. Times are CLOCK_MONOTONIC in microseconds. */
export interface Run {
  readonly index: number;
  /** Rounds done. */
  readonly round: number;
  /** When the present step ends. */
  readonly stepEndUs: number;
  /** When the deadline ends the program. */
  readonly deadlineUs: number;
}

export function start({ steps, deadlineMs = Infinity }: Program, nowUs: number): Run {
  const first = steps[0]?.durationMs ?? 0;
  return { index: 0, round: 0, stepEndUs: nowUs + first * 1000, deadlineUs: nowUs + deadlineMs * 1000 };
}

/** When the run has to be advanced next. */
export function dueUs({ stepEndUs, deadlineUs }: Run): number {
  return Math.min(stepEndUs, deadlineUs);
}

/**
 * Goes on to the step that belongs to a moment. Steps follow the clock, not the calls: late calls shift nothing.
 * @returns undefined when the program is over.
 */
export function advance(program: Program, run: Run, nowUs: number): Run | undefined {
  if (nowUs >= run.deadlineUs) return undefined;
  let { index, round, stepEndUs } = run;
  while (nowUs >= stepEndUs) {
    index += 1;
    if (index === program.steps.length) {
      index = 0;
      round += 1;
      if (round === program.repeat) return undefined;
    }
    stepEndUs += (program.steps[index]?.durationMs ?? 0) * 1000;
  }
  return { ...run, index, round, stepEndUs };
}
