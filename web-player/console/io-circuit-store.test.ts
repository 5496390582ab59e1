import { expect, test } from 'vitest';
import { CircuitStore } from './io-circuit-store.ts';
import { digitalInput, digitalOutput, thermometer } from './io-test-circuits.ts';

function store(): CircuitStore {
  const made = new CircuitStore();
  made.list([digitalInput, digitalOutput, thermometer], 0, 0);
  return made;
}
const edge = {
  dev: 'di',
  circuit: '1_01',
  cause: 'edge',
  edge: 'rising',
  seq: 1,
  wall_us: 5,
  value: 1,
  counter: 8,
};

test('an edge changes its circuit and gives a row, without asking for the list', () => {
  const circuits = store();
  expect(circuits.apply([{ ...edge, lost: 2 }], 1)).toEqual({
    keys: ['di/1_01'],
    edges: [{ key: 'di/1_01', edge: 'rising', wallUs: 5, counter: 8, lost: 2, missed: 0 }],
    needsList: false,
  });
  expect(circuits.get('di/1_01')?.value).toBe(1);
});

test('events find their circuit by the name that the service calls it by', () => {
  const reading = { dev: 'temp', circuit: '28', cause: 'reading', seq: 1, wall_us: 0, value: 22 };
  expect(store().apply([reading], 1).keys).toEqual(['sensor/28']);
});

test('events that were missed are told with the next edge, once', () => {
  const reading = { dev: 'temp', circuit: '28', cause: 'reading', seq: 1, wall_us: 0, value: 22, missed: 3 };
  const { edges } = store().apply([reading, edge, edge], 1);
  expect(edges.map(({ missed }) => missed)).toEqual([3, 0]);
});

test.each(['command', 'lease-end', 'health', 'snapshot'])('%s asks for the list', (cause) => {
  expect(store().apply([{ dev: 'do', circuit: '1_01', cause, seq: 1, wall_us: 0 }], 1).needsList).toBe(true);
});

test('what is no event, or of no known circuit, is left out', () => {
  const items = [null, 3, {}, { cmd: 'set', error: {} }, { ...edge, circuit: '9_99' }];
  expect(store().apply(items, 1)).toEqual({ keys: [], edges: [], needsList: false });
});

test('a list that was asked for earlier and comes later is not taken', () => {
  const circuits = store();
  circuits.list([{ ...digitalInput, value: 1 }], 20, 21);
  circuits.list([digitalInput, digitalOutput], 10, 22);
  expect(circuits.all().map(({ key, value }) => [key, value])).toEqual([['di/1_01', 1]]);
});

test('an answer for a circuit that is gone is no harm', () => {
  const circuits = store();
  circuits.answer('do/9_99', { value: 1 }, 1);
  circuits.answer('do/1_01', { value: 0 }, 1);
  expect(circuits.all()).toHaveLength(3);
  expect(circuits.get('do/1_01')?.value).toBe(0);
});
