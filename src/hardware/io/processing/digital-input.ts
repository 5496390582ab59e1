import type { Clock, Timer } from '../../../core/clock.ts';
import type { ChannelFeatures, Edge } from '../circuit.ts';
import type { DigitalInputSettings } from '../settings.ts';
import { EdgeRate } from './edge-rate.ts';

export interface DigitalInputOptions {
  readonly settings: DigitalInputSettings;
  readonly features: ChannelFeatures;
  readonly clock: Clock;
  readonly initialCounter: number;
  /**
   * A processed edge that is to be reported, with the counter after it; `value` and `counter` have it already. An edge
   * that changes the value is told here first, then to `onChange`.
   */
  onEdge(edge: Edge, counter: number): void;
  /** The processed value has changed, reported or not; also from undefined. */
  onChange(value: 0 | 1): void;
}

/**
 * A reading that is older than the last edge's stamp by less may have been stamped after that edge and taken before it.
 */
const READING_SLACK_US = 1000;
/** A hardware counter that seems to have gone this far has begun anew. */
const RESTART = 2 ** 31;
/** A timer that runs later than this found the event loop busy: edges may be waiting behind it. */
const LATE_US = 2000;

/**
 * Turns edges and readings of a line into the value, counter and edges of a circuit: invert, debounce, count, report.
 *
 * Software debounce: a change counts once the line has rested for the period, judged by the stamps of the edges; only
 * the rest after the last edge of a burst is timed here. The edge that is then reported carries the stamp of the first
 * edge of the burst in its direction, because a contact closes when it first touches: what follows is its bouncing.
 * Its `lost` sums what was lost since the last reported edge.
 *
 * Two edges of one direction in a row mean that one between them was lost: the second counts too, the value stays.
 */
export class DigitalInput implements Disposable {
  readonly #options: DigitalInputOptions;
  readonly #rate = new EdgeRate();
  #isCounting = true;
  #debounceUs: number;
  #counter: number;
  #value: 0 | 1 | undefined;
  #lostEdges = 0;
  #unreportedLost = 0;

  /** After the last edge or reading, before debouncing. */
  #level: 0 | 1 | undefined;
  /** Readings that were taken earlier do not know of the last edge. */
  #knownUs = 0;
  /** Set by a reading that was ahead of the kernel's edge, which then tells nothing new. */
  #polledLevel: 0 | 1 | undefined;

  /** First edge of a burst that left the value. */
  #first: Edge | undefined;
  #last: Edge | undefined;
  #lastArrivalUs = 0;
  #restTimer: Timer | undefined;

  constructor(options: DigitalInputOptions) {
    this.#options = options;
    this.#counter = options.initialCounter;
    this.#debounceUs = options.features.debounce === true ? 0 : (options.settings.debounceUs ?? 0);
  }

  get value(): 0 | 1 | undefined {
    return this.#value;
  }

  /** Counted edges, modulo 2^32; lost ones are not in it. */
  get counter(): number {
    return this.#counter;
  }

  get lostEdges(): number {
    return this.#lostEdges;
  }

  /** Period of the software debounce; 0 where the hardware debounces. */
  get debounceUs(): number {
    return this.#debounceUs;
  }

  /** Counted edges per second. @param nowUs CLOCK_MONOTONIC */
  frequencyHz(nowUs: number): number {
    return this.#rate.hz(nowUs);
  }

