import type { CircuitKey, CircuitType } from './circuit.ts';
import type { CircuitEvent, CircuitView, CircuitWrite, Lease, LeaseRequest } from './circuit-view.ts';

/**
 * Every circuit of every driver: what the routes work on.
 *
 * Digital processing (debounce, invert, counting), analog processing (calibration, filters, deadband, slew), safe
 * values, leases, pulses and interlocks happen here, the same for all drivers.
 */
export interface Board extends AsyncDisposable {
  /** All circuits, ordered by CIRCUIT_TYPES, then as their drivers list them. From memory; `read` asks the hardware. */
  circuits(): readonly CircuitView[];
  /** @param name circuit or alias. @throws AppError CIRCUIT_NOT_FOUND */
  find(type: CircuitType, name: string): CircuitView;
  /**
   * Reads circuits from their hardware, those of different buses side by side.
   * @throws AppError the first failure; CIRCUIT_NOT_FOUND
   */
  read(keys: readonly CircuitKey[]): Promise<readonly CircuitView[]>;
  /**
   * Writes. Everything is checked before anything is done; then outputs that share a chip change in one request, and
   * those that go off do so before others go on. Answers what was read back from the hardware afterwards.
   *
   * A write without `lease` ends the circuit's lease and holds until the next. When the hardware fails, the outputs of
   * that bus keep (or are given back) what they were commanded before, and the error says which.
   * @throws AppError CIRCUIT_NOT_FOUND, CIRCUIT_READ_ONLY, CIRCUIT_VALUE_INVALID, CIRCUIT_FIELD_UNKNOWN, INTERLOCK_HELD,
   * IO_*
   */
  write(writes: readonly CircuitWrite[], lease?: LeaseRequest): Promise<readonly CircuitView[]>;
  /** All leases that run. */
  leases(): readonly Lease[];
  /** Begins the lease's time anew. @throws AppError LEASE_NOT_FOUND */
  renewLease(id: string): Lease;
  /** Ends a lease at once: its outputs go to their safe values. @throws AppError LEASE_NOT_FOUND */
  endLease(id: string): Promise<void>;
  /** Keeps a lease from running out until disposed; then its time begins anew. @throws AppError LEASE_NOT_FOUND */
  holdLease(id: string): Disposable;
  /** Calls back at every change, in order, until disposed. Listeners must not block. */
  onEvent(listener: (event: CircuitEvent) => void): Disposable;
}
