import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually, Service, SIMULATED_CAMERA } from '../support/service.ts';
import { VideoClient } from '../support/video-client.ts';

const CAMERA = `/cameras/${SIMULATED_CAMERA}`;
const STREAM = `${CAMERA}/streams/CAM_A`;

let service: Service;

beforeEach(async () => {
  service = await Service.start({
    config: {
      streams: { capture: { width: 320, height: 240, frameRate: 15 } },
      cameras: { illuminators: { [SIMULATED_CAMERA]: { floodLight: 'ao/1_01', dotProjector: 'do/1_02' } } },
    },
  });
});
afterEach(() => service[Symbol.asyncDispose]());

const send = (method: string, path: string, body?: object): Promise<Response> =>
  service.fetch(path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
async function answer(method: string, path: string, body?: object): Promise<[number, unknown]> {
  const response = await send(method, path, body);
  return [response.status, await response.json()];
}
const refused = (status: number, code: string) => [status, expect.objectContaining({ status, code })];

test('deactivating a stream lets go of its readers and of no others; activating lets it be opened', async () => {
  using client = new VideoClient(service.videoUrl('CAM_A'));
  using other = new VideoClient(service.videoUrl('CAM_B'));
  await Promise.all([client.more(2), other.more(2)]);
  for (const _twice of [1, 2]) {
    const response = await send('DELETE', `${STREAM}/`);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      202,
      'application/json; charset=utf-8',
      'null',
    ]);
  }
  await eventually(
    () => client.closed,
    (closed) => closed !== undefined,
    'The reader being let go',
  );
  expect(client.closed).toMatchObject({ code: 4503, reason: expect.stringContaining('STREAM_INACTIVE') });
  await other.more(5);
  expect(other.inits).toHaveLength(1);
  expect(await service.json(`${CAMERA}/streams/`)).toEqual({
    CAM_A: { active: false },
    CAM_B: { active: true },
  });
  expect(await answer('GET', `${STREAM}/still`)).toEqual(refused(409, 'STREAM_INACTIVE'));
  expect(await VideoClient.refusal(service.videoUrl('CAM_A'))).toBe(409);
  for (const _twice of [1, 2]) expect(await answer('POST', STREAM, {})).toEqual([201, null]);
  using again = new VideoClient(service.videoUrl('CAM_A'));
  await again.more(1);
  expect(other.inits).toHaveLength(1);
});

test('a closed camera refuses until it is opened', async () => {
  using client = new VideoClient(service.videoUrl());
  await client.more(1);
  expect(await service.json(CAMERA)).toMatchObject({ state: 'X_LINK_BOOTED' });
  expect(await answer('DELETE', CAMERA)).toEqual([
    200,
    expect.objectContaining({ mxid: SIMULATED_CAMERA, state: 'X_LINK_UNBOOTED', status: 'X_LINK_SUCCESS' }),
  ]);
  await eventually(
    () => client.closed,
    (closed) => closed !== undefined,
    'The reader being let go',
  );
  expect(await VideoClient.refusal(service.videoUrl())).toBe(409);
  expect(await answer('GET', `${STREAM}/mjpeg`)).toEqual(refused(409, 'CAMERA_CLOSED'));
  expect(await answer('POST', STREAM)).toEqual(refused(409, 'CAMERA_CLOSED'));
  expect(await service.json<unknown[]>('/cameras/')).toHaveLength(1);
  expect(await answer('GET', `${CAMERA}/stats`)).toEqual([200, expect.anything()]);
  await eventually(
    () => service.children(),
    (children) => children.length === 0,
    'All that ran for it ending',
  );
  expect(await answer('POST', `${CAMERA}/`, {})).toEqual([
    200,
    expect.objectContaining({ mxid: SIMULATED_CAMERA, state: 'X_LINK_BOOTED' }),
  ]);
  using again = new VideoClient(service.videoUrl());
  await again.more(1);
});

test('a restart opens what runs anew, and its readers stay', async () => {
  using client = new VideoClient(service.videoUrl());
  await client.more(2);
  const before = await service.json<{ restarts: number }>(`${STREAM}/stats`);
  expect(await answer('POST', `${CAMERA}/restart`, {})).toEqual([
    200,
    expect.objectContaining({ mxid: SIMULATED_CAMERA }),
  ]);
  await client.more(5);
  expect(client.closed).toBeUndefined();
  const { restarts } = await service.json<{ restarts: number }>(`${STREAM}/stats`);
  expect(restarts).toBe(before.restarts + 1);
});

