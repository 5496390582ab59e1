import type { Fragment } from './fragment.ts';

/**
 * A fragment claims this many nominal durations, until its successor cuts it short.
 *
 * Chromium stops the clock as soon as it has shown a picture for its nominal duration and the next one is not
 * decoded yet, so a player must stay more than a display interval behind. With longer durations a late picture is
 * shown late and nothing stops. It also keeps the coded frames contiguous when a camera leaves pictures out: MSE
 * drops everything up to the next sync sample after a gap of more than two durations.
 */
export const DURATION_STRETCH = 4;

/** For fragments that do not tell their duration. */
export const FALLBACK_DURATION_S = 1 / 30;

/** Where a fragment belongs on the timeline of the media element. */
export interface Placement {
  /** Presentation time on the element's timeline, in seconds. */
  readonly startS: number;
  /** What to add to the fragment's own times to get there, in seconds. */
  readonly offsetS: number;
  /** True when the offset differs from the previous fragment's. */
  readonly isShifted: boolean;
}

/**
 * Maps stream time to the element's time, which starts at 0 and never has a gap or a step back: pauses of the
 * camera, dropped fragments and a restarted stream all continue where the previous fragment ends.
 */
export class MediaTimeline {
  #offsetS: number | undefined;
  #previousS = 0;
  #endS = 0;

  /**
   * Whether a fragment follows the previous one without a shift of the timeline.
   * @param timescale ticks per second of the fragment's track.
   */
  continues({ decodeTicks }: Fragment, timescale: number): boolean {
    if (this.#offsetS === undefined) return false;
    const decodeS = decodeTicks / timescale + this.#offsetS;
    return decodeS > this.#previousS && decodeS <= this.#endS;
  }

  /** Gives the fragment its place behind all others. */
  place(fragment: Fragment, timescale: number): Placement {
    const { decodeTicks, presentationTicks, durationTicks } = fragment;
    let offsetS = this.#offsetS;
    const isShifted = offsetS === undefined || !this.continues(fragment, timescale);
    if (offsetS === undefined || isShifted) {
      offsetS = this.#endS - Math.min(decodeTicks, presentationTicks) / timescale;
    }
    this.#offsetS = offsetS;
    this.#previousS = decodeTicks / timescale + offsetS;
    this.#endS = this.#previousS + (durationTicks / timescale || FALLBACK_DURATION_S) * DURATION_STRETCH;
    return { startS: presentationTicks / timescale + offsetS, offsetS, isShifted };
  }
}

/** Writes the longer duration into the fragment's bytes, where the fragment states one and pictures keep their order. */
export function stretchDuration({ bytes, durationAt, durationTicks, ...times }: Fragment): void {
  if (durationAt === undefined || times.presentationTicks !== times.decodeTicks) return;
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(durationAt, durationTicks * DURATION_STRETCH);
}
