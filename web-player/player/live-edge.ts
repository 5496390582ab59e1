/** What the media element is to do now. */
export type EdgeAction =
  | { readonly kind: 'rate'; readonly rate: number }
  | { readonly kind: 'seek' }
  /** Stop until some pictures wait, and go on from there. */
  | { readonly kind: 'hold' }
  | { readonly kind: 'none' };

/**
 * How early, in milliseconds, late pictures come before their turn: decoding and one interval of a 60 Hz display fit
 * in. Chromium shows a picture 15 to 20 ms after its arrival then.
 */
const TARGET_MS = 18;
/** Reserves up to this much above the target are left alone: every change of rate costs smoothness. */
const TOLERANCE_MS = 5;
/** What a stop of the clock for want of a picture adds to the target; it wears off by itself. */
const UNDERFLOW_PENALTY_MS = 8;
const MAX_PENALTY_MS = 200;
/** After a stop the browser is left alone at its normal rate; several stops in this time count as one. */
const SETTLE_MS = 500;
/**
 * With a single decoded picture at hand, Chromium can get caught: it shows each picture at once, but stops its clock
 * again before the next, so that time stands still. So many stops in a row, with the clock so far behind the newest
 * picture, tell. Several pictures at hand free it; a seek to the edge, where there are few, seldom does. A clock that
 * stops beside the newest picture has just run out of them.
 */
const STOPS_WHEN_CAUGHT = 4;
const RESERVE_WHEN_CAUGHT_MS = 150;
const PENALTY_DECAY_PER_MS = 0.001;
/** Jitter shows within this time. */
const WINDOW_MS = 2_000;
/** Of the pictures in the window, this part may come later than the reserve allows: single hiccups. */
const OUTLIERS = 0.05;
const SEEK_BEYOND_MS = 600;
/** Seeks decode from a sync sample, so they are given time to succeed. */
const SEEK_PAUSE_MS = 1_000;
const MIN_RATE = 0.95;
const MAX_RATE = 1.1;
/** Stops of the clock so soon after a seek come from the seek. */
const JOIN_GRACE_MS = 2_000;
/** Until the edge is reached for the first time, nobody has a sense of the speed yet. */
const JOIN_RATE = 1.3;
/** Time in which a distance is to be made up, before the limits above. */
const CORRECTION_MS = 600;
const RATE_STEP = 0.005;

/**
 * Keeps playback at the live edge. It looks at the *reserve*: how long before its turn a picture reaches the media
 * element. From how late pictures arrived recently it knows how small the reserve gets at the present position, so
 * steady networks get the least latency and unsteady ones as much as they need. Pure: the caller measures and acts.
 */
export class LiveEdge {
  /** Arrival on this machine's clock minus presentation time, in milliseconds: the same wherever playback stands. */
  #latenesses: { readonly atMs: number; readonly latenessMs: number }[] = [];
  #isJoining = true;
  #rate = 1;
  #penaltyMs = 0;
  #penaltyAtMs = 0;
  #stops = 0;
  #underflowAtMs = Number.NEGATIVE_INFINITY;
  #joinedAtMs = Number.NEGATIVE_INFINITY;

  /** The reserve of late pictures the player aims for now, in milliseconds. */
  targetMs(nowMs: number): number {
    return TARGET_MS + Math.max(0, this.#penaltyMs - (nowMs - this.#penaltyAtMs) * PENALTY_DECAY_PER_MS);
  }

  /** Playback begins anew: after joining, after a seek by anybody, and after a hold. */
  join(nowMs: number): void {
    this.#isJoining = true;
    this.#joinedAtMs = nowMs;
    this.#underflowAtMs = Number.NEGATIVE_INFINITY;
    this.#stops = 0;
  }

  /** The timeline was shifted: presentation times from before do not compare with those to come. */
  shift(): void {
    this.#latenesses = [];
  }

  /**
   * The clock stopped because no picture was there.
   * @param reserveMs presentation time of the newest picture minus the element's current time.
   */
  underflow(reserveMs: number, nowMs: number): EdgeAction {
    const isNew = nowMs - this.#underflowAtMs > SETTLE_MS;
    this.#underflowAtMs = nowMs;
    this.#stops = isNew ? 1 : this.#stops + 1;
    const isCaught = this.#stops >= STOPS_WHEN_CAUGHT && reserveMs > RESERVE_WHEN_CAUGHT_MS;
    if (isCaught) return { kind: 'hold' };
    if (isNew && nowMs - this.#joinedAtMs > JOIN_GRACE_MS) {
      const penaltyMs = this.targetMs(nowMs) - TARGET_MS + UNDERFLOW_PENALTY_MS;
      this.#penaltyMs = Math.min(MAX_PENALTY_MS, penaltyMs);
      this.#penaltyAtMs = nowMs;
    }
    // The stop tells that the edge has been reached.
    this.#isJoining = false;
    return this.#setRate(1);
  }

  /**
   * A picture was handed to the media element.
   * @param ptsMs its presentation time, and `currentMs` the element's current time.
   */
  observe(ptsMs: number, currentMs: number, nowMs: number): EdgeAction {
    const reserveMs = ptsMs - currentMs;
    if (Math.abs(reserveMs) > SEEK_BEYOND_MS) return this.#seek(nowMs);
    this.#latenesses = this.#latenesses.filter(({ atMs }) => nowMs - atMs < WINDOW_MS);
    this.#latenesses.push({ atMs: nowMs, latenessMs: nowMs - ptsMs });
    const excessMs = this.#lateReserve(currentMs, nowMs) - this.targetMs(nowMs);
    if (excessMs <= TOLERANCE_MS) this.#isJoining = false;
    const isSettling = nowMs - this.#underflowAtMs < SETTLE_MS;
    return this.#setRate(isSettling ? 1 : this.#rateFor(excessMs));
  }

  /** The reserve that late pictures would have at the present position. */
  #lateReserve(currentMs: number, nowMs: number): number {
    const sorted = this.#latenesses.map(({ latenessMs }) => latenessMs).sort((a, b) => b - a);
    const latenessMs = sorted[Math.floor(sorted.length * OUTLIERS)] ?? 0;
    return nowMs - currentMs - latenessMs;
  }

  #rateFor(excessMs: number): number {
    if (this.#isJoining) return JOIN_RATE;
    if (excessMs >= 0 && excessMs <= TOLERANCE_MS) return 1;
    return Math.min(MAX_RATE, Math.max(MIN_RATE, 1 + excessMs / CORRECTION_MS));
  }

  #seek(nowMs: number): EdgeAction {
    if (nowMs - this.#joinedAtMs < SEEK_PAUSE_MS) return { kind: 'none' };
    this.join(nowMs);
    return { kind: 'seek' };
  }

  #setRate(rate: number): EdgeAction {
    const isWorthIt = Math.abs(rate - this.#rate) >= RATE_STEP || (rate === 1 && this.#rate !== 1);
    if (!isWorthIt) return { kind: 'none' };
    this.#rate = rate;
    return { kind: 'rate', rate };
  }
}
