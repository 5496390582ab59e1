import { randomUUID } from 'node:crypto';
import type { Clock, Timer } from '../../../core/clock.ts';
import type { CircuitKey } from '../circuit.ts';
import type { Lease } from '../circuit-view.ts';
import { ioOverloaded, leaseNotFound } from '../errors.ts';

interface Entry {
  readonly id: string;
  readonly durationMs: number;
  readonly circuits: Set<CircuitKey>;
  endUs: number;
  timer: Timer | undefined;
  holders: number;
}

/** Most leases at a time. */
const CAP = 1000;

/** The leases that run. A lease begins with its first circuit and is gone with its last. */
export class Leases implements Disposable {
  readonly #clock: Clock;
  readonly #onEnd: (id: string, circuits: readonly CircuitKey[]) => void;
  readonly #entries = new Map<string, Entry>();

  /** @param onEnd told of every lease that ran out or was ended, when it is gone already. */
  constructor(clock: Clock, onEnd: (id: string, circuits: readonly CircuitKey[]) => void) {
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  list(): readonly Lease[] {
    return [...this.#entries.values()]
      .filter(({ circuits }) => circuits.size > 0)
      .map((one) => this.#lease(one));
  }

  /** @returns undefined when there is none. */
  get(id: string): Lease | undefined {
    const entry = this.#entries.get(id);
    return entry && this.#lease(entry);
  }

  /** Makes a lease without circuits; its time does not run. @throws AppError IO_OVERLOADED */
  create(durationMs: number): string {
    if (this.#entries.size >= CAP) throw ioOverloaded('the leases to end', this.#entries.size);
    const id = randomUUID();
    this.#entries.set(id, { id, durationMs, circuits: new Set(), endUs: 0, timer: undefined, holders: 0 });
    return id;
  }

  /** Removes a lease that no circuit has joined. */
  discard(id: string): void {
    if (this.#entries.get(id)?.circuits.size === 0) this.#remove(id);
  }

  /** Adds a circuit and begins the time anew. @returns false when the lease is gone. */
  join(id: string, circuit: CircuitKey): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    entry.circuits.add(circuit);
    this.#begin(entry);
    return true;
  }

  leave(id: string, circuit: CircuitKey): void {
    const entry = this.#entries.get(id);
    if (entry?.circuits.delete(circuit)) this.discard(id);
  }

  /** @throws AppError LEASE_NOT_FOUND */
  renew(id: string): Lease {
    const entry = this.#find(id);
    this.#begin(entry);
    return this.#lease(entry);
  }

  /** @throws AppError LEASE_NOT_FOUND */
  hold(id: string): Disposable {
    const entry = this.#find(id);
    entry.holders += 1;
    this.#begin(entry);
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        entry.holders -= 1;
        if (this.#entries.has(id)) this.#begin(entry);
      },
    };
  }

  /** @returns the circuits it had. @throws AppError LEASE_NOT_FOUND */
  end(id: string): readonly CircuitKey[] {
    const circuits = [...this.#find(id).circuits];
    this.#remove(id);
    this.#onEnd(id, circuits);
    return circuits;
  }

  /** Stops all timers; no lease is told to have ended. */
  [Symbol.dispose](): void {
    for (const id of [...this.#entries.keys()]) this.#remove(id);
  }

  #find(id: string): Entry {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw leaseNotFound(id);
    return entry;
  }

  #begin(entry: Entry): void {
    entry.timer?.[Symbol.dispose]();
    entry.endUs = this.#clock.monotonicUs() + entry.durationMs * 1000;
    entry.timer =
      entry.holders > 0 ? undefined : this.#clock.after(entry.durationMs, () => void this.end(entry.id));
  }

  #remove(id: string): void {
    this.#entries.get(id)?.timer?.[Symbol.dispose]();
    this.#entries.delete(id);
  }

  #lease({ id, circuits, durationMs, endUs, holders }: Entry): Lease {
    const isHeld = holders > 0;
    const leftMs = Math.max(0, Math.ceil((endUs - this.#clock.monotonicUs()) / 1000));
    return { id, circuits: [...circuits], durationMs, remainingMs: isHeld ? durationMs : leftMs, isHeld };
  }
}
