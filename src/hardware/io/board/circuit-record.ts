import { AppError, toAppError } from '../../../core/app-error.ts';
import type { Clock } from '../../../core/clock.ts';
import {
  type ChannelInfo,
  type ChannelReading,
  type CircuitKey,
  circuitKey,
  type Health,
} from '../circuit.ts';
import type { CircuitEvent, CircuitView, EventCause } from '../circuit-view.ts';
import { ioStarting } from '../errors.ts';
import type { Bus } from './bus.ts';
import type { EventHub } from './event-hub.ts';

export interface CircuitPlace {
  readonly channel: ChannelInfo;
  readonly driver: { readonly name: string; readonly kind: string };
  readonly bus: Bus;
  readonly label: string;
  readonly alias?: string;
}

type Own = 'key' | 'channel' | 'driver' | 'label' | 'alias' | 'health' | 'details' | 'ageMs';

/** What every circuit has: its place, its health, what was read last. */
export class CircuitRecord {
  readonly key: CircuitKey;
  readonly place: CircuitPlace;
  readonly #clock: Clock;
  readonly #events: EventHub;
  #health: Health;
  #reading: ChannelReading | undefined;

  constructor(place: CircuitPlace, clock: Clock, events: EventHub) {
    this.place = place;
    this.#clock = clock;
    this.#events = events;
    this.key = circuitKey(place.channel.type, place.channel.circuit);
    const { code, message } = ioStarting(this.key);
    this.#health = { state: 'down', problem: { code, message } };
  }

  get health(): Health {
    return this.#health;
  }

  set health(health: Health) {
    this.#health = health;
  }

  /** The last one, as the driver gave it; what it did not tell again is kept. */
  get reading(): ChannelReading | undefined {
    return this.#reading;
  }

  /** @returns whether settings have changed, other than the counter. */
  accept(reading: ChannelReading): boolean {
    const before = this.#reading;
    const { settings, details } = { ...before, ...reading };
    this.#reading = { ...reading, ...(settings && { settings }), ...(details && { details }) };
    if (before === undefined || reading.settings === undefined) return false;
    return Object.entries(reading.settings).some(
      ([name, value]) => name !== 'counter' && value !== before.settings?.[name],
    );
  }

  /** @throws AppError the problem of a circuit that is down. */
  requirePresence(): void {
    const { state, problem } = this.#health;
    if (state !== 'down') return;
    if (problem === undefined) throw ioStarting(this.key);
    // busy is a conflict, whoever finds it so
    const kind = problem.code === 'IO_BUSY' ? 'conflict' : 'unavailable';
    throw new AppError(problem.code, kind, problem.message);
  }

  tell(cause: EventCause, value: number | undefined, more: Partial<CircuitEvent> = {}): void {
    this.#events.tell({ key: this.key, cause, ...(value !== undefined && { value }), ...more });
  }

  /** Tells that something could not be done; the health itself is the driver's to tell. */
  tellFault(value: number | undefined, error: unknown): void {
    const { code, message } = toAppError(error);
    this.tell('fault', value, { health: { state: this.#health.state, problem: { code, message } } });
  }

  /** @param more what the kind of circuit knows of it. */
  view(more: Omit<CircuitView, Own>): CircuitView {
    const { channel, driver, label, alias, bus } = this.place;
    const confirmedUs = bus.driver.confirmedUs?.(this.key) ?? 0;
    return {
      key: this.key,
      channel,
      driver,
      label,
      ...(alias !== undefined && { alias }),
      health: this.#health,
      details: this.#reading?.details ?? {},
      ...(this.#reading && {
        ageMs: Math.max(0, this.#clock.monotonicUs() - Math.max(this.#reading.takenUs, confirmedUs)) / 1000,
      }),
      ...more,
    };
  }
}
