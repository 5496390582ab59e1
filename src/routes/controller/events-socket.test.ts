import { EventEmitter } from 'node:events';
import websocket from '@fastify/websocket';
import pino from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { circuitView, EchoBoard } from '../../../test/support/echo-board.ts';
import { EventsClient } from '../../../test/support/events-client.ts';
import { FakeClock, settle } from '../../../test/support/fake-clock.ts';
import { createHttpServer, type HttpServer, refuseSocket, webSocketHandshakes } from '../http/index.ts';
import { EventFeed } from './event-feed.ts';
import { MAX_WAITING_EVENTS } from './event-queue.ts';
import { EventsSocket } from './events-socket.ts';
import { controllerRoutes, MAX_COMMAND_BYTES } from './index.ts';

const servers: HttpServer[] = [];
const clients: EventsClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client[Symbol.dispose]();
  for (const server of servers.splice(0)) await server.close();
});

function makeBoard(): EchoBoard {
  return new EchoBoard([
    circuitView('di', '1_01', { alias: 'gate' }),
    circuitView('di', '1_02'),
    circuitView('do', '1_01'),
    circuitView('ai', '1_01'),
    circuitView('sensor', '28'),
  ]);
}

async function serve(corsOrigins: readonly string[] = ['*']) {
  const board = makeBoard();
  const clock = new FakeClock();
  const server = createHttpServer({ log: pino({ level: 'silent' }), corsOrigins });
  servers.push(server);
  await server.register(websocket, {
    options: { maxPayload: MAX_COMMAND_BYTES, server: webSocketHandshakes(server.server) },
  });
  server.addHook('onRoute', refuseSocket);
  await server.register(controllerRoutes, { prefix: '/controller', board, clock, corsOrigins });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  /** A client that has its first snapshot. */
  const connect = async (query = ''): Promise<EventsClient> => {
    const client = new EventsClient(url, query);
    clients.push(client);
    return client.until(({ messages }) => messages.length > 0, 'The snapshot');
  };
  return { board, clock, url, server, connect };
}

const edge = {
  edge: 'rising',
  timestampNs: 1_000_000_123n,
  clock: 'monotonic',
  lineSequence: 1,
  lost: 0,
} as const;
const keysOf = (message: readonly Readonly<Record<string, unknown>>[] | undefined) =>
  message?.map(({ dev, circuit }) => `${dev}/${circuit}`);

describe('the snapshot', () => {
  test('comes first, with every circuit whole and the number of the last event', async () => {
    const { board, connect } = await serve();
    board.emit({ cause: 'reading', key: 'di/1_02', value: 1 });
    const { messages } = await connect();
    expect(keysOf(messages[0])).toEqual(['di/1_01', 'di/1_02', 'do/1_01', 'ai/1_01', 'temp/28']);
    expect(messages[0]?.[0]).toMatchObject({
      alias: 'gate',
      value: 0,
      modes: ['Simple'],
      cause: 'snapshot',
      seq: 1,
    });
  });

  test.each([
    ['?types=di,ao', ['di/1_01', 'di/1_02']],
    ['?types=input,temp', ['di/1_01', 'di/1_02', 'temp/28']],
    ['?circuits=di/gate,output/1_01', ['di/1_01', 'do/1_01']],
    ['?types=di&circuits=di/gate,do/1_01', ['di/1_01']],
    ['?types=&circuits=', ['di/1_01', 'di/1_02', 'do/1_01', 'ai/1_01', 'temp/28']],
    ['?types=default', ['di/1_01', 'di/1_02', 'do/1_01', 'ai/1_01', 'temp/28']],
  ])('with %s has what passes', async (query, keys) => {
    const { connect } = await serve();
    expect(keysOf((await connect(query)).messages[0])).toEqual(keys);
  });

  test('comes again when asked for, and after a change of the filter', async () => {
    const { board, connect } = await serve();
    const client = await connect();
    client.send({ cmd: 'all' });
    await client.until(({ messages }) => messages.length === 2, 'The second snapshot');
    expect(client.messages[1]).toHaveLength(5);
    client.send({ cmd: 'filter', devices: ['di'], circuits: ['di/gate'] });
    await client.until(({ messages }) => messages.length === 3, 'The third snapshot');
    expect(keysOf(client.messages[2])).toEqual(['di/1_01']);
    board.emit({ cause: 'edge', key: 'di/1_02', value: 1, edge });
    board.emit({ cause: 'edge', key: 'di/1_01', value: 1, edge });
    await client.until(({ messages }) => messages.length === 4, 'The event');
    expect(keysOf(client.messages[3])).toEqual(['di/1_01']);
    client.send({ cmd: 'filter', devices: ['default'] });
    await client.until(({ messages }) => messages.length === 5, 'The fourth snapshot');
    expect(client.messages[4]).toHaveLength(5);
  });
});

