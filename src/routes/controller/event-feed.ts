import type { Clock } from '../../core/clock.ts';
import type { Board } from '../../hardware/io/board.ts';
import type { CircuitKey } from '../../hardware/io/circuit.ts';
import type { CircuitEvent } from '../../hardware/io/circuit-view.ts';
import type { EventFilter } from './event-filter.ts';
import { eventMessage } from './event-message.ts';
import type { QueuedEvent } from './event-queue.ts';
import { circuitDict } from './representation.ts';

/** An event with its JSON, which is made once for all clients. */
export interface FedEvent extends QueuedEvent {
  readonly key: CircuitKey;
  /** An object's JSON. */
  readonly text: string;
}

export type FeedListener = (event: FedEvent) => void;

/** The board's events for the clients of the events socket, which join and leave. */
export class EventFeed implements Disposable {
  readonly #board: Board;
  readonly #clock: Clock;
  readonly #listeners = new Set<FeedListener>();
  readonly #analog: ReadonlySet<CircuitKey>;
  readonly #subscription: Disposable;
  #lastNumber = 0;

  constructor(board: Board, clock: Clock) {
    this.#board = board;
    this.#clock = clock;
    const analog = board.circuits().filter(({ channel }) => channel.signal === 'analog');
    this.#analog = new Set(analog.map(({ key }) => key));
    this.#subscription = board.onEvent((event) => this.#tell(event));
  }

  get clients(): number {
    return this.#listeners.size;
  }

  /** Calls back at every event until disposed. */
  join(listener: FeedListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Every circuit that passes, as it is after the last event: a message's JSON. */
  snapshot(passes: EventFilter): string {
    const seq = this.#lastNumber;
    const views = this.#board.circuits().filter(({ key }) => passes(key));
    return JSON.stringify(views.map((view) => ({ ...circuitDict(view), cause: 'snapshot', seq })));
  }

  #tell(event: CircuitEvent): void {
    const { key, number, cause } = event;
    this.#lastNumber = number;
    if (this.#listeners.size === 0) return;
    const isSample = cause === 'reading' && this.#analog.has(key);
    const fed = { key, number, isSample, text: JSON.stringify(eventMessage(event, this.#clock)) };
    for (const listener of this.#listeners) listener(fed);
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }
}