test('several streams change at once, or none does', async () => {
  const path = `${CAMERA}/streams/`;
  const states = (a: boolean, b: boolean) => [
    { name: 'CAM_A', active: a, replay: false },
    { name: 'CAM_B', active: b, replay: false },
  ];
  expect(await answer('PATCH', path, { deactivate: ['CAM_B'] })).toEqual([200, states(true, false)]);
  expect(await answer('PATCH', path, { activate: ['CAM_B'], deactivate: ['CAM_A'] })).toEqual([
    200,
    states(false, true),
  ]);
  expect(await answer('PATCH', path, { activate: ['CAM_A', 'CAM_X'] })).toEqual(
    refused(422, 'REQUEST_INVALID'),
  );
  expect(await answer('PATCH', path, { activate: ['CAM_A'], deactivate: ['CAM_A'] })).toEqual(
    refused(422, 'REQUEST_INVALID'),
  );
  expect(await answer('PATCH', path, {})).toEqual([200, states(false, true)]);
});

test('stats tell how the machine is and what the sensors do', async () => {
  using client = new VideoClient(service.videoUrl());
  await client.more(20);
  const number = expect.any(Number);
  const memory = { total: number, used: number, remaining: number };
  const [, stats] = await answer('GET', `${CAMERA}/stats`);
  expect(stats).toMatchObject({
    chip_temperature: { average: number, css: number, dss: number, mss: number, upa: number },
    ddr_memory_usage: memory,
    cmx_memory_usage: memory,
    sensors: {
      CAM_A: { state: 'live', readers: 1, picturesLost: number, picturesSkipped: number },
      CAM_B: { state: 'idle', readers: 0 },
    },
  });
});

test('the lights of a camera are circuits, and what is missing goes off', async () => {
  const path = `${CAMERA}/ir`;
  const both = { flood_light: 0.5, dot_projector: 1 };
  expect(await answer('GET', path)).toEqual([200, { flood_light: 0, dot_projector: 0 }]);
  expect(await answer('POST', path, { flood_light: '0.5', dot_projector: 0.2 })).toEqual([200, both]);
  expect(await answer('GET', path)).toEqual([200, both]);
  expect(await service.json('/controller/do/1_02')).toMatchObject({ value: 1 });
  expect(await answer('POST', path, { flood_light: 1 })).toEqual([200, { flood_light: 1, dot_projector: 0 }]);
  expect(await answer('POST', path, { flood_light: 1.5 })).toEqual(refused(422, 'REQUEST_INVALID'));
  await using dark = await Service.start();
  const response = await dark.fetch(path);
  expect([response.headers.get('content-type'), await response.text()]).toEqual([
    'application/json; charset=utf-8',
    'null',
  ]);
});

test('a control of a sensor can be the light of a camera, beside a circuit', async () => {
  const path = `${CAMERA}/ir`;
  const lights = { floodLight: 'CAM_B/sharpness', dotProjector: 'do/1_01' };
  await using lit = await Service.start({
    config: { cameras: { illuminators: { [SIMULATED_CAMERA]: lights } } },
  });
  const post = (body: object) =>
    lit.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const both = { flood_light: 0.2, dot_projector: 1 };
  expect(await (await post(both)).json()).toEqual(both);
  expect(await lit.json(path)).toEqual(both);
  expect(await lit.json(`${CAMERA}/streams/CAM_B/control/native`)).toMatchObject({ sharpness: 51 });
  await post({ dot_projector: 1 });
  expect(await lit.json(path)).toEqual({ flood_light: 0, dot_projector: 1 });
});

test('the same under camera and sensors, sockets too', async () => {
  const alias = `/camera/${SIMULATED_CAMERA}/sensors`;
  expect(await service.json(`${alias}/`)).toEqual(await service.json(`${CAMERA}/streams`));
  expect(await service.json(`${alias}/CAM_A/?x=/sensors`)).toEqual(await service.json(STREAM));
  expect(await answer('DELETE', `${alias}/CAM_A`)).toEqual([202, null]);
  expect(await answer('POST', `${alias}/CAM_A/`)).toEqual([201, null]);
  using client = new VideoClient(service.videoUrl().replace('/streams/', '/sensors/'));
  await client.more(1);
});

test.each(['POST', 'DELETE'])('%s to a camera that is not there is refused', async (method) => {
  expect(await answer(method, '/cameras/NONE/')).toEqual(refused(404, 'CAMERA_NOT_FOUND'));
  expect(await answer(method, `${CAMERA}/streams/DEPTH_B_C/`)).toEqual([
    404,
    expect.objectContaining({ code: 'SENSOR_NOT_FOUND', detail: expect.stringContaining('no depth') }),
  ]);
});

test('programs are greeted by the root', async () => {
  const response = await service.fetch('/', { headers: { accept: 'application/json' } });
  expect([response.headers.get('content-type'), await response.text()]).toEqual([
    'text/plain; charset=utf-8',
    'Hello from Robopipe API!',
  ]);
});
