import { expect, test } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { EVENT_CAUSES } from '../../hardware/io/circuit-view.ts';
import { eventMessage } from './event-message.ts';

const sent = (event: Parameters<typeof eventMessage>[0]): unknown =>
  JSON.parse(JSON.stringify(eventMessage(event, new FakeClock())));

test('an edge carries every digit of its stamp, its clock, its number and what was lost before it', () => {
  const edge = {
    edge: 'rising',
    timestampNs: 1_795_271_882_111_692_123n,
    clock: 'realtime',
    lineSequence: 5,
    lost: 2,
  } as const;
  expect(
    sent({ number: 8, cause: 'edge', key: 'di/gate', value: 1, counter: 4, edge, atUs: 1_000_000 }),
  ).toEqual({
    dev: 'di',
    circuit: 'gate',
    value: 1,
    counter: 4,
    cause: 'edge',
    seq: 8,
    wall_us: 1_795_271_882_111_692,
    edge: 'rising',
    timestamp_ns: '1795271882111692123',
    clock: 'realtime',
    line_seq: 5,
    lost: 2,
  });
});

test.each([
  ['monotonic', 400_000_000n, 1.7e15 + 400_000],
  ['polled', 400_000_000n, 1.7e15 + 400_000],
  ['realtime', 1_795_000_000_000_000_123n, 1_795_000_000_000_000],
  ['hte', 77n, 1.7e15 + 1_000_000],
] as const)(
  'the wall clock of an edge stamped by %s is that of its stamp, where it can be told',
  (clock, timestampNs, wallUs) => {
    const edge = { edge: 'rising', timestampNs, clock, lineSequence: 1, lost: 0 } as const;
    expect(sent({ number: 1, cause: 'edge', key: 'di/gate', value: 1, edge, atUs: 1_000_000 })).toMatchObject(
      {
        wall_us: wallUs,
      },
    );
  },
);

test('a reading of an analog input says whether it is over range', () => {
  const event = { number: 1, cause: 'reading', key: 'ai/1', value: 9, isOverRange: true, atUs: 0 } as const;
  expect(sent(event)).toMatchObject({ value: 9, over_range: true });
});

test('a sensor is called temp, as in its dict', () => {
  expect(sent({ number: 1, cause: 'reading', key: 'sensor/28', value: 21.5, atUs: 0 })).toMatchObject({
    dev: 'temp',
    circuit: '28',
    value: 21.5,
  });
});

test('a fault says what is wrong, a lease that ended its id', () => {
  const problem = { code: 'IO_GONE', message: 'It is gone.' };
  expect(
    sent({ number: 1, cause: 'fault', key: 'do/1', health: { state: 'down', problem }, atUs: 0 }),
  ).toMatchObject({
    health: 'down',
    problem,
  });
  expect(sent({ number: 1, cause: 'lease-end', key: 'do/1', value: 0, lease: 'a', atUs: 0 })).toMatchObject({
    lease: 'a',
  });
});

test.each(EVENT_CAUSES)('the cause %s is told as it is', (cause) => {
  expect(sent({ number: 1, cause, key: 'do/1', value: 0, atUs: 0 })).toMatchObject({ cause, seq: 1 });
});
