import type { Board } from '../../src/hardware/io/board.ts';
import type { ChannelInfo, CircuitKey, CircuitType } from '../../src/hardware/io/circuit.ts';
import type {
  CircuitEvent,
  CircuitView,
  CircuitWrite,
  Lease,
  LeaseRequest,
} from '../../src/hardware/io/circuit-view.ts';
import { circuitNotFound, leaseNotFound } from '../../src/hardware/io/errors.ts';

type Facts = Omit<Partial<CircuitView>, 'channel'> & { readonly channel?: Partial<ChannelInfo> };

const OUTPUTS: readonly CircuitType[] = ['do', 'ro', 'ao', 'led', 'owpower', 'register', 'wd'];
const ANALOG: readonly CircuitType[] = ['ai', 'ao', 'sensor', 'register', 'data_point'];
const NEITHER: readonly CircuitType[] = ['modbus_slave', 'owbus', 'device_info'];

/** A circuit that works, with whatever a test wants different. */
export function circuitView(type: CircuitType, circuit: string, facts: Facts = {}): CircuitView {
  const hasValue = !NEITHER.includes(type);
  const isOutput = OUTPUTS.includes(type);
  const { channel, ...others } = facts;
  return {
    key: `${type}/${circuit}`,
    channel: {
      type,
      circuit,
      direction: isOutput ? 'output' : hasValue ? 'input' : 'none',
      signal: hasValue ? (ANALOG.includes(type) ? 'analog' : 'digital') : 'none',
      settings: [],
      features: {},
      hardware: `test ${circuit}`,
      bus: 'one',
      delivery: 'polled',
      ...channel,
    },
    driver: { name: 'test', kind: 'simulated' },
    label: circuit,
    health: { state: 'ok' },
    ...(hasValue && { value: 0, ageMs: 12.4 }),
    settings: channel?.settings ?? [],
    settingValues: {},
    details: {},
    isOverRange: false,
    ...(type === 'di' && { input: { isInverted: false, frequencyHz: 0, lostEdges: 0 } }),
    ...(isOutput && {
      output: { cause: 'command', needsConfirmation: false, interlocks: [] } as const,
    }),
    ...others,
  };
}

/**
 * A board without hardware for tests of what stands in front of a board: what is written is what is read, and a test
 * says what else happens.
 */
export class EchoBoard implements Board {
  readonly written: { readonly writes: readonly CircuitWrite[]; readonly lease?: LeaseRequest }[] = [];
  /** Called before each read, to fail it or to make it wait. */
  onRead: (keys: readonly CircuitKey[]) => unknown = () => undefined;
  onWrite: () => unknown = () => undefined;
  /** Ids of leases that are held, once for each hold. */
  readonly held: string[] = [];
  readonly #views = new Map<CircuitKey, CircuitView>();
  readonly #leases = new Map<string, Lease>();
  readonly #listeners = new Set<(event: CircuitEvent) => void>();
  #events = 0;

  constructor(views: readonly CircuitView[]) {
    for (const view of views) this.#views.set(view.key, view);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  circuits(): readonly CircuitView[] {
    return [...this.#views.values()];
  }

  find(type: CircuitType, name: string): CircuitView {
    const found = this.circuits().find(
      ({ channel, alias }) => channel.type === type && (channel.circuit === name || alias === name),
    );
    if (found === undefined) throw circuitNotFound(`${type}/${name}`, [...this.#views.keys()]);
    return found;
  }

  async read(keys: readonly CircuitKey[]): Promise<readonly CircuitView[]> {
    await this.onRead(keys);
    return this.#viewsOf(keys);
  }

  async write(writes: readonly CircuitWrite[], lease?: LeaseRequest): Promise<readonly CircuitView[]> {
    await this.onWrite();
    this.written.push({ writes, ...(lease && { lease }) });
    const id = `lease-${this.written.length}`;
    const durationMs = lease?.durationMs ?? 0;
    const circuits = writes.map(({ key }) => key);
    const made: Lease = { id, circuits, durationMs, remainingMs: durationMs, isHeld: false };
    if (lease !== undefined) this.#leases.set(id, made);
    for (const { key, command } of writes) {
      const view = this.#views.get(key);
      const level = command?.kind === 'level' ? command.level : undefined;
      if (view?.output === undefined || level === undefined) continue;
      const output = { ...view.output, ...(lease && { lease: made }) };
      this.#views.set(key, { ...view, ...level, output });
      this.emit({ cause: 'command', key, value: level.value });
    }
    return this.#viewsOf(circuits);
  }

  /** Changes a circuit without telling anybody. */
  change(key: CircuitKey, facts: Partial<CircuitView>): void {
    const view = this.#views.get(key);
    if (view !== undefined) this.#views.set(key, { ...view, ...facts });
  }

  emit(event: Omit<CircuitEvent, 'number' | 'atUs'>): void {
    this.#events += 1;
    for (const listener of this.#listeners) listener({ number: this.#events, atUs: 1_000_000, ...event });
  }

  leases(): readonly Lease[] {
    return [...this.#leases.values()];
  }

  renewLease(id: string): Lease {
    const lease = this.#leases.get(id);
    if (lease === undefined) throw leaseNotFound(id);
    return lease;
  }

  async endLease(id: string): Promise<void> {
    this.renewLease(id);
    this.#leases.delete(id);
  }

  holdLease(id: string): Disposable {
    this.renewLease(id);
    this.held.push(id);
    return {
      [Symbol.dispose]: () => {
        const index = this.held.indexOf(id);
        if (index >= 0) this.held.splice(index, 1);
      },
    };
  }

  onEvent(listener: (event: CircuitEvent) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #viewsOf(keys: readonly CircuitKey[]): readonly CircuitView[] {
    return keys.flatMap((key) => this.#views.get(key) ?? []);
  }
}
