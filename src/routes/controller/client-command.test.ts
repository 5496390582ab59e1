import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../../core/app-error.ts';
import { MAX_COMMAND_BYTES, parseClientMessage } from './client-command.ts';

const parse = (value: unknown) => parseClientMessage(Buffer.from(JSON.stringify(value)), false);

test.each([
  [{ cmd: 'all' }, { kind: 'all' }],
  [{ cmd: 'filter' }, { kind: 'filter', devices: [], circuits: [] }],
  [
    { cmd: 'filter', devices: ['di', 'default'], circuits: ['di/gate'] },
    { kind: 'filter', devices: ['di', 'default'], circuits: ['di/gate'] },
  ],
  [
    { cmd: 'set', dev: 'relay', circuit: '2_01', value: '1' },
    { kind: 'set', dev: 'relay', circuit: '2_01', body: { value: '1' }, isHeld: false },
  ],
  [
    { cmd: 'set', dev: 'do', circuit: '1', value: 1, lease_ms: 500, hold: true },
    { kind: 'set', dev: 'do', circuit: '1', body: { value: 1, lease_ms: 500 }, isHeld: true },
  ],
  [
    { cmd: 'hold', lease: 'a' },
    { kind: 'hold', lease: 'a' },
  ],
])('%j is understood', (message, command) => {
  expect(parse(message)).toEqual({ cmd: message.cmd, asked: command });
});

test('the id comes back, whatever it is, also when the rest is wrong', () => {
  for (const id of [1, 'a', null, { of: ['mine'] }]) {
    expect(parse({ cmd: 'all', id })).toMatchObject({ cmd: 'all', id });
    expect(parse({ cmd: 'stop', id })).toMatchObject({ cmd: 'stop', id, asked: { code: 'REQUEST_INVALID' } });
  }
});

test.each([
  ['nothing known', { cmd: 'full' }, /cmd is "full"; expected all, filter, set or hold/],
  ['no command', {}, /cmd is nothing/],
  ['a list', [1], /object with cmd; saw \[1\]/],
  ['a set without circuit', { cmd: 'set', dev: 'do', value: 1 }, /circuit is nothing; expected a name/],
  ['a hold without lease', { cmd: 'hold' }, /lease is nothing/],
  ['a hold of no lease', { cmd: 'set', dev: 'do', circuit: '1', value: 1, hold: true }, /lease_ms/],
  ['a hold that is no switch', { cmd: 'set', dev: 'do', circuit: '1', hold: 'yes' }, /hold is "yes"/],
  ['devices as text', { cmd: 'filter', devices: 'di' }, /devices is "di"; expected a list/],
  ['a number among circuits', { cmd: 'filter', circuits: [1] }, /circuits is 1; expected a name/],
])('%s is refused with what is wrong', (_what, message, reason) => {
  const { asked } = parse(message);
  expect(asked).toMatchObject({ code: 'REQUEST_INVALID', kind: 'invalid' });
  expect((asked as AppError).message).toMatch(reason);
});

test('what is no JSON, binary or too long is refused', () => {
  const long = Buffer.from(JSON.stringify({ cmd: 'all', pad: 'x'.repeat(MAX_COMMAND_BYTES) }));
  for (const { asked } of [
    parseClientMessage(Buffer.from('{"cmd":'), false),
    parseClientMessage(Buffer.from('{"cmd":"all"}'), true),
    parseClientMessage(long, false),
  ])
    expect(asked).toMatchObject({ code: 'REQUEST_INVALID' });
});

test('an id that is too long to come back is refused, and one that is nested too deeply for JSON', () => {
  const deep = '['.repeat(8000) + ']'.repeat(8000);
  for (const id of [JSON.stringify('x'.repeat(1100)), deep]) {
    const message = parseClientMessage(Buffer.from(`{"cmd":"all","id":${id}}`), false);
    expect(message).toEqual({ cmd: 'all', asked: expect.objectContaining({ code: 'REQUEST_INVALID' }) });
  }
});

test('no bytes make it throw', () => {
  const command = fc.record(
    {
      cmd: fc.constantFrom('all', 'filter', 'set', 'hold'),
      dev: fc.jsonValue(),
      circuit: fc.jsonValue(),
      devices: fc.jsonValue(),
      circuits: fc.jsonValue(),
      lease: fc.jsonValue(),
      hold: fc.jsonValue(),
      __proto__: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.oneof(command, fc.jsonValue()).map((value) => Buffer.from(JSON.stringify(value))),
  );
  fc.assert(
    fc.property(bytes, fc.boolean(), (data, isBinary) => {
      const { asked } = parseClientMessage(data, isBinary);
      if (asked instanceof Error) {
        expect(asked).toBeInstanceOf(AppError);
        expect(asked).toMatchObject({ kind: 'invalid' });
      } else expect(['all', 'filter', 'set', 'hold']).toContain(asked.kind);
    }),
  );
});
