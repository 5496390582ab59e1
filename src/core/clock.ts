import { realtimeUs } from './libc.ts';

/** A running timer; disposing it cancels it and is idempotent. */
export type Timer = Disposable;

/**
 * Time and timers as a value, so that tests decide when time passes.
 *
 * `monotonicUs` is CLOCK_MONOTONIC in microseconds: the clock of V4L2 buffer timestamps and GPIO events,
 * comparable across threads and processes of one machine.
 */
export interface Clock {
  monotonicUs(): number;
  /** Unix time in microseconds at which the given CLOCK_MONOTONIC moment was or will be. */
  wallUsAt(monotonicUs: number): number;
  /** Calls `run` once after `delayMs`. A pending timer keeps the process alive unless the clock says otherwise. */
  after(delayMs: number, run: () => void): Timer;
}

/** The machine's clock. Timers do not keep the process alive: sockets and children do. */
export const systemClock: Clock = {
  monotonicUs: () => Math.floor(Number(process.hrtime.bigint()) / 1000),
  wallUsAt: (monotonicUs) => monotonicUs + wallOffsetUs(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};

/** Two readings further apart than this were torn by something else that ran between them. */
const TORN_US = 100;

/** What Unix time is ahead of CLOCK_MONOTONIC now. Asked anew each time, because the wall clock may be set. */
function wallOffsetUs(): number {
  let offsetUs = 0;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const before = systemClock.monotonicUs();
    const wall = realtimeUs();
    const after = systemClock.monotonicUs();
    offsetUs = Math.round(wall - (before + after) / 2);
    if (after - before < TORN_US) break;
  }
  return offsetUs;
}
