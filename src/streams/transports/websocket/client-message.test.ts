import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_CLIENT_MESSAGE_BYTES, parseClientMessage } from './client-message.ts';

const parse = (text: string) => parseClientMessage(Buffer.from(text));

test('a ping and a stats request are understood', () => {
  expect(parse('{"type":"ping","id":7,"t0":1.5}')).toEqual({ type: 'ping', id: 7, t0: 1.5 });
  expect(parse('{"type":"stats","id":8,"extra":true}')).toEqual({ type: 'stats', id: 8 });
});

test('anything else a client may send is ignored', () => {
  for (const text of ['', 'hello', 'null', '[]', '{"type":"nuke"}', '"ping"'])
    expect(parse(text)).toBeUndefined();
  expect(parse(`{"type":"ping","pad":"${'x'.repeat(MAX_CLIENT_MESSAGE_BYTES)}"}`)).toBeUndefined();
});

test('arbitrary bytes never throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => void parseClientMessage(bytes)));
});
