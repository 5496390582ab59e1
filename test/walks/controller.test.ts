import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { EventsClient } from '../support/events-client.ts';
import { Service } from '../support/service.ts';

type Dict = Readonly<Record<string, unknown>>;

interface Circuit {
  readonly output?: object;
  readonly settings: readonly { readonly writable: boolean }[];
}

/** One service for all: each test works with outputs of its own. */
let service: Service;
const clients: EventsClient[] = [];

beforeAll(async () => {
  service = await Service.start({
    config: {
      io: {
        simulated: { enabled: 'always' },
        circuits: {
          di: { '1_02': { alias: 'gate', label: 'Gate' } },
          do: { '1_02': { label: 'Lock' }, '1_03': { alias: 'forward' }, '1_04': { alias: 'backward' } },
          ro: { '1_05': { alias: 'pump', safe: 0 } },
        },
        interlocks: { motor: ['do/1_03', 'do/1_04'] },
      },
    },
  });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});
afterEach(() => {
  for (const client of clients.splice(0)) client[Symbol.dispose]();
});

async function connect(query = ''): Promise<EventsClient> {
  const client = new EventsClient(service.url, query);
  clients.push(client);
  return client.until(({ messages }) => messages.length > 0, 'The snapshot');
}

function post(path: string, body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return service.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function write<T = Dict>(path: string, body: unknown): Promise<T> {
  const answer = await post(path, body);
  const content: unknown = await answer.json();
  expect(answer.status, JSON.stringify(content)).toBe(200);
  return content as T; // what a route answers is the test's to check
}

async function refusal(path: string, body: unknown): Promise<unknown> {
  return (await post(path, body)).json();
}

const read = (path: string): Promise<Dict> => service.json<Dict>(path);

describe('a program', () => {
  test('finds every circuit, in the order of Robopipe', async () => {
    const dicts = await service.json<readonly Dict[]>('/controller/');
    const types = [...new Set(dicts.map(({ dev }) => dev))];
    expect(types).toEqual([
      ...['di', 'ro', 'do', 'ai', 'ao', 'temp', 'led', 'wd', 'modbus_slave', 'owpower'],
      ...['register', 'data_point', 'owbus', 'device_info'],
    ]);
    const { circuits } = await service.json<{ circuits: readonly Dict[] }>('/controller/circuits');
    expect(circuits).toHaveLength(dicts.length);
    expect(circuits).toContainEqual(
      expect.objectContaining({ key: 'di/1_02', alias: 'gate', label: 'Gate' }),
    );
  });

  test('switches an output, reads it back, and sees what it is wired to', async () => {
    expect(await write('/controller/do/1_02', { value: 1 })).toMatchObject({ dev: 'do', value: 1 });
    expect(await read('/controller/do/1_02')).toMatchObject({ value: 1, pwm_duty: 100, health: 'ok' });
    expect(await read('/controller/di/gate/')).toMatchObject({ circuit: '1_02', value: 1 });
  });

  test('sets pulse width and an analog output', async () => {
    expect(await write('/controller/do/1_02', { pwm_duty: 25, pwm_freq: 500 })).toMatchObject({
      mode: 'PWM',
      pwm_duty: 25,
      pwm_freq: 500,
      value: 1,
    });
    expect(await write('/controller/ao/1_01', { value: '2.5' })).toMatchObject({ value: 2.5, unit: 'V' });
    expect((await read('/controller/ai/1_01'))['value']).toBeCloseTo(2.5, 1);
  });

  test('writes several circuits at once, or none', async () => {
    const off = [
      { dev: 'relay', circuit: '1_02', value: 0 },
      { dev: 'led', circuit: '1_04', value: 0 },
    ];
    const on = off.map((each) => ({ ...each, value: 1 }));
    expect(await write('/controller/', on)).toMatchObject([
      { dev: 'ro', circuit: '1_02', value: 1 },
      { dev: 'led', circuit: '1_04', value: 1 },
    ]);
    const wrong = [...off, { dev: 'ao', circuit: '1_02', value: 1000 }];
    expect(await refusal('/controller/', wrong)).toMatchObject({
      status: 422,
      code: 'CIRCUIT_VALUE_INVALID',
      detail: expect.stringMatching(/^ao\/1_02: .*1000/),
    });
    expect(await read('/controller/ro/1_02')).toMatchObject({ value: 1 });
  });

  test('is refused the second output of an interlock', async () => {
    await write('/controller/do/forward', { value: 1 });
    expect(await refusal('/controller/do/backward', { value: 1 })).toMatchObject({
      status: 409,
      code: 'INTERLOCK_HELD',
    });
    expect(await read('/controller/do/1_04')).toMatchObject({ value: 0 });
    const turn = [
      { dev: 'do', circuit: 'forward', value: 0 },
      { dev: 'do', circuit: 'backward', value: 1 },
    ];
    expect(await write('/controller', turn)).toMatchObject([{ value: 0 }, { value: 1 }]);
    await write('/controller/do/backward', { cancel: true });
  });

  test('is told of what is not there and of what cannot be', async () => {
    expect(await (await service.fetch('/controller/do/9_09')).json()).toMatchObject({
      status: 404,
      code: 'CIRCUIT_NOT_FOUND',
    });
    expect(await refusal('/controller/di/gate', { value: 1 })).toMatchObject({
      status: 409,
      code: 'CIRCUIT_READ_ONLY',
    });
    expect(
      await refusal('/controller/ro/1_03', { value: 1, blink: { on_ms: 50, off_ms: 50 } }),
    ).toMatchObject({
      status: 422,
      code: 'CIRCUIT_VALUE_INVALID',
    });
    expect(await refusal('/controller/ro/1_03', { colour: 1 })).toMatchObject({
      status: 422,
      code: 'CIRCUIT_FIELD_UNKNOWN',
    });
  });

  test('can send back what it was answered, whatever the circuit', async () => {
    const dicts = await service.json<readonly Dict[]>('/controller/');
    const { circuits } = await service.json<{ circuits: readonly Circuit[] }>('/controller/circuits');
    let written = 0;
    for (const [index, { output, settings }] of circuits.entries()) {
      if (output === undefined && !settings.some(({ writable }) => writable)) continue;
      const { dev, circuit, value } = dicts[index] ?? {};
      expect(await write(`/controller/${dev}/${circuit}`, dicts[index])).toMatchObject({
        dev,
        circuit,
        ...(output && { value }),
      });
      written += 1;
    }
    expect(written).toBeGreaterThan(15);
  });
});

describe('the events socket', () => {
  test('tells of a write and of the edge that it causes, with its stamp', async () => {
    await write('/controller/do/1_01', { value: 0 });
    const client = await connect('?types=di,do&circuits=di/1_01,do/1_01');
    expect(client.messages[0]).toMatchObject([
      { dev: 'di', circuit: '1_01', value: 0, cause: 'snapshot' },
      { dev: 'do', circuit: '1_01', value: 0, cause: 'snapshot' },
    ]);
    const seenUs = Date.now() * 1000;
    client.send({ cmd: 'set', dev: 'do', circuit: '1_01', value: 1, id: 7 });
    await client.event({ cmd: 'set', id: 7 });
    await client.event({ cause: 'command', circuit: '1_01', value: 1 });
    const edge = await client.event({ cause: 'edge', dev: 'di' });
    expect(edge).toMatchObject({
      circuit: '1_01',
      value: 1,
      edge: 'rising',
      lost: 0,
      timestamp_ns: expect.stringMatching(/^\d{12,}$/),
    });
    expect(Math.abs(Number(edge['wall_us']) - seenUs)).toBeLessThan(60e6);
    const numbers = client.events.flatMap(({ seq }) => (typeof seq === 'number' ? seq : []));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });

  test('refuses a circuit that is not there before it opens', async () => {
    expect(await EventsClient.refusal(service.url, '?circuits=do/9')).toEqual([404, 'CIRCUIT_NOT_FOUND']);
  });
});

describe('a lease', () => {
  const atSafeValue = async (client: EventsClient): Promise<void> => {
    await client.event({ cause: 'lease-end', dev: 'ro', circuit: '1_05', value: 0 });
    expect(await read('/controller/ro/pump')).toMatchObject({ value: 0, cause: 'safe' });
    expect(await service.json('/controller/leases')).toEqual([]);
  };

  test('that nobody renews runs out, and its output goes to the safe value', async () => {
    const client = await connect('?types=ro');
    const { lease } = await write<{ lease: Dict }>('/controller/ro/pump', { value: 1, lease_ms: 300 });
    expect(lease).toMatchObject({ duration_ms: 300, held: false });
    await atSafeValue(client);
    expect(await (await post(`/controller/leases/${lease['id']}`, {})).json()).toMatchObject({
      status: 404,
      code: 'LEASE_NOT_FOUND',
    });
  });

  test('that a socket holds lasts until the socket closes', async () => {
    const [holder, watcher] = [await connect('?types=ao'), await connect('?types=ro')];
    const set = { cmd: 'set', dev: 'ro', circuit: 'pump', value: 1, lease_ms: 100, hold: true, id: 1 };
    holder.send(set);
    expect(await holder.event({ id: 1 })).toMatchObject({
      result: [{ value: 1, lease: { duration_ms: 100 } }],
    });
    // While another lease of three times its duration runs out, this one stays.
    await write('/controller/ro/1_04', { value: 1, lease_ms: 300 });
    await watcher.event({ cause: 'lease-end', circuit: '1_04' });
    expect(await read('/controller/ro/pump')).toMatchObject({ value: 1, lease: { held: true } });
    holder.socket.close();
    await atSafeValue(watcher);
  });

  test('is ended at once when its client asks for it', async () => {
    const { lease } = await write<{ lease: Dict }>('/controller/ro/pump', { value: 1, lease_ms: 60_000 });
    const path = `/controller/leases/${lease['id']}`;
    expect(await (await service.fetch(path, { method: 'POST' })).json()).toMatchObject({
      circuits: ['ro/1_05'],
    });
    expect((await service.fetch(path, { method: 'DELETE' })).status).toBe(200);
    expect(await read('/controller/ro/pump')).toMatchObject({ value: 0, cause: 'safe' });
  });
});

/** What Python's requests sends for `data={"value": True}`. */
const FORM = {
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '10' },
  body: 'value=True',
};

