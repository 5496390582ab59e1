/** How long to wait before each attempt of a retry: doubling, capped, with jitter. */
export interface RetrySchedule {
  readonly firstMs: number;
  readonly maxMs: number;
  /** Part of a delay that is random, 0 to 1: 0.2 spreads over ±20 %. */
  readonly jitter: number;
}

/**
 * Delay before a retry.
 * @param attempt 1 for the first retry.
 * @param random a number from 0 (inclusive) to 1 (exclusive).
 */
export function retryDelayMs(schedule: RetrySchedule, attempt: number, random: number): number {
  const exponent = Math.min(attempt - 1, 30);
  const delayMs = Math.min(schedule.firstMs * 2 ** exponent, schedule.maxMs);
  return Math.round(delayMs * (1 + schedule.jitter * (2 * random - 1)));
}
