/** A misbehaviour that a simulated camera can be told to show. */
export type SimulatedFault =
  /** The sensor gives no pictures for a while; the stream sees SOURCE_STALLED if that is too long for it. */
  | { readonly kind: 'stall'; readonly forMs: number }
  /** The camera is unplugged (SOURCE_GONE), is absent from the list for a while, and returns under its mxid. */
  | { readonly kind: 'vanish'; readonly forMs: number }
  /** The sensor changes its frame size until it is closed. */
  | { readonly kind: 'resize'; readonly width: number; readonly height: number };

/** A fault that comes by itself, counted from each opening of a sensor. */
export type ScheduledFault = SimulatedFault & { readonly afterOpeningMs: number };

const PLACES = { isGone: 0, isStalled: 1, width: 2, height: 3 } as const;

/**
 * How faults reach a sensor inside its capture thread: four integers in shared memory, set by the driver and looked
 * at by the producer before each picture.
 */
export class FaultLine {
  readonly memory: SharedArrayBuffer;
  readonly #values: Int32Array;

  constructor(memory = new SharedArrayBuffer(4 * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#values = new Int32Array(memory);
  }

  get isGone(): boolean {
    return Atomics.load(this.#values, PLACES.isGone) === 1;
  }

  get isStalled(): boolean {
    return Atomics.load(this.#values, PLACES.isStalled) === 1;
  }

  /** The frame size to change to, or undefined while the sensor keeps its own. */
  get size(): { readonly width: number; readonly height: number } | undefined {
    // The width is stored last: once it is there, the height is.
    const width = Atomics.load(this.#values, PLACES.width);
    return width === 0 ? undefined : { width, height: Atomics.load(this.#values, PLACES.height) };
  }

  vanish(): void {
    Atomics.store(this.#values, PLACES.isGone, 1);
  }

  stall(isStalled: boolean): void {
    Atomics.store(this.#values, PLACES.isStalled, isStalled ? 1 : 0);
  }

  resize(width: number, height: number): void {
    Atomics.store(this.#values, PLACES.height, height);
    Atomics.store(this.#values, PLACES.width, width);
  }
}