describe('the published examples run unmodified', () => {
  test.each(['/controller/led', '/controller/led/1_01'])('the form posted to %s', async (path) => {
    await write(path, { value: false });
    expect([await service.json(path, FORM)].flat()[0]).toMatchObject({ dev: 'led', value: 1 });
    expect([await write(path, { value: true })].flat()[0]).toMatchObject({ dev: 'led', value: 1 });
  });

  const python = spawnSync('python3', ['-c', 'import requests']);
  test.skipIf(python.status !== 0)('with the requests library of Python', () => {
    const { status, stdout, stderr } = spawnSync('python3', ['-c', EXAMPLES, service.url], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout.trim().split('\n')).toEqual([
      '200 [0, 0, 0, 0]',
      '200 [1, 1, 1, 1]',
      '200 0',
      'do 200 1 100',
      'do 200 0 0',
    ]);
  });
});

const EXAMPLES = `
import sys
import requests

url = sys.argv[1]

# Capsule counting: an LED that tells whether there are enough.
for enough in (False, True):
    answer = requests.post(url + "/controller/led", data={"value": enough})
    print(answer.status_code, [led["value"] for led in answer.json()])
answer = requests.post(f"{url}/controller/led/1_02", data={"value": False})
print(answer.status_code, answer.json()["value"])

# A digital output, found in the list of all circuits, with a whole body.
outputs = [circuit for circuit in requests.get(url + "/controller/").json() if circuit["dev"] == "do"]
circuit = outputs[0]["circuit"]
for value in (1, 0):
    body = {"pwm_freq": 1000, "pwm_duty": 100 * value, "value": value}
    answer = requests.post(f"{url}/controller/do/{circuit}", json=body)
    output = requests.get(f"{url}/controller/do/{circuit}").json()
    print(output["dev"], answer.status_code, output["value"], output["pwm_duty"])
`;