describe('events', () => {
  test('come in order, and those of one moment in one message', async () => {
    const { board, connect } = await serve();
    const client = await connect();
    for (let count = 1; count <= 3; count += 1)
      board.emit({ cause: 'edge', key: 'di/1_01', value: count % 2, counter: count, edge });
    await client.until(({ messages }) => messages.length === 2, 'The events');
    expect(client.messages[1]).toMatchObject([
      {
        dev: 'di',
        circuit: '1_01',
        value: 1,
        counter: 1,
        seq: 1,
        edge: 'rising',
        timestamp_ns: '1000000123',
      },
      { counter: 2, seq: 2 },
      { counter: 3, seq: 3 },
    ]);
  });

  test('go to every client, and to none after it has gone', async () => {
    const { board, connect } = await serve();
    const [first, second] = [await connect(), await connect('?types=di')];
    board.emit({ cause: 'edge', key: 'di/1_01', value: 1, edge });
    await Promise.all([first, second].map((client) => client.event({ cause: 'edge', circuit: '1_01' })));
    first[Symbol.dispose]();
    await first.until(({ closed }) => closed !== undefined, 'The end');
    board.emit({ cause: 'edge', key: 'di/1_02', value: 1, edge });
    await second.event({ cause: 'edge', circuit: '1_02' });
  });
});

describe('commands', () => {
  test('set writes as a POST does, and answers who gives an id', async () => {
    const { board, connect } = await serve();
    const client = await connect();
    client.send({ cmd: 'set', dev: 'output', circuit: '1_01', value: '1' });
    await client.event({ cause: 'command', value: 1 });
    client.send({ cmd: 'set', dev: 'do', circuit: '1_01', value: 0, id: { mine: 7 } });
    await client.until(({ messages }) => messages.flat().some(({ id }) => id !== undefined), 'The answer');
    const answers = client.messages.flat().filter(({ cmd }) => cmd !== undefined);
    expect(answers).toMatchObject([
      { cmd: 'set', id: { mine: 7 }, result: [{ dev: 'do', circuit: '1_01', value: 0 }] },
    ]);
    expect(board.written).toHaveLength(2);
  });

  test.each([
    ['{"cmd":', { error: { status: 422, code: 'REQUEST_INVALID' } }],
    ['{"cmd":"full","id":3}', { cmd: 'full', id: 3, error: { status: 422, code: 'REQUEST_INVALID' } }],
    [
      '{"cmd":"set","dev":"do","circuit":"9","value":1}',
      { cmd: 'set', error: { status: 404, code: 'CIRCUIT_NOT_FOUND', title: 'Not Found' } },
    ],
    [
      '{"cmd":"set","dev":"do","circuit":"1_01","value":5}',
      {
        error: {
          code: 'CIRCUIT_VALUE_INVALID',
          detail: 'do/1_01: value is 5; expected 0 or 1, true or false.',
        },
      },
    ],
    ['{"cmd":"filter","circuits":["gate"]}', { cmd: 'filter', error: { code: 'REQUEST_INVALID' } }],
    ['{"cmd":"hold","lease":"x"}', { cmd: 'hold', error: { status: 404, code: 'LEASE_NOT_FOUND' } }],
  ])('%s is told what is wrong', async (message, answer) => {
    const { connect } = await serve();
    const client = await connect();
    client.socket.send(message);
    await client.until(({ messages }) => messages.length > 1, 'The answer');
    expect(client.messages[1]).toMatchObject([answer]);
  });

  test('our own mistake tells nothing of its inside', async () => {
    const { board, connect } = await serve();
    board.onWrite = () => {
      throw new TypeError('secret');
    };
    const client = await connect();
    client.send({ cmd: 'set', dev: 'do', circuit: '1_01', value: 1 });
    await client.until(({ messages }) => messages.length > 1, 'The answer');
    expect(JSON.stringify(client.messages[1])).not.toMatch('secret');
    expect(client.messages[1]).toMatchObject([{ error: { status: 500, code: 'INTERNAL_ERROR' } }]);
  });

  test('a slow command does not keep the next from being done', async () => {
    const { board, connect } = await serve();
    const client = await connect();
    let finish = (): void => undefined;
    board.onWrite = () => {
      board.onWrite = () => undefined;
      return new Promise<void>((done) => {
        finish = done;
      });
    };
    client.send({ cmd: 'set', dev: 'do', circuit: '1_01', value: 1, id: 'slow' });
    client.send({ cmd: 'set', dev: 'do', circuit: '1_01', value: 0, id: 'fast' });
    const answered = () => client.messages.flat().flatMap(({ id }) => id ?? []);
    await client.until(() => answered().length === 1, 'The fast answer');
    expect(answered()).toEqual(['fast']);
    finish();
    await client.until(() => answered().length === 2, 'The slow answer');
  });
});

