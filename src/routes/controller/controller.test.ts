import websocket from '@fastify/websocket';
import pino from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { circuitView, EchoBoard } from '../../../test/support/echo-board.ts';
import { FakeClock, settle } from '../../../test/support/fake-clock.ts';
import { ioFailed, ioTimeout } from '../../hardware/io/errors.ts';
import { createHttpServer, type HttpServer, refuseSocket, webSocketHandshakes } from '../http/index.ts';
import { controllerRoutes } from './index.ts';

const open: HttpServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

const pwm = { minimumHz: 1, maximumHz: 100_000 };

async function serve() {
  const board = new EchoBoard([
    circuitView('di', '1_01', { alias: 'gate', value: 1 }),
    circuitView('ro', '2_01'),
    circuitView('do', '1_01', { channel: { features: { pwm } } }),
    circuitView('do', '1_02', { channel: { bus: 'two' } }),
    circuitView('sensor', '28FF', { value: 21.5, unit: '°C' }),
    circuitView('led', '1_01'),
    circuitView('led', '1_02'),
    circuitView('wd', '1_01', {
      settings: [{ name: 'timeout', kind: 'integer', minimum: 0, step: 100, isWritable: true }],
    }),
  ]);
  const clock = new FakeClock();
  const server = createHttpServer({ log: pino({ level: 'silent' }), corsOrigins: ['*'] });
  open.push(server);
  await server.register(websocket, { options: { server: webSocketHandshakes(server.server) } });
  server.addHook('onRoute', refuseSocket);
  await server.register(controllerRoutes, { prefix: '/controller', board, clock, corsOrigins: ['*'] });
  const get = async (url: string) => {
    const answer = await server.inject(url);
    return { status: answer.statusCode, body: answer.json() };
  };
  const post = async (url: string, body?: unknown, type = 'application/json') => {
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    const request = { method: 'POST', url, headers: { 'content-type': type } } as const;
    const answer = await server.inject(payload === undefined ? request : { ...request, payload });
    return { status: answer.statusCode, body: answer.json() };
  };
  return { board, clock, server, get, post };
}

const FORM = 'application/x-www-form-urlencoded';

