import type { Circuit, CircuitDict, CircuitEvent } from './io-circuit.ts';
import type { EdgeRow } from './io-edge-log.ts';
import { type LiveCircuit, listed, withDict, withEvent } from './io-live-circuit.ts';

/** What a message from the event socket has changed. */
export interface StoreChange {
  readonly keys: readonly string[];
  readonly edges: readonly EdgeRow[];
  /** It told of something that only the list describes in full. */
  readonly needsList: boolean;
}

/** All circuits of the service as far as this page has been told. It draws nothing. */
export class CircuitStore {
  readonly #circuits = new Map<string, LiveCircuit>();
  readonly #keys = new Map<string, string>();
  #missed = 0;
  #listAskedAtMs = Number.NEGATIVE_INFINITY;

  /** In the service's order. */
  all(): readonly LiveCircuit[] {
    return [...this.#circuits.values()];
  }

  get(key: string): LiveCircuit | undefined {
    return this.#circuits.get(key);
  }

  /** Takes a list of all circuits, unless one that was asked for later has come already. */
  list(circuits: readonly Circuit[], askedAtMs: number, nowMs: number): void {
    if (askedAtMs < this.#listAskedAtMs) return;
    this.#listAskedAtMs = askedAtMs;
    const before = new Map(this.#circuits);
    this.#circuits.clear();
    this.#keys.clear();
    for (const circuit of circuits) {
      this.#circuits.set(circuit.key, listed(circuit, before.get(circuit.key), askedAtMs, nowMs));
      this.#keys.set(`${circuit.dev}/${circuit.circuit}`, circuit.key);
    }
  }

  /** Takes the items of one message: events, or the dicts of a snapshot. Unknown ones are left out. */
  apply(items: readonly unknown[], nowMs: number): StoreChange {
    const keys = new Set<string>();
    const edges: EdgeRow[] = [];
    let needsList = false;
    for (const item of items) {
      if (!isEvent(item)) continue;
      if (item.cause !== 'edge' && item.cause !== 'reading') needsList = true;
      this.#missed += item.missed ?? 0;
      const key = this.#keys.get(`${item.dev}/${item.circuit}`);
      const circuit = key === undefined ? undefined : this.#circuits.get(key);
      if (circuit === undefined) continue;
      keys.add(circuit.key);
      const changed = item.cause === 'snapshot' ? withDict : withEvent;
      this.#circuits.set(circuit.key, changed(circuit, item, nowMs));
      if (item.edge !== undefined) edges.push(this.#edge(circuit.key, item.edge, item));
    }
    return { keys: [...keys], edges, needsList };
  }

  /** Takes what the service read back after a write. */
  answer(key: string, dict: CircuitDict, nowMs: number): void {
    const circuit = this.#circuits.get(key);
    if (circuit !== undefined) this.#circuits.set(key, withDict(circuit, dict, nowMs));
  }

  #edge(key: string, edge: EdgeRow['edge'], { wall_us: wallUs, counter, lost }: CircuitEvent): EdgeRow {
    const missed = this.#missed;
    this.#missed = 0;
    return { key, edge, wallUs, lost: lost ?? 0, missed, ...(counter === undefined ? {} : { counter }) };
  }
}

function isEvent(item: unknown): item is CircuitEvent & CircuitDict {
  return typeof item === 'object' && item !== null && 'dev' in item && 'circuit' in item && 'cause' in item;
}
