import {
  type AccessUnit,
  type CodecConfig,
  type CodedUnit,
  isSameConfig,
  type Track,
} from '../media/coded.ts';

/** Ticks per second of every video track: RTP's clock for video, and exact for common frame rates. */
export const VIDEO_TIMESCALE = 90_000;

/**
 * Places coded units on a stream's timeline.
 *
 * The timeline starts with the first unit and follows the capture clock, so it goes on across restarts of the
 * encoder or the source. Decoding times always rise; a decoder configuration that differs starts a new epoch.
 */
export class Timeline {
  #originUs: number | undefined;
  #track: Track | undefined;
  #sequence = 0;
  #lastDtsTicks = -1;
  #lastDtsUs = 0;
  #lastStepUs: number;
  #durationUs: number;
  #awaitsSync = true;

  /** @param nominalDurationUs duration of a picture until two have been seen. */
  constructor(nominalDurationUs: number) {
    this.#lastStepUs = nominalDurationUs;
    this.#durationUs = nominalDurationUs;
  }

  /** The track of the units to come; undefined before the first configuration. */
  get track(): Track | undefined {
    return this.#track;
  }

  /**
   * Takes a decoder configuration. An equal one keeps the epoch and with it the readers' init segment; either way
   * the next unit placed is a sync sample, because the encoder has started anew.
   */
  configure(config: CodecConfig): void {
    this.#awaitsSync = true;
    const track = this.#track;
    if (track !== undefined && isSameConfig(track.config, config)) return;
    this.#track = { id: 1, timescale: VIDEO_TIMESCALE, epoch: (track?.epoch ?? 0) + 1, config };
  }

  /**
   * @param capturedWallUs Unix time of the capture.
   * @returns undefined for a unit that cannot be decoded: before any configuration, or before a sync sample.
   */
  place(unit: CodedUnit, capturedWallUs: number): AccessUnit | undefined {
    const track = this.#track;
    if (track === undefined || (this.#awaitsSync && !unit.isSync)) return undefined;
    this.#awaitsSync = false;
    this.#originUs ??= unit.dtsUs;
    const stepUs = unit.dtsUs - this.#lastDtsUs;
    if (this.#sequence > 0 && stepUs > 0) {
      // A lone long step is a pause, not the duration of a picture.
      this.#durationUs += (Math.min(stepUs, this.#lastStepUs) - this.#durationUs) / 8;
      this.#lastStepUs = stepUs;
    }
    const dtsTicks = Math.max(toTicks(unit.dtsUs - this.#originUs), this.#lastDtsTicks + 1);
    const ptsTicks = Math.max(dtsTicks, toTicks(unit.ptsUs - this.#originUs));
    this.#lastDtsTicks = dtsTicks;
    this.#lastDtsUs = unit.dtsUs;
    this.#sequence += 1;
    return {
      track,
      data: unit.data,
      ptsTicks,
      dtsTicks,
      durationTicks: toTicks(this.#durationUs),
      isSync: unit.isSync,
      sequence: this.#sequence,
      capturedUs: unit.ptsUs,
      capturedWallUs,
    };
  }

  /**
   * PTS of the picture that was taken at a moment, whether it has been placed yet or not.
   * @param capturedUs CLOCK_MONOTONIC.
   * @returns undefined before the first unit, and for pictures from before it.
   */
  ticksAt(capturedUs: number): number | undefined {
    if (this.#originUs === undefined || capturedUs < this.#originUs) return undefined;
    return toTicks(capturedUs - this.#originUs);
  }
}

function toTicks(us: number): number {
  return Math.round((us * VIDEO_TIMESCALE) / 1e6);
}