describe('reading', () => {
  test.each(['/controller', '/controller/'])('GET %s lists every circuit in order', async (url) => {
    const { get } = await serve();
    const { status, body } = await get(url);
    expect(status).toBe(200);
    expect(body.map(({ dev, circuit }: { dev: string; circuit: string }) => `${dev}/${circuit}`)).toEqual([
      'di/1_01',
      'ro/2_01',
      'do/1_01',
      'do/1_02',
      'temp/28FF',
      'led/1_01',
      'led/1_02',
      'wd/1_01',
    ]);
  });

  test.each([
    ['led', 2],
    ['ro', 1],
    ['relay/', 1],
    ['input', 1],
    ['output', 2],
    ['temp', 1],
    ['sensor', 1],
    ['watchdog', 1],
    ['ai', 0],
  ])('GET /controller/%s lists the circuits of that type', async (type, count) => {
    const { get } = await serve();
    expect((await get(`/controller/${type}`)).body).toHaveLength(count);
  });

  test.each(['di/1_01', 'di/gate', 'input/gate/'])('GET /controller/%s reads a circuit', async (path) => {
    const { get, board } = await serve();
    const read: unknown[] = [];
    board.onRead = (keys) => read.push(...keys);
    expect(await get(`/controller/${path}`)).toMatchObject({
      status: 200,
      body: { dev: 'di', circuit: '1_01', value: 1, alias: 'gate' },
    });
    expect(read).toEqual(['di/1_01']);
  });

  test.each(['lamp', 'lamp/1', 'do/9', 'di/valve', 'leases/x'])(
    'GET /controller/%s is not found',
    async (path) => {
      const { get } = await serve();
      expect(await get(`/controller/${path}`)).toMatchObject({
        status: 404,
        body: { code: 'CIRCUIT_NOT_FOUND' },
      });
    },
  );

  test('what fails is listed from memory with its health, and the rest is read', async () => {
    const { get, board } = await serve();
    const problem = { code: 'IO_FAILED', message: 'x' };
    board.onRead = (keys) => {
      if (!keys.includes('do/1_02')) return board.change('ro/2_01', { value: 1 });
      board.change('do/1_02', { health: { state: 'stale', problem }, ageMs: 5000 });
      throw ioFailed('bus two', 'no answer');
    };
    const { body } = await get('/controller/');
    expect(body).toHaveLength(8);
    expect(body).toContainEqual(expect.objectContaining({ dev: 'ro', value: 1 }));
    expect(body).toContainEqual(
      expect.objectContaining({ circuit: '1_02', health: 'stale', problem, age_ms: 5000 }),
    );
  });

  test('a list does not ask hardware that is known to be away, and waits a second for a bus at most', async () => {
    const { get, board, clock } = await serve();
    board.change('ro/2_01', { health: { state: 'down' } });
    const read: unknown[] = [];
    board.onRead = (keys) => {
      read.push(...keys);
      return new Promise(() => undefined);
    };
    const answer = get('/controller/');
    for (let turn = 0; turn < 20 && clock.pendingTimers === 0; turn += 1) await settle();
    await clock.advance(999);
    expect(await Promise.race([answer, 'waiting'])).toBe('waiting');
    await clock.advance(1);
    expect((await answer).body).toHaveLength(8);
    expect(read).not.toContain('ro/2_01');
    expect(read).toContain('do/1_02');
    expect(clock.pendingTimers).toBe(0);
  });

  test('a circuit that fails shows its last value; one that was never read, the failure', async () => {
    const { get, board } = await serve();
    board.onRead = () => {
      throw ioTimeout('bus two', 500);
    };
    expect(await get('/controller/do/1_02')).toMatchObject({ status: 200, body: { value: 0, age_ms: 12 } });
    const { value, ...unread } = board.find('do', '1_02');
    expect(value).toBe(0);
    board.find = () => unread;
    expect(await get('/controller/do/1_02')).toMatchObject({ status: 504, body: { code: 'IO_TIMEOUT' } });
  });

  test('our own mistake while reading is no reading', async () => {
    const { get, board } = await serve();
    board.onRead = () => {
      throw new TypeError('bug');
    };
    for (const url of ['/controller/', '/controller/do/1_02'])
      expect(await get(url)).toMatchObject({ status: 500, body: { code: 'INTERNAL_ERROR' } });
  });

  test('GET /controller/circuits describes settings whole', async () => {
    const { get } = await serve();
    const { body } = await get('/controller/circuits');
    const watchdog = body.circuits.find(({ key }: { key: string }) => key === 'wd/1_01');
    expect(watchdog.settings).toEqual([
      { name: 'timeout', kind: 'integer', minimum: 0, step: 100, writable: true },
    ]);
  });

  test('GET /controller/circuits describes every circuit from memory', async () => {
    const { get, board } = await serve();
    board.onRead = () => expect.unreachable();
    const { body } = await get('/controller/circuits');
    expect(body.circuits).toHaveLength(8);
    expect(body.circuits[2]).toMatchObject({
      key: 'do/1_01',
      pwm_range: { minimum_hz: 1, maximum_hz: 100_000 },
    });
  });
});

