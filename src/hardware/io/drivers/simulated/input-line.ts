import type { Clock, Timer } from '../../../../core/clock.ts';
import type { Edge } from '../../circuit.ts';

/** A level that a line takes on at a moment of CLOCK_MONOTONIC. */
export interface Transition {
  readonly level: 0 | 1;
  readonly atUs: number;
}

/**
 * A line of the simulated board as a kernel would watch it: edges carry the moment at which they happened, which is
 * before they are told, and are numbered from 1.
 */
export class InputLine implements Disposable {
  readonly #clock: Clock;
  readonly #onEdge: (edge: Edge) => void;
  #level: 0 | 1;
  #sequence = 0;
  #coming: Transition[] = [];
  #timer: Timer | undefined;

  constructor(level: 0 | 1, clock: Clock, onEdge: (edge: Edge) => void) {
    this.#level = level;
    this.#clock = clock;
    this.#onEdge = onEdge;
  }

  get level(): 0 | 1 {
    return this.#level;
  }

  /** Replaces the transitions to come. @param transitions in order; those that are due are made at once. */
  take(transitions: readonly Transition[]): void {
    this.#coming = [...transitions];
    this.#advance();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#coming = [];
  }

  #advance(): void {
    this.#timer?.[Symbol.dispose]();
    for (let next = this.#coming[0]; next !== undefined; next = this.#coming[0]) {
      const waitUs = next.atUs - this.#clock.monotonicUs();
      if (waitUs > 0) {
        this.#timer = this.#clock.after(waitUs / 1000, () => this.#advance());
        return;
      }
      this.#coming.shift();
      this.#move(next);
    }
  }

  #move({ level, atUs }: Transition): void {
    if (level === this.#level) return;
    this.#level = level;
    this.#sequence += 1;
    this.#onEdge({
      edge: level === 1 ? 'rising' : 'falling',
      timestampNs: BigInt(Math.round(atUs)) * 1000n,
      clock: 'monotonic',
      lineSequence: this.#sequence,
      lost: 0,
    });
  }
}
