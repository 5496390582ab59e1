import type { AppError } from '../../../../core/app-error.ts';
import { retryDelayMs } from '../../../../core/retry-schedule.ts';
import type { Health } from '../../circuit.ts';

/** How long hardware may be silent before it counts as gone. */
const DOWN_AFTER_US = 5_000_000;
/** Longest wait between attempts, as evok has it. */
const MAX_DELAY_MS = 120_000;

/** A time in which something does not work, from its first failure on. */
export interface Outage {
  readonly errors: number;
  readonly sinceUs: number;
  readonly problem: AppError;
  /** When it is tried again. */
  readonly retryUs: number;
}

/** The outage after one more failure: the first retry comes after one interval, each further one after twice as long. */
export function failed(
  before: Outage | undefined,
  problem: AppError,
  nowUs: number,
  intervalMs: number,
): Outage {
  const errors = (before?.errors ?? 0) + 1;
  const delayMs = retryDelayMs({ firstMs: intervalMs, maxMs: MAX_DELAY_MS, jitter: 0 }, errors, 0.5);
  return { errors, sinceUs: before?.sinceUs ?? nowUs, problem, retryUs: nowUs + delayMs * 1000 };
}

/** When an outage turns from stale to down. */
export const downUs = (outage: Outage): number => outage.sinceUs + DOWN_AFTER_US;

/** @param hasBeenRead whether there is a last reading that could be stale. */
export function healthOf(outage: Outage, hasBeenRead: boolean, nowUs: number): Health {
  const { code, message } = outage.problem;
  const isDown = !hasBeenRead || nowUs >= downUs(outage);
  return { state: isDown ? 'down' : 'stale', problem: { code, message } };
}
