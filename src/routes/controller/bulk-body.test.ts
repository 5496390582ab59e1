import fc from 'fast-check';
import { expect, test } from 'vitest';
import { circuitView, EchoBoard } from '../../../test/support/echo-board.ts';
import { AppError } from '../../core/app-error.ts';
import { bulkRequest, sameForAll } from './bulk-body.ts';

const views = [
  circuitView('do', '1', { alias: 'valve' }),
  circuitView('do', '2'),
  circuitView('ro', '1'),
  circuitView('di', '1'),
];
const board = new EchoBoard(views);
const level = (value: number) => ({ kind: 'level', level: { value } });

test("a list names its circuits by type and name or alias, in evok's words too, and keeps its order", () => {
  const body = [
    { dev: 'relay', circuit: '1', value: 0 },
    { dev: 'do', circuit: 'valve', value: 1 },
  ];
  const expected = {
    writes: [
      { key: 'ro/1', command: level(0) },
      { key: 'do/1', command: level(1) },
    ],
  };
  expect(bulkRequest(board, body)).toEqual(expected);
  expect(bulkRequest(board, { writes: body, lease_ms: 500 })).toEqual({
    ...expected,
    lease: { durationMs: 500 },
  });
  expect(
    bulkRequest(
      board,
      body.map((each) => ({ ...each, lease_ms: 500 })),
    ),
  ).toEqual({
    ...expected,
    lease: { durationMs: 500 },
  });
});

test.each([
  ['text', 'on', /list of \{dev, circuit, …\}.*saw "on"/],
  ['one write', { dev: 'do', circuit: '1', value: 1 }, /saw the key dev/],
  ['writes that are no list', { writes: {} }, /saw \{"writes":\{\}\}/],
  ['a write without circuit', [{ dev: 'do', value: 1 }], /Write 0 has to name dev and circuit/],
  ['nothing as a write', [null], /Write 0/],
  ['a circuit twice', [1, 0].map((value) => ({ dev: 'do', circuit: '1', value })), /do\/1 is written twice/],
  [
    'a circuit twice, once by its alias',
    ['1', 'valve'].map((circuit) => ({ dev: 'do', circuit, value: 1 })),
    /do\/1 is written twice/,
  ],
  [
    'two leases',
    [
      { dev: 'do', circuit: '1', value: 1, lease_ms: 500 },
      { dev: 'do', circuit: '2', value: 1 },
    ],
    /One request makes one lease/,
  ],
  ['a lease that is too short', { writes: [], lease_ms: 1 }, /lease_ms is 1; expected .* from 50/],
  ['a lease of nothing', { writes: [], lease_ms: 100 }, /needs an output/],
  ['too many writes', Array.from({ length: 1001 }, () => ({})), /1000 at most/],
])('%s is refused', (_what, body, reason) => {
  expect(() => bulkRequest(board, body)).toThrow(reason);
});

test('a circuit or type that is not there is not found', () => {
  for (const [dev, circuit] of [
    ['do', '9'],
    ['lamp', '1'],
  ])
    expect(() => bulkRequest(board, [{ dev, circuit, value: 1 }])).toThrow(
      expect.objectContaining({ code: 'CIRCUIT_NOT_FOUND' }),
    );
});

test('one body for several circuits is checked against each', () => {
  expect(sameForAll(views.slice(0, 2), { value: 1, lease_ms: 100 })).toEqual({
    writes: [
      { key: 'do/1', command: level(1) },
      { key: 'do/2', command: level(1) },
    ],
    lease: { durationMs: 100 },
  });
  expect(() => sameForAll(views, { value: 1 })).toThrow(/di\/1 is no output/);
  expect(sameForAll([], { value: 1 })).toEqual({ writes: [] });
});

test('no body makes it fail otherwise than with a refusal', () => {
  const write = fc.record(
    { dev: fc.constantFrom('do', 'di', 'x'), circuit: fc.constantFrom('1', '2'), value: fc.jsonValue() },
    { requiredKeys: [] },
  );
  const list = fc.array(fc.oneof(write, fc.jsonValue()), { maxLength: 4 });
  const bulk = fc.record({ writes: fc.oneof(list, fc.jsonValue()), lease_ms: fc.jsonValue() });
  fc.assert(
    fc.property(fc.oneof(list, bulk, fc.jsonValue()), (body) => {
      try {
        bulkRequest(board, body);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
        expect(['invalid', 'conflict', 'not-found']).toContain(error instanceof AppError && error.kind);
      }
    }),
  );
});
