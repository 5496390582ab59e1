import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BOTH, BRAIN, ModbusDriverBench, tcp } from '../../../../../test/support/modbus-driver-bench.ts';
import { hasPymodbus } from '../../../../../test/support/modbus-server.ts';
import { eventually } from '../../../../../test/support/service.ts';

let bench: ModbusDriverBench;
beforeEach(() => {
  bench = new ModbusDriverBench();
});
afterEach(() => bench[Symbol.asyncDispose]());
const { signal } = new AbortController();

describe.skipIf(!hasPymodbus())('Modbus devices that fail (python3-pymodbus)', () => {
  test('a refused write names the exception, and leaves the slave ok', async () => {
    const server = await bench.serve();
    await bench.drive({ LOCAL: tcp(server.port, BRAIN) });
    await bench.until('do/brain_01', 'ok');
    await server.fault(1, { kind: 'exception', code: 2, function: 5 });
    await expect(
      bench.driver.write([{ key: 'do/brain_01', level: { value: 1 } }], { signal }),
    ).rejects.toMatchObject({
      code: 'IO_FAILED',
      message: 'bus LOCAL, slave 1 failed: it answers "illegal data address" (exception 2).',
    });
    await bench.driver.read('do/brain_01', { signal });
    expect(bench.listener.healthOf('do/brain_01')).toEqual({ state: 'ok' });
  });

  test('a block that is refused takes only its own circuits', async () => {
    const server = await bench.serve();
    await bench.drive({ LOCAL: tcp(server.port, BRAIN) });
    await bench.until('ai/brain_01', 'ok');
    await server.fault(1, { kind: 'exception', code: 2, address: 3000 });
    const health = await bench.until('ai/brain_01', 'stale');
    expect(health?.problem?.message).toContain('"illegal data address" (exception 2)');
    expect(bench.listener.healthOf('do/brain_01')).toEqual({ state: 'ok' });
    await server.fault(1, {});
    await bench.until('ai/brain_01', 'ok');
  });

  test('silence makes a slave stale, then down, and its answer makes it ok', async () => {
    const server = await bench.serve();
    await bench.drive({ LOCAL: tcp(server.port, BRAIN, { timeout: 0.1 }) });
    await bench.until('di/brain_01', 'ok');
    await server.fault(1, { kind: 'silent' });
    const stale = await bench.until('di/brain_01', 'stale');
    expect(stale?.problem).toEqual({
      code: 'IO_TIMEOUT',
      message: 'bus LOCAL, slave 1 has not answered within 100 ms.',
    });
    await bench.until('di/brain_01', 'down');
    await expect(bench.driver.read('di/brain_01', { signal })).rejects.toMatchObject({ code: 'IO_TIMEOUT' });
    await server.fault(1, {});
    await bench.until('di/brain_01', 'ok');
  });

  test('a call to a slave that is stale waits for its next attempt', async () => {
    const server = await bench.serve();
    await bench.drive({ LOCAL: tcp(server.port, BRAIN, { timeout: 0.1 }) });
    await bench.until('di/brain_01', 'ok');
    await server.fault(1, { kind: 'silent' });
    await bench.until('di/brain_01', 'stale');
    const write = bench.driver.write([{ key: 'do/brain_01', level: { value: 1 } }], { signal });
    await expect(write).rejects.toMatchObject({ code: 'IO_TIMEOUT' });
    await server.fault(1, {});
    await bench.until('do/brain_01', 'ok');
    await bench.driver.write([{ key: 'do/brain_01', level: { value: 1 } }], { signal });
    expect(await server.get(1, 'holding', 1)).toEqual([1]);
  });

  test('calls to a slave that is stale share its next attempt instead of taking the line one by one', async () => {
    const server = await bench.serve();
    await bench.drive({ LOCAL: tcp(server.port, BOTH, { timeout: 0.1 }) });
    await bench.until('ro/ext_01', 'ok');
    await server.fault(2, { kind: 'silent' });
    await bench.until('ro/ext_01', 'stale');
    await server.requests();
    while (bench.listener.healthOf('ro/ext_01')?.state === 'stale') {
      const write = bench.driver.write([{ key: 'ro/ext_01', level: { value: 1 } }], { signal });
      await expect(write).rejects.toMatchObject({ code: 'IO_TIMEOUT' });
    }
    const switched = (await server.requests()).filter(([slave, code]) => slave === 2 && code === 5);
    expect(switched).toEqual([]);
  });

  test('a dead slave leaves its neighbour ok, and costs it less and less', async () => {
    const server = await bench.serve();
    await bench.drive({ LOCAL: tcp(server.port, BOTH, { timeout: 0.2 }) });
    await bench.until('ro/ext_01', 'ok');
    await bench.until('di/brain_01', 'ok');
    await server.fault(2, { kind: 'silent' });
    await bench.until('ro/ext_01', 'down');
    await server.requests();
    for (let turn = 0; turn < 30; turn += 1) await bench.driver.read('di/brain_01', { signal });
    const asked = (await server.requests()).filter(([slave]) => slave === 2);
    expect(asked.length).toBeLessThanOrEqual(2);
    expect(bench.states('di/brain_01')).toEqual(['ok']);
  });

  test.each([
    ['a header that promises too much', 'ffff0000ffff01'],
    ['a header that promises nothing', '000100000000'],
    ['an answer of another slave', '000100000005630302'],
    ['random bytes', 'deadbeefdeadbeefdeadbeefdeadbeefdeadbeef'],
  ])('%s is survived', async (_, bytes) => {
    const server = await bench.serve();
    await bench.drive({ LOCAL: tcp(server.port, BRAIN, { timeout: 0.1 }) });
    await bench.until('di/brain_01', 'ok');
    await server.fault(1, { kind: 'garbage', bytes });
    const stale = await bench.until('di/brain_01', 'stale');
    expect(stale?.problem?.code).toMatch(/^IO_(TIMEOUT|FAILED)$/);
    await server.fault(1, {});
    await bench.until('di/brain_01', 'ok');
  });

  test('a connection that ends in mid-request fails the request at once and is made anew', async () => {
    const server = await bench.serve();
    await bench.drive({ LOCAL: tcp(server.port, BRAIN, { timeout: 30 }) });
    await bench.until('di/brain_01', 'ok');
    await server.fault(1, { kind: 'close' });
    const stale = await bench.until('di/brain_01', 'stale');
    expect(stale?.problem).toMatchObject({
      code: 'IO_FAILED',
      message: expect.stringContaining('connection was closed'),
    });
    await server.fault(1, {});
    await bench.until('di/brain_01', 'ok');
  });

  test('a server that starts again is found, and a second bus has not noticed', async () => {
    const server = await bench.serve();
    const other = await bench.serve();
    await bench.drive({
      A: tcp(server.port, { a: { model: '00' } }),
      B: tcp(other.port, { b: { model: '00' } }),
    });
    await bench.until('di/a_01', 'ok');
    await bench.until('di/b_01', 'ok');
    await server[Symbol.asyncDispose]();
    const stale = await eventually(
      () => bench.listener.healthOf('di/a_01'),
      (health) => health?.problem?.code === 'IO_NOT_PRESENT',
      'the refused connection being told',
    );
    expect(stale?.problem?.message).toContain('ECONNREFUSED');
    await bench.serve('tcp', server.port);
    await bench.until('di/a_01', 'ok');
    const states = bench.states('di/b_01');
    expect(states).toEqual(['ok']);
  });

  test('more calls than a bus has room for are refused', async () => {
    const server = await bench.serve();
    await bench.drive({ LOCAL: tcp(server.port, BRAIN) });
    await bench.until('di/brain_01', 'ok');
    await server.fault(1, { kind: 'silent' });
    const calls = Array.from({ length: 600 }, () => bench.driver.read('di/brain_01', { signal }));
    const outcomes = await Promise.allSettled(calls);
    const codes = outcomes.map((one) => (one.status === 'rejected' ? one.reason.code : 'ok'));
    expect(codes.filter((code) => code === 'IO_OVERLOADED').length).toBeGreaterThan(50);
    expect(codes.filter((code) => code === 'IO_TIMEOUT').length).toBeGreaterThan(500);
  });

  test('a serial line has the same circuits, and survives garbage and late answers', async () => {
    const server = await bench.serve('rtu');
    const line = {
      type: 'MODBUSRTU',
      port: server.path,
      baudrate: 115_200,
      parity: 'E',
      timeout: 0.1,
      devices: BOTH,
    };
    await bench.drive({ RS485: line });
    await bench.until('do/brain_01', 'ok');
    await bench.until('ro/ext_01', 'ok');
    await bench.driver.write([{ key: 'ro/ext_04', level: { value: 1 } }], { signal });
    expect(await server.get(2, 'holding', 1)).toEqual([0b1000]);
    for (const fault of [
      { kind: 'garbage', bytes: '0203040506070809' },
      { kind: 'garbage', bytes: '02'.repeat(300) },
      { kind: 'late', seconds: 0.15 },
    ] as const) {
      await server.fault(2, fault);
      await bench.until('ro/ext_04', 'stale');
      await server.fault(2, {});
      await bench.until('ro/ext_04', 'ok');
      expect((await bench.driver.read('ro/ext_04', { signal })).level.value).toBe(1);
      expect((await bench.driver.read('register/ext_0', { signal })).level.value).toBe(0);
    }
  });

  test('a serial port that goes away is told, and its circuits with it', async () => {
    const server = await bench.serve('rtu');
    await bench.drive({ RS485: { type: 'MODBUSRTU', port: server.path, devices: BRAIN } });
    await bench.until('do/brain_01', 'ok');
    await server[Symbol.asyncDispose]();
    await bench.until('do/brain_01', 'stale');
    const health = await bench.until('do/brain_01', 'down');
    expect(health?.problem?.code).toBe('IO_NOT_PRESENT');
  });
});

