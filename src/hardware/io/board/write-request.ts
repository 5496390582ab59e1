import { AppError, toAppError } from '../../../core/app-error.ts';
import type { CircuitKey } from '../circuit.ts';
import type { CircuitWrite, LeaseRequest } from '../circuit-view.ts';
import { circuitReadOnly, circuitValueInvalid, interlockHeld } from '../errors.ts';
import type { Circuit } from './circuit.ts';
import { checkSettings } from './circuit-settings.ts';
import type { InterlockGroups } from './interlocks.ts';
import type { Leases } from './leases.ts';
import { Output } from './output.ts';
import { standingOf } from './output-command.ts';
import type { Standing } from './output-state.ts';
import type { OutputWriter } from './output-writer.ts';

/** What one request does to one output. */
interface Change {
  readonly output: Output;
  readonly writer: OutputWriter;
  /** Undefined: cancel. */
  readonly standing: Standing | undefined;
}

export interface WriteRequestOptions {
  readonly find: (key: CircuitKey) => Circuit;
  readonly writerOf: (output: Output) => OutputWriter;
  readonly interlocks: InterlockGroups<Output>;
  readonly leases: Leases;
}

/** One write of a client: checked when it is made, carried out by `run`. */
export class WriteRequest {
  readonly #options: WriteRequestOptions;
  readonly #writes: readonly CircuitWrite[];
  readonly #lease: LeaseRequest | undefined;
  readonly #changes: readonly Change[];

  /** @throws AppError CIRCUIT_*, IO_UNSUPPORTED, the problem of a circuit that is down */
  constructor(
    writes: readonly CircuitWrite[],
    lease: LeaseRequest | undefined,
    options: WriteRequestOptions,
  ) {
    this.#options = options;
    this.#writes = writes;
    this.#lease = lease;
    const keys = new Set<CircuitKey>();
    for (const { key } of writes) {
      if (keys.has(key)) throw circuitValueInvalid(key, 'the circuit', 'there twice', 'it once in a request');
      keys.add(key);
    }
    this.#changes = writes.flatMap((write) => this.#check(write) ?? []);
    if (lease !== undefined) this.#checkLease(lease);
  }

  get keys(): readonly CircuitKey[] {
    return this.#writes.map(({ key }) => key);
  }

  /**
   * @throws AppError INTERLOCK_HELD before anything is done; the first failure of the hardware, with the circuits that
   * it concerns.
   */
  async run(): Promise<void> {
    for (const { key } of this.#writes) this.#options.find(key).record.requirePresence();
    this.#checkInterlocks();
    const { leases } = this.#options;
    const takesLease = this.#changes.some(({ standing }) => standing !== undefined);
    const lease = this.#lease && takesLease ? leases.create(this.#lease.durationMs) : undefined;
    try {
      await this.#configure();
      await this.#change(lease);
    } finally {
      if (lease !== undefined) leases.discard(lease);
    }
  }

  #check({ key, command, settings = {} }: CircuitWrite): Change | undefined {
    const circuit = this.#options.find(key);
    checkSettings(key, circuit.settings, settings);
    circuit.record.requirePresence();
    if (command === undefined) return undefined;
    if (!(circuit instanceof Output)) throw circuitReadOnly(key, 'value');
    const { modes } = circuit.record.place.channel;
    const mode = typeof settings['mode'] === 'string' ? modes?.[settings['mode']] : undefined;
    const facts = { ...circuit.facts, ...(mode && { range: circuit.rangeIn(mode) }) };
    const standing = standingOf(command, facts);
    return { output: circuit, writer: this.#options.writerOf(circuit), standing };
  }

  #checkLease({ durationMs }: LeaseRequest): void {
    for (const { output } of this.#changes) {
      if (!(durationMs >= 50 && durationMs <= 3_600_000)) {
        throw circuitValueInvalid(output.key, 'the lease', durationMs, '50 to 3600000 ms');
      }
      if (output.facts.safe === undefined) {
        throw circuitValueInvalid(output.key, 'the lease', durationMs, 'none: it has no safe value to go to');
      }
    }
  }

  /** Those that this request switches off do not hold their group. */
  #checkInterlocks(): void {
    const changes = new Map(this.#changes.map((change) => [change.output, change]));
    for (const { output, standing } of this.#changes) {
      if (!output.goesOn(standing)) continue;
      for (const peer of this.#options.interlocks.peers(output.key)) {
        const change = changes.get(peer.output);
        const isHeld =
          change === undefined ? peer.output.holdsInterlock : peer.output.goesOn(change.standing);
        if (isHeld) throw interlockHeld(output.key, peer.output.key, peer.group);
      }
    }
  }

  async #configure(): Promise<void> {
    const results = await Promise.allSettled(
      this.#writes
        .filter(({ settings }) => settings !== undefined && Object.keys(settings).length > 0)
        .map(async ({ key, settings = {} }) => {
          try {
            await this.#options.find(key).configure(settings);
          } catch (error) {
            throw concerning([key], error);
          }
        }),
    );
    throwFirst(results);
  }

  /** All are taken at once, so that no other request gets between those that go off and those that go on. */
  async #change(lease: string | undefined): Promise<void> {
    for (const { output, standing } of this.#changes) {
      if (standing === undefined) output.input({ kind: 'cancel' });
      else {
        output.input({
          kind: 'try',
          standing: { ...standing, ...(lease !== undefined && { lease }) },
        });
      }
    }
    const goOff = this.#changes.filter((change) => this.#givesWay(change));
    const rest = this.#changes.filter((change) => !goOff.includes(change));
    try {
      await write(goOff);
      await write(rest);
    } finally {
      for (const { output } of this.#changes) output.input({ kind: 'withdraw' });
    }
  }

  /** It goes off, and another of its group goes on. */
  #givesWay({ output, standing }: Change): boolean {
    if (output.goesOn(standing)) return false;
    const peers = this.#options.interlocks.peers(output.key);
    return this.#changes.some(
      (other) => other.output.goesOn(other.standing) && peers.some((peer) => peer.output === other.output),
    );
  }
}

/** Buses side by side. */
async function write(changes: readonly Change[]): Promise<void> {
  const byWriter = new Map<OutputWriter, Output[]>();
  for (const { output, writer } of changes) {
    byWriter.set(writer, [...(byWriter.get(writer) ?? []), output]);
  }
  const results = await Promise.allSettled(
    [...byWriter].map(async ([writer, outputs]) => {
      try {
        await writer.write(outputs);
      } catch (error) {
        throw concerning(
          outputs.map(({ key }) => key),
          error,
        );
      }
    }),
  );
  throwFirst(results);
}

function concerning(keys: readonly CircuitKey[], cause: unknown): AppError {
  const { code, kind, message } = toAppError(cause);
  return new AppError(code, kind, `${keys.join(', ')}: ${message}`, { cause });
}

function throwFirst(results: readonly PromiseSettledResult<void>[]): void {
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
