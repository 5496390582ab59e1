/** What a queue has to know of an event. */
export interface QueuedEvent {
  /** Of the circuit. */
  readonly key: string;
  readonly number: number;
  /** A reading of an analog circuit: of those that wait only the newest matters. */
  readonly isSample: boolean;
}

/** An event that is taken out, and how many were lost right before it because the queue was full. */
export interface TakenEvent<T> {
  readonly event: T;
  readonly missed: number;
}

/** Most events that wait for one client. */
export const MAX_WAITING_EVENTS = 10_000;

/**
 * Events that wait for one client, oldest first. A sample takes the place of the circuit's sample that waits, at the
 * end; when the queue is full the oldest event goes.
 */
export class EventQueue<T extends QueuedEvent> {
  /** In order of insertion: samples by circuit, all others by number. */
  readonly #waiting = new Map<string | number, T>();
  readonly #capacity: number;
  /** Lost since the last event that was taken. */
  #lost = 0;
  #missed = 0;
  #coalesced = 0;

  constructor(capacity = MAX_WAITING_EVENTS) {
    this.#capacity = capacity;
  }

  /** All events that this queue has lost. */
  get missed(): number {
    return this.#missed;
  }

  /** All samples that a newer one took the place of. */
  get coalesced(): number {
    return this.#coalesced;
  }

  get length(): number {
    return this.#waiting.size;
  }

  push(event: T): void {
    const slot = event.isSample ? event.key : event.number;
    if (this.#waiting.delete(slot)) this.#coalesced += 1;
    this.#waiting.set(slot, event);
    if (this.#waiting.size <= this.#capacity) return;
    this.#shift();
    this.#lost += 1;
    this.#missed += 1;
  }

  /** Takes the oldest events out, so many at the most. */
  take(limit: number): readonly TakenEvent<T>[] {
    const taken: TakenEvent<T>[] = [];
    while (taken.length < limit) {
      const event = this.#shift();
      if (event === undefined) break;
      taken.push({ event, missed: this.#lost });
      this.#lost = 0;
    }
    return taken;
  }

  #shift(): T | undefined {
    for (const [slot, event] of this.#waiting) {
      this.#waiting.delete(slot);
      return event;
    }
    return undefined;
  }
}