describe('lines that cannot be opened', () => {
  test('a serial port that is not there makes its circuits down, not the driver', async () => {
    await bench.drive({ RS485: { type: 'MODBUSRTU', port: '/dev/no-such-port', devices: BRAIN } });
    const health = await bench.until('di/brain_01', 'down');
    expect(health?.problem).toEqual({
      code: 'IO_NOT_PRESENT',
      message: 'bus RS485 at /dev/no-such-port is not there: there is no such port.',
    });
    await expect(bench.driver.read('di/brain_01', { signal })).rejects.toMatchObject({
      code: 'IO_NOT_PRESENT',
    });
  });

  test('what listens but is no Modbus server is told as such, and its flood is bounded', async () => {
    const sockets = new Set<Socket>();
    const server: Server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('data', () => socket.write(Buffer.alloc(65_536, 0x41)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    bench.use({
      [Symbol.asyncDispose]: async () => {
        for (const socket of sockets) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      },
    });
    // A listening TCP server has an address of this shape.
    const { port } = server.address() as AddressInfo;
    await bench.drive({ LOCAL: tcp(port, BRAIN, { timeout: 0.1 }) });
    const health = await bench.until('di/brain_01', 'down');
    expect(health?.problem?.code).toMatch(/^IO_(TIMEOUT|FAILED)$/);
  });

  test('disposal does not wait for a connection under way', async () => {
    // TEST-NET-1 answers nobody.
    await bench.drive({ LOCAL: { ...tcp(502, BRAIN), hostname: '192.0.2.1' } });
    await new Promise((resolve) => setImmediate(resolve));
    const beforeMs = performance.now();
    await bench.driver[Symbol.asyncDispose]();
    expect(performance.now() - beforeMs).toBeLessThan(1000);
  });
});
