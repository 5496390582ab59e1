/** Exchanges that are remembered: clocks drift, so old ones have to go. */
const SAMPLES = 8;

interface Sample {
  readonly offsetMs: number;
  readonly roundTripMs: number;
}

/**
 * Estimates the service's wall clock from ping and pong. Of the last exchanges the one with the shortest round trip
 * counts, because its error is at most half of that.
 */
export class ServerClock {
  #samples: Sample[] = [];

  /**
   * @param sentMs and receivedMs: this machine's Unix time when the ping left and the pong came.
   * @param serverMs the service's Unix time in between.
   */
  exchange(sentMs: number, receivedMs: number, serverMs: number): void {
    const roundTripMs = receivedMs - sentMs;
    if (!(roundTripMs >= 0) || !Number.isFinite(serverMs)) return;
    const offsetMs = serverMs - (sentMs + receivedMs) / 2;
    this.#samples = [...this.#samples, { offsetMs, roundTripMs }].slice(-SAMPLES);
  }

  /** What to add to this machine's Unix time to get the service's; undefined before the first exchange. */
  get offsetMs(): number | undefined {
    return this.#best()?.offsetMs;
  }

  /** Shortest round trip of the last exchanges. */
  get roundTripMs(): number | undefined {
    return this.#best()?.roundTripMs;
  }

  #best(): Sample | undefined {
    return this.#samples.reduce<Sample | undefined>(
      (best, sample) => (best && best.roundTripMs <= sample.roundTripMs ? best : sample),
      undefined,
    );
  }
}

/** Unix time in milliseconds with the precision of performance.now(). */
export function wallNowMs(): number {
  return performance.timeOrigin + performance.now();
}
