import type { Clock } from '../../core/clock.ts';
import type { CircuitEvent } from '../../hardware/io/circuit-view.ts';
import { keyParts } from './circuit-address.ts';

/** A change of a circuit as clients are told of it. Absent is what does not apply. */
export function eventMessage(event: CircuitEvent, clock: Pick<Clock, 'wallUsAt'>) {
  const { key, value, counter, cause, number, edge, health, lease, isOverRange } = event;
  return {
    ...keyParts(key),
    value,
    counter,
    cause,
    seq: number,
    over_range: isOverRange,
    wall_us: wallUs(event, clock),
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

/** When it happened, Unix time in microseconds: an edge at its stamp, unless that is of a clock of its own. */
function wallUs({ edge, atUs }: CircuitEvent, clock: Pick<Clock, 'wallUsAt'>): number {
  const stampUs = edge === undefined ? atUs : Number(edge.timestampNs / 1000n);
  if (edge?.clock === 'realtime') return stampUs;
  return Math.round(clock.wallUsAt(edge?.clock === 'hte' ? atUs : stampUs));
}