describe('a lease', () => {
  test('that the socket makes is held until it closes', async () => {
    const { board, connect } = await serve();
    const client = await connect();
    client.send({ cmd: 'set', dev: 'do', circuit: '1_01', value: 1, lease_ms: 500, hold: true, id: 1 });
    await client.until(({ messages }) => messages.flat().some(({ id }) => id === 1), 'The answer');
    expect(board.held).toEqual(['lease-1']);
    client[Symbol.dispose]();
    await expect.poll(() => board.held).toEqual([]);
  });

  test('that was made elsewhere can be held, once however often it is asked for', async () => {
    const { board, connect } = await serve();
    const level = { kind: 'level', level: { value: 1 } } as const;
    await board.write([{ key: 'do/1_01', command: level }], { durationMs: 2000 });
    const client = await connect();
    for (const id of [1, 2]) client.send({ cmd: 'hold', lease: 'lease-1', id });
    await client.until(({ messages }) => messages.flat().some(({ id }) => id === 2), 'The answers');
    expect(client.messages.flat()).toContainEqual(
      expect.objectContaining({ cmd: 'hold', id: 1, result: [expect.objectContaining({ id: 'lease-1' })] }),
    );
    expect(board.held).toEqual(['lease-1']);
  });

  test('that has ended is let go when the next is held', async () => {
    const { board, connect } = await serve();
    const client = await connect();
    const set = (id: number) => {
      client.send({ cmd: 'set', dev: 'do', circuit: '1_01', value: 1, lease_ms: 500, hold: true, id });
      return client.until(({ messages }) => messages.flat().some((each) => each['id'] === id), 'The answer');
    };
    await set(1);
    await board.endLease('lease-1');
    await set(2);
    expect(board.held).toEqual(['lease-2']);
  });
});

describe('refused before the socket opens', () => {
  test.each([
    ['a type that is none', '?types=lamp', 404, 'CIRCUIT_NOT_FOUND'],
    ['a circuit that is not there', '?circuits=do/9', 404, 'CIRCUIT_NOT_FOUND'],
    ['a circuit without type', '?circuits=gate', 422, 'REQUEST_INVALID'],
    ['two lists of types', '?types=di&types=do', 422, 'REQUEST_INVALID'],
  ])('%s', async (_what, query, status, code) => {
    const { url } = await serve();
    expect(await EventsClient.refusal(url, query)).toEqual([status, code]);
  });

  test('a page of another origin; one of the service itself is welcome', async () => {
    const { url } = await serve(['https://a.example']);
    const refusal = (origin: string) => EventsClient.refusal(url, '', { origin });
    expect(await refusal('https://b.example')).toEqual([403, 'ORIGIN_FORBIDDEN']);
    for (const origin of ['https://a.example', url]) await expect(refusal(origin)).rejects.toThrow(/opened/);
  });

  test('plain HTTP', async () => {
    const { url } = await serve();
    const answer = await fetch(`${url}/controller/events`);
    expect(answer.status).toBe(426);
    expect(answer.headers.get('upgrade')).toBe('websocket');
    expect(await answer.json()).toMatchObject({ code: 'REQUEST_UPGRADE_REQUIRED' });
  });

  test('the 65th client, until another goes', async () => {
    const { url, connect } = await serve();
    const all = await Promise.all(Array.from({ length: 64 }, () => connect('?types=di')));
    expect(await EventsClient.refusal(url)).toEqual([503, 'EVENTS_TOO_MANY_CLIENTS']);
    all[0]?.socket.close();
    await all[0]?.until(({ closed }) => closed !== undefined, 'The end');
    await connect();
  });
});

