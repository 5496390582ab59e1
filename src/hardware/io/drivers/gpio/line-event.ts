import type { Edge, EdgeClock } from '../../circuit.ts';
import { STRUCTS, VALUES } from './layout.ts';

const EVENT = STRUCTS.gpio_v2_line_event;

/** One gpio_v2_line_event. */
export interface LineEvent {
  readonly offset: number;
  readonly edge: Edge['edge'];
  readonly timestampNs: bigint;
  /** Of this line, from 1; 32 bits, wraps. */
  readonly lineSequence: number;
}

/** The events in bytes of a line request. A part of an event and an event of an unknown kind are left out. */
export function decodeLineEvents(bytes: Uint8Array): LineEvent[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const events: LineEvent[] = [];
  for (let at = 0; at + EVENT.sizeof <= bytes.byteLength; at += EVENT.sizeof) {
    const edge = edgeOf(view.getUint32(at + EVENT.id, true));
    if (edge === undefined) continue;
    events.push({
      edge,
      offset: view.getUint32(at + EVENT.offset, true),
      timestampNs: view.getBigUint64(at + EVENT.timestamp_ns, true),
      lineSequence: view.getUint32(at + EVENT.line_seqno, true),
    });
  }
  return events;
}

function edgeOf(id: number): Edge['edge'] | undefined {
  switch (id) {
    case VALUES.GPIO_V2_LINE_EVENT_RISING_EDGE:
      return 'rising';
    case VALUES.GPIO_V2_LINE_EVENT_FALLING_EDGE:
      return 'falling';
    default:
      return undefined;
  }
}

/** Finds the edges of one line that the kernel dropped. Numbers that begin anew are no gap: a new request does so. */
export class EdgeCounter {
  readonly #clock: EdgeClock;
  #last = 0;

  constructor(clock: EdgeClock) {
    this.#clock = clock;
  }

  /** @param event the line's events in the order they were read. */
  next({ edge, timestampNs, lineSequence }: LineEvent): Edge {
    const gap = (lineSequence - this.#last - 1) >>> 0; // numbers wrap at 32 bits
    const isRestart = gap > 0x7fff_ffff;
    this.#last = lineSequence;
    const lost = isRestart ? Math.max(0, lineSequence - 1) : gap;
    return { edge, timestampNs, clock: this.#clock, lineSequence, lost };
  }
}
