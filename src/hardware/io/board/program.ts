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
 * Goes on to the next step when it is due. No step is left out: one that would be over already when it begins has its
 * whole time from then; any other late call shifts nothing.
 * @returns undefined when the program is over.
 */
export function advance(program: Program, run: Run, nowUs: number): Run | undefined {
  if (nowUs >= run.deadlineUs) return undefined;
  if (nowUs < run.stepEndUs) return run;
  const isLast = run.index + 1 === program.steps.length;
  const index = isLast ? 0 : run.index + 1;
  const round = isLast ? run.round + 1 : run.round;
  if (isLast && round === program.repeat) return undefined;
  const durationUs = (program.steps[index]?.durationMs ?? 0) * 1000;
  const endUs = run.stepEndUs + durationUs;
  return { ...run, index, round, stepEndUs: endUs > nowUs ? endUs : nowUs + durationUs };
}