test('a message that is too long closes the socket', async () => {
  const { connect } = await serve();
  const client = await connect();
  client.socket.send('x'.repeat(MAX_COMMAND_BYTES + 1));
  await client.until(({ closed }) => closed !== undefined, 'The end');
  expect(client.closed?.code).toBe(1009);
});

/** A WebSocket whose network stands still until `flush`. */
class StillSocket extends EventEmitter {
  readonly OPEN = 1;
  readonly readyState = 1;
  readonly sent: string[] = [];
  isPaused = false;
  isTerminated = false;
  pings = 0;
  #waiting: { readonly bytes: number; readonly done: () => void }[] = [];

  get bufferedAmount(): number {
    return this.#waiting.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** What has been sent since the last call, in objects. */
  taken(): readonly Readonly<Record<string, unknown>>[] {
    return this.sent.splice(0).flatMap((text) => JSON.parse(text));
  }

  send(message: string, done: () => void): void {
    this.sent.push(message);
    this.#waiting.push({ bytes: message.length, done });
  }

  flush(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) next.done();
  }

  ping(): void {
    this.pings += 1;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  terminate(): void {
    this.isTerminated = true;
    this.emit('close');
  }
}

function still() {
  const board = makeBoard();
  const clock = new FakeClock();
  const feed = new EventFeed(board, clock);
  const socket = new StillSocket();
  const warnings: string[] = [];
  const silent = (): void => undefined;
  const log = {
    debug: silent,
    info: silent,
    error: silent,
    warn: (_: object, text: string) => warnings.push(text),
  };
  // it has what EventsSocket uses
  const asWebSocket = socket as unknown as WebSocket;
  new EventsSocket(asWebSocket, { board, feed, filter: () => true, clock, log });
  socket.flush();
  socket.taken();
  /** Fills the socket's buffer, so that what follows has to wait. */
  const block = async (): Promise<void> => {
    for (let count = 0; count < 3000; count += 1) board.emit({ cause: 'setting', key: 'do/1_01', value: 1 });
    await settle();
    socket.taken();
  };
  return { board, clock, feed, socket, warnings, block };
}

describe('while the client does not take what it is sent', () => {
  test('analog readings are replaced by newer ones, and edges wait', async () => {
    const { board, socket, block } = still();
    await block();
    for (let count = 1; count <= 50; count += 1) {
      board.emit({ cause: 'reading', key: 'ai/1_01', value: count });
      board.emit({ cause: 'edge', key: 'di/1_01', value: count % 2, edge });
    }
    await settle();
    expect(socket.taken()).toEqual([]);
    expect(socket.isPaused).toBe(true);
    socket.flush();
    socket.flush();
    const events = socket.taken().filter(({ cause }) => cause !== 'setting');
    expect(events.filter(({ cause }) => cause === 'edge')).toHaveLength(50);
    expect(events.filter(({ cause }) => cause === 'reading')).toMatchObject([{ value: 50 }]);
    expect(socket.isPaused).toBe(false);
  });

  test('the oldest events go when 10,000 wait; the client and the log are told how many', async () => {
    const { board, socket, block, warnings } = still();
    await block();
    for (let count = 0; count < MAX_WAITING_EVENTS + 5000; count += 1)
      board.emit({ cause: 'edge', key: 'di/1_01', value: count % 2, edge });
    await settle();
    for (let turn = 0; turn < 200; turn += 1) socket.flush();
    const events = socket.taken();
    const missed = events.flatMap((event) => (typeof event['missed'] === 'number' ? event['missed'] : []));
    expect(missed).toHaveLength(1);
    expect(events[0]).toMatchObject({ missed: missed[0] });
    expect(events.length).toBe(MAX_WAITING_EVENTS);
    expect(events.at(-1)).toMatchObject({ seq: 3000 + MAX_WAITING_EVENTS + 5000 });
    socket.terminate();
    expect(warnings).toEqual([`an events client was too slow: ${missed[0]} events lost`]);
  });

  test('a snapshot comes after the events that wait', async () => {
    const { board, socket, block } = still();
    await block();
    board.emit({ cause: 'edge', key: 'di/1_01', value: 1, edge });
    socket.emit('message', Buffer.from('{"cmd":"all"}'), false);
    await settle();
    for (let turn = 0; turn < 20; turn += 1) socket.flush();
    const events = socket.taken();
    const [edgeAt, snapshotAt] = ['edge', 'snapshot'].map((cause) =>
      events.findIndex((event) => event['cause'] === cause),
    );
    expect(edgeAt).toBeGreaterThanOrEqual(0);
    expect(snapshotAt).toBeGreaterThan(edgeAt ?? 0);
    expect(events[snapshotAt ?? 0]).toMatchObject({ seq: 3001 });
  });

  test('no more commands are read than can be under way', async () => {
    const { board, socket } = still();
    const finish: (() => void)[] = [];
    board.onWrite = () => new Promise<void>((done) => finish.push(done));
    const set = Buffer.from('{"cmd":"set","dev":"do","circuit":"1_01","value":1}');
    for (let count = 0; count < 32; count += 1) socket.emit('message', set, false);
    await settle();
    expect(socket.isPaused).toBe(true);
    for (const done of finish) done();
    await settle();
    socket.flush();
    await settle();
    expect(socket.isPaused).toBe(false);
  });
});

test('commands whose parts are nested too deeply for an answer are refused like any other', async () => {
  const { connect } = await serve();
  const client = await connect();
  const deep = '['.repeat(8000) + ']'.repeat(8000);
  client.socket.send(`{"cmd":"set","id":${deep}}`);
  client.socket.send(`{"cmd":"set","dev":"do","circuit":"1_01","value":${deep}}`);
  await client.until(({ events }) => events.length === 2, 'Both refusals');
  expect(client.events.map(({ error }) => error)).toEqual([
    expect.objectContaining({ status: 422, code: 'REQUEST_INVALID' }),
    expect.objectContaining({ status: 422, code: 'CIRCUIT_VALUE_INVALID' }),
  ]);
});

describe('a client that is gone', () => {
  test('is noticed when it has not answered a ping within 15 s, though bytes were taken', async () => {
    const { board, clock, socket, feed } = still();
    await clock.advance(15_000);
    expect(socket.pings).toBe(1);
    socket.emit('pong');
    await clock.advance(15_000);
    board.emit({ cause: 'edge', key: 'di/1_01', value: 1, edge });
    await settle();
    socket.flush();
    await clock.advance(15_000);
    expect(socket.isTerminated).toBe(true);
    expect(feed.clients).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  test('holds no lease that its last write makes', async () => {
    const { board, socket } = still();
    let finish = (): void => undefined;
    board.onWrite = () =>
      new Promise<void>((done) => {
        finish = done;
      });
    const set = '{"cmd":"set","dev":"do","circuit":"1_01","value":1,"lease_ms":2000,"hold":true}';
    socket.emit('message', Buffer.from(set), false);
    await settle();
    socket.terminate();
    finish();
    await settle();
    expect(board.written).toHaveLength(1);
    expect(board.held).toEqual([]);
  });

  test('loses the leases that it holds within twice their duration', async () => {
    const { board, clock, socket } = still();
    const set = '{"cmd":"set","dev":"do","circuit":"1_01","value":1,"lease_ms":2000,"hold":true}';
    socket.emit('message', Buffer.from(set), false);
    await settle();
    expect(board.held).toEqual(['lease-1']);
    socket.emit('pong');
    await clock.advance(2000);
    socket.emit('pong');
    await clock.advance(1999);
    expect(board.held).toEqual(['lease-1']);
    await clock.advance(2001);
    expect(socket.isTerminated).toBe(true);
    expect(board.held).toEqual([]);
  });
});