describe('writing', () => {
  test.each([
    [{ value: true }, 'application/json'],
    [{ value: 1 }, 'application/json'],
    [{ value: '1' }, 'application/json'],
    ['value=True', FORM],
    ['value=1', `${FORM}; charset=utf-8`],
  ])('%j as %s switches an output and answers what is read back', async (body, type) => {
    const { post, board } = await serve();
    expect(await post('/controller/led/1_01', body, type)).toMatchObject({
      status: 200,
      body: { dev: 'led', circuit: '1_01', value: 1 },
    });
    expect(board.find('led', '1_02').value).toBe(0);
  });

  test('a body for a type goes to all its circuits in one request', async () => {
    const { post, board } = await serve();
    const { status, body } = await post('/controller/led', 'value=True', FORM);
    expect(status).toBe(200);
    expect(body).toMatchObject([
      { circuit: '1_01', value: 1 },
      { circuit: '1_02', value: 1 },
    ]);
    expect(board.written).toHaveLength(1);
  });

  test('a list of writes goes in one request, with one lease', async () => {
    const { post, board } = await serve();
    const writes = [
      { dev: 'relay', circuit: '2_01', value: 1 },
      { dev: 'do', circuit: '1_01', pwm_duty: 30 },
    ];
    const { status, body } = await post('/controller/', { writes, lease_ms: 2000 });
    expect(status).toBe(200);
    expect(body).toMatchObject([
      { dev: 'ro', value: 1, lease: { id: 'lease-1', duration_ms: 2000, held: false } },
      { dev: 'do', pwm_duty: 30, mode: 'PWM', lease: { id: 'lease-1' } },
    ]);
    expect(board.written).toMatchObject([{ lease: { durationMs: 2000 }, writes: [{}, {}] }]);
    expect((await post('/controller', writes)).status).toBe(200);
  });

  test('of a list with one wrong write nothing is done', async () => {
    const { post, board } = await serve();
    const body = [
      { dev: 'ro', circuit: '2_01', value: 1 },
      { dev: 'do', circuit: '1_01', value: 7 },
    ];
    expect(await post('/controller/', body)).toMatchObject({
      status: 422,
      body: { code: 'CIRCUIT_VALUE_INVALID' },
    });
    expect(board.written).toEqual([]);
  });

  test.each([
    ['/controller/do/9', '{"value":1}', 404, 'CIRCUIT_NOT_FOUND'],
    ['/controller/lamp', '{"value":1}', 404, 'CIRCUIT_NOT_FOUND'],
    ['/controller/di/gate', '{"value":1}', 409, 'CIRCUIT_READ_ONLY'],
    ['/controller/do/1_01', '{"value":1,"pwm_duty":0}', 422, 'CIRCUIT_VALUE_INVALID'],
    ['/controller/do/1_01', '{"colour":1}', 422, 'CIRCUIT_FIELD_UNKNOWN'],
    ['/controller/do/1_01', '[]', 422, 'REQUEST_INVALID'],
    ['/controller/do/1_01', '', 422, 'REQUEST_INVALID'],
    ['/controller/do/1_01', '{"value":', 400, 'REQUEST_MALFORMED'],
    ['/controller/do/1_01', '{"__proto__":{"value":1}}', 400, 'REQUEST_MALFORMED'],
    ['/controller/', '{"value":1}', 422, 'REQUEST_INVALID'],
    ['/controller/do/1_01', `{"x":"${'x'.repeat(70_000)}"}`, 413, 'REQUEST_TOO_LARGE'],
  ])('POST %s %.20s is answered with %d %s', async (url, payload, status, code) => {
    const { post, board } = await serve();
    expect(await post(url, payload)).toMatchObject({ status, body: { code, detail: expect.any(String) } });
    expect(board.written).toEqual([]);
  });

  test('a form that is too long, or has a field twice, and other media types are refused', async () => {
    const { post } = await serve();
    const url = '/controller/led/1_01';
    expect(await post(url, `value=${'1'.repeat(70_000)}`, FORM)).toMatchObject({ status: 413 });
    expect(await post(url, 'value=1&value=0', FORM)).toMatchObject({
      status: 422,
      body: { code: 'REQUEST_INVALID' },
    });
    expect(await post(url, '<value/>', 'text/xml')).toMatchObject({ status: 415 });
  });

  test('hardware that fails is told with its code', async () => {
    const { post, board } = await serve();
    board.onWrite = () => {
      throw ioFailed('bus two', 'no answer');
    };
    expect(await post('/controller/do/1_02', { value: 1 })).toMatchObject({
      status: 503,
      body: { code: 'IO_FAILED' },
    });
  });
});

describe('leases', () => {
  test('are listed, renewed and ended', async () => {
    const { get, post, server } = await serve();
    await post('/controller/do/1_02', { value: 1, lease_ms: 2000 });
    const lease = {
      id: 'lease-1',
      circuits: ['do/1_02'],
      duration_ms: 2000,
      remaining_ms: 2000,
      held: false,
    };
    expect((await get('/controller/leases')).body).toEqual([lease]);
    expect((await post('/controller/leases/lease-1')).body).toEqual(lease);
    const end = () => server.inject({ method: 'DELETE', url: '/controller/leases/lease-1' });
    expect((await end()).json()).toEqual({ ...lease, remaining_ms: 0 });
    expect((await end()).json()).toMatchObject({ status: 404, code: 'LEASE_NOT_FOUND' });
    expect((await post('/controller/leases/lease-1')).status).toBe(404);
  });
});

test('every route has an operationId of its own and a tag', async () => {
  const ids: unknown[] = [];
  const server = createHttpServer({ log: pino({ level: 'silent' }), corsOrigins: ['*'] });
  open.push(server);
  await server.register(websocket);
  server.addHook('onRoute', ({ method, schema }) => {
    if (method === 'HEAD' || schema?.hide === true) return;
    expect(schema?.tags).toEqual(['controller']);
    ids.push(schema?.operationId);
  });
  const board = new EchoBoard([]);
  const options = { prefix: '/controller', board, clock: new FakeClock(), corsOrigins: ['*'] };
  await server.register(controllerRoutes, options);
  await server.ready();
  expect(new Set(ids).size).toBeGreaterThan(9);
  expect(board.listeners).toBe(1);
  await server.close();
  expect(board.listeners).toBe(0);
});