  setDebounceUs(us: number): void {
    if (this.#options.features.debounce === true) return;
    this.#debounceUs = us;
    this.#stopTimer();
    if (us === 0) this.#rest();
    else if (this.#first !== undefined) this.#awaitRest();
  }

  /** @param counter 0 to 2^32 - 1. A counter of the hardware is set through its driver. */
  setCounter(counter: number): void {
    this.#counter = counter;
  }

  setCounting(isEnabled: boolean): void {
    this.#isCounting = isEnabled;
  }

  /** Takes an edge as the driver tells it. */
  edge(edge: Edge): void {
    const level = (edge.edge === 'rising') === this.#options.settings.invert ? 0 : 1;
    this.#lostEdges += edge.lost;
    this.#unreportedLost += edge.lost;
    const isKnown = this.#polledLevel === level;
    this.#polledLevel = undefined;
    if (!isKnown) this.#take(edge, level);
  }

  /**
   * Takes a reading. One that differs from the last edge makes an edge with the clock `polled`; one taken before it is
   * out of date.
   * @param takenUs CLOCK_MONOTONIC
   * @param hardwareCounter the channel's, where it has the feature `counter`.
   */
  reading(value: 0 | 1, takenUs: number, hardwareCounter?: number): void {
    if (hardwareCounter !== undefined) this.#follow(hardwareCounter, takenUs);
    const { settings, features } = this.#options;
    const level = settings.invert ? invert(value) : value;
    if (this.#level === undefined) {
      this.#level = level;
      this.#value = level;
      this.#options.onChange(level);
      return;
    }
    if (level === this.#level || takenUs < this.#knownUs) return;
    this.#take(
      {
        edge: value === 1 ? 'rising' : 'falling',
        timestampNs: BigInt(Math.round(takenUs)) * 1000n,
        clock: 'polled',
        lineSequence: 0,
        lost: 0,
      },
      level,
    );
    if (features.edges === true) this.#polledLevel = level;
  }

  /** Ends debouncing: what has not come to rest is never told. */
  [Symbol.dispose](): void {
    this.#stopTimer();
  }

  #take(edge: Edge, level: 0 | 1): void {
    const stampUs = Number(edge.timestampNs) / 1000;
    const isMonotonic = edge.clock === 'monotonic' || edge.clock === 'polled';
    const atUs = isMonotonic ? stampUs : this.#options.clock.monotonicUs();
    this.#knownUs = edge.clock === 'polled' ? atUs : atUs + READING_SLACK_US;
    if (this.#debounceUs === 0) {
      this.#level = level;
      this.#accept(edge, level, stampUs, atUs);
      return;
    }
    const last = this.#last;
    const isComparable = last?.clock === edge.clock;
    if (isComparable && stampUs - Number(last.timestampNs) / 1000 >= this.#debounceUs) this.#rest();
    this.#last = edge;
    this.#level = level;
    if (level !== this.#value) this.#first ??= edge;
    this.#lastArrivalUs = this.#options.clock.monotonicUs();
    if (this.#first !== undefined && this.#restTimer === undefined) this.#awaitRest();
  }

  /** The line has rested at its level: the burst is over. */
  #rest(): void {
    const first = this.#first;
    const level = this.#level;
    this.#first = undefined;
    if (first === undefined || level === undefined || level === this.#value) return;
    const stampUs = Number(first.timestampNs) / 1000;
    this.#accept(first, level, stampUs, this.#lastArrivalUs);
  }

  /** Has one timer look after the burst, however many edges it has. */
  #awaitRest(): void {
    const { clock } = this.#options;
    const dueUs = this.#lastArrivalUs + this.#debounceUs;
    const delayMs = Math.max(0, dueUs - clock.monotonicUs()) / 1000;
    this.#restTimer = clock.after(delayMs, () => {
      this.#restTimer = undefined;
      const nowUs = clock.monotonicUs();
      const isOver = this.#lastArrivalUs + this.#debounceUs <= nowUs;
      if (!isOver) this.#awaitRest();
      else if (nowUs - dueUs > LATE_US) this.#restTimer = clock.after(1, () => this.#lookAgain());
      else this.#rest();
    });
  }

  /** After edges that waited behind a late timer have been told. */
  #lookAgain(): void {
    this.#restTimer = undefined;
    const restedUs = this.#options.clock.monotonicUs() - this.#lastArrivalUs;
    if (restedUs >= this.#debounceUs) this.#rest();
    else this.#awaitRest();
  }

  #accept(edge: Edge, level: 0 | 1, stampUs: number, atUs: number): void {
    const { settings, features } = this.#options;
    if (this.#isCounting && features.counter !== true && includes(settings.count, level)) {
      this.#counter = (this.#counter + 1) >>> 0;
      this.#rate.add(stampUs, atUs);
    }
    const hasChanged = level !== this.#value;
    this.#value = level;
    if (includes(settings.report, level)) {
      const lost = this.#unreportedLost;
      this.#unreportedLost = 0;
      this.#options.onEdge(processed(edge, level, lost), this.#counter);
    }
    if (hasChanged) this.#options.onChange(level);
  }

  #follow(hardwareCounter: number, takenUs: number): void {
    const counted = (hardwareCounter - this.#counter) >>> 0;
    this.#counter = hardwareCounter;
    if (counted > 0 && counted < RESTART) this.#rate.add(takenUs, takenUs, counted);
  }

  #stopTimer(): void {
    this.#restTimer?.[Symbol.dispose]();
    this.#restTimer = undefined;
  }
}

function invert(value: 0 | 1): 0 | 1 {
  return value === 1 ? 0 : 1;
}

function includes(edges: DigitalInputSettings['count'], level: 0 | 1): boolean {
  return edges === 'both' || edges === (level === 1 ? 'rising' : 'falling');
}

/** The edge itself where nothing about it differs. */
function processed(edge: Edge, level: 0 | 1, lost: number): Edge {
  const direction = level === 1 ? 'rising' : 'falling';
  return edge.edge === direction && edge.lost === lost ? edge : { ...edge, edge: direction, lost };
}
