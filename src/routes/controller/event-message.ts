import type { Clock } from '../../core/clock.ts';
import type { CircuitEvent } from '../../hardware/io/circuit-view.ts';
import { keyParts } from './circuit-address.ts';

/** A change of a circuit as clients are told of it. Absent is what does not apply. */
export function eventMessage(event: CircuitEvent, clock: Pick<Clock, 'wallUsAt'>) {
  const { key, value, counter, cause, number, atUs, edge, health, lease } = event;
  return {
    ...keyParts(key),
    value,
    counter,
    cause,
    seq: number,
    wall_us: Math.round(clock.wallUsAt(atUs)),
    edge: edge?.edge,
    // Nanoseconds of the wall clock are beyond what a JSON number holds exactly.
    timestamp_ns: edge && String(edge.timestampNs),
    clock: edge?.clock,
    line_seq: edge?.lineSequence,
    lost: edge?.lost,
    health: health?.state,
    problem: health?.problem,
    lease,
  };
}
