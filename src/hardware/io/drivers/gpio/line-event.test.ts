import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeLineEvents, EdgeCounter } from './line-event.ts';

interface EventFields {
  readonly timestampNs: bigint;
  readonly id: number;
  readonly offset: number;
  readonly lineSequence: number;
}

/** A gpio_v2_line_event as the kernel writes it. */
function eventBytes({ timestampNs, id, offset, lineSequence }: EventFields): Buffer {
  const bytes = Buffer.alloc(48);
  bytes.writeBigUInt64LE(timestampNs, 0);
  bytes.writeUInt32LE(id, 8);
  bytes.writeUInt32LE(offset, 12);
  bytes.writeUInt32LE(9999, 16); // the request's own number
  bytes.writeUInt32LE(lineSequence, 20);
  return bytes;
}

const number = fc.integer({ min: 0, max: 0xffff_ffff });
const fields = fc.record({
  timestampNs: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  id: fc.constantFrom(1, 2),
  offset: number,
  lineSequence: number,
});

test('events are what the kernel has written, in its order', () => {
  fc.assert(
    fc.property(fc.array(fields), (events) => {
      const decoded = decodeLineEvents(Buffer.concat(events.map(eventBytes)));
      expect(decoded).toEqual(
        events.map(({ id, ...rest }) => ({ ...rest, edge: id === 1 ? 'rising' : 'falling' })),
      );
    }),
  );
});

test('a part of an event at the end is left out', () => {
  fc.assert(
    fc.property(fc.array(fields, { minLength: 1 }), fc.integer({ min: 1, max: 47 }), (events, missing) => {
      const bytes = Buffer.concat(events.map(eventBytes)).subarray(0, -missing);
      expect(decodeLineEvents(bytes)).toHaveLength(events.length - 1);
    }),
  );
});

test('any bytes give as many events as there are whole ones of a known kind', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      const whole = Math.floor(bytes.length / 48);
      const known = Array.from({ length: whole }, (_, index) =>
        Buffer.from(bytes).readUInt32LE(index * 48 + 8),
      ).filter((id) => id === 1 || id === 2);
      expect(decodeLineEvents(bytes)).toHaveLength(known.length);
    }),
  );
});

test('events of an unknown kind are left out, those around them are not', () => {
  const make = (id: number, lineSequence: number) =>
    eventBytes({ timestampNs: 5n, id, offset: 3, lineSequence });
  const events = decodeLineEvents(Buffer.concat([make(1, 1), make(7, 2), make(0, 3), make(2, 4)]));
  expect(events.map(({ lineSequence }) => lineSequence)).toEqual([1, 4]);
});

test.each([
  ['in order', [1, 2, 3], [0, 0, 0]],
  ['the first ones lost', [4, 5], [3, 0]],
  ['some lost', [1, 5, 6, 106], [0, 3, 0, 99]],
  ['wrapped at 32 bits', [0x7fff_ffff, 0xffff_fffe, 0xffff_ffff, 1], [0x7fff_fffe, 0x7fff_fffe, 0, 1]],
  ['begun anew', [7, 1, 2], [6, 0, 0]],
  ['all the same', [5, 5], [4, 4]],
  ['zero', [0], [0]],
])('edges that are lost are counted from the gaps: %s', (_case, sequences, lost) => {
  const counter = new EdgeCounter('monotonic');
  const edges = sequences.map((lineSequence) =>
    counter.next({ offset: 0, edge: 'rising', timestampNs: 1n, lineSequence }),
  );
  expect(edges.map((edge) => edge.lost)).toEqual(lost);
  expect(edges.map(({ lineSequence }) => lineSequence)).toEqual(sequences);
});
