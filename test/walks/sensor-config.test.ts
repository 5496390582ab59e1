import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually, Service, SIMULATED_CAMERA } from '../support/service.ts';
import { VideoClient } from '../support/video-client.ts';

const STREAM = `/cameras/${SIMULATED_CAMERA}/streams/CAM_A`;
const FORM = 'application/x-www-form-urlencoded';

interface Config {
  readonly [field: string]: unknown;
}

let folder = '';
let service: Service;

const start = (): Promise<Service> =>
  Service.start({
    config: {
      state: { folder },
      streams: { capture: { width: 640, height: 360, frameRate: 15 } },
    },
  });
const ask = (body: string, type = 'application/json', path = `${STREAM}/config`): Promise<Response> =>
  service.fetch(path, { method: 'POST', headers: { 'content-type': type }, body });
async function post(body: string, type?: string, path?: string): Promise<Config> {
  const response = await ask(body, type, path);
  expect(response.status, await response.clone().text()).toBe(200);
  return (await response.json()) as Config; // what a route answers is this test's to check
}
const get = (stream = STREAM): Promise<Config> => service.json(`${stream}/config`);

/** Width and height of a JPEG image: its start of frame (ITU-T T.81 §B.2.2). */
function sizeOfJpeg(image: Buffer): [number, number] {
  for (let at = 2; at < image.length; at += 2 + image.readUInt16BE(at + 2)) {
    const marker = image.readUInt16BE(at);
    if (marker === 0xffc0 || marker === 0xffc2)
      return [image.readUInt16BE(at + 7), image.readUInt16BE(at + 5)];
  }
  throw new Error('No start of frame.');
}
async function still(stream = STREAM): Promise<[number, number]> {
  const response = await service.fetch(`${stream}/still`);
  return sizeOfJpeg(Buffer.from(await response.arrayBuffer()));
}

/** Width and height in an init segment: the visual sample entry (ISO/IEC 14496-12 §12.1.3). */
function sizeOfInit(init: Buffer): [number, number] {
  const entry = init.indexOf('avc1', 0, 'latin1') + 4;
  return [init.readUInt16BE(entry + 24), init.readUInt16BE(entry + 26)];
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vidicon-walk-'));
  service = await start();
});
afterEach(async () => {
  await service[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

test('readers of a running stream stay when its size changes, and get a new init segment and a sync fragment', async () => {
  using first = new VideoClient(service.videoUrl());
  using second = new VideoClient(service.videoUrl());
  await Promise.all([first.more(3), second.more(3)]);
  expect(await get()).toMatchObject({ resolution: [640, 360], fps: 15 });
  expect(await post('{"resolution": "THE_720_P"}')).toEqual({
    resolution: 'THE_720_P',
    still_size: [1280, 720],
    preview_size: [300, 300],
    video_size: [1280, 720],
    sensor_crop: [0, 0],
    fps: 15,
  });
  for (const client of [first, second]) {
    await client.until(({ inits }) => inits.length === 2, 'A new init segment');
    await client.more(3);
    expect(client.inits.map(sizeOfInit)).toEqual([
      [640, 360],
      [1280, 720],
    ]);
    const at = client.messages.findLastIndex(({ kind }) => kind === 'init');
    expect(client.messages[at + 1]).toMatchObject({ kind: 'fragment', isSync: true });
    expect(client.closed).toBeUndefined();
  }
});

test('of two clients who ask at once, the later has the last word', async () => {
  using client = new VideoClient(service.videoUrl());
  await client.more(1);
  const sizes = [
    [1280, 720],
    [320, 240],
  ];
  const answers = await Promise.all(sizes.map((size) => post(JSON.stringify({ video_size: size }))));
  expect(answers.map((answer) => answer['video_size'])).toEqual(sizes);
  const { video_size: last } = await get();
  expect(sizes).toContainEqual(last);
  await client.until(({ inits }) => inits.map(sizeOfInit).at(-1)?.join() === String(last), 'The last size');
  expect(client.closed).toBeUndefined();
});

test('many changes leave every reader with one timeline, and nothing behind', async () => {
  using first = new VideoClient(service.videoUrl());
  using second = new VideoClient(service.videoUrl());
  await Promise.all([first.more(1), second.more(1)]);
  const before = service.openFds();
  for (let count = 1; count <= 15; count += 1) {
    await post(JSON.stringify({ video_size: count % 2 === 0 ? [640, 360] : [320, 240] }));
  }
  for (const client of [first, second]) {
    await client.until(
      ({ inits, messages }) =>
        sizeOfInit(inits.at(-1) ?? Buffer.alloc(0)).join() === '320,240' &&
        messages.at(-1)?.kind === 'fragment',
      'A fragment of the last size',
    );
    const times = client.fragments.map(({ dtsTicks }) => dtsTicks);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    for (const [at, { kind }] of client.messages.entries()) {
      const next = client.messages[at + 1];
      if (kind === 'init' && next !== undefined)
        expect(next).toMatchObject({ kind: 'fragment', isSync: true });
    }
    expect(client.closed).toBeUndefined();
  }
  using late = new VideoClient(service.videoUrl());
  await late.more(2);
  expect(late.inits.map(sizeOfInit)).toEqual([[320, 240]]);
  expect(late.fragments[0]).toMatchObject({ isSync: true });
  late.socket.terminate();
  await eventually(
    () => service.openFds(),
    (count) => count <= before + 4, // connections that are kept for the next request
    'Everything of earlier sizes being closed',
  );
  expect(service.children()).toHaveLength(1);
});

test('stills are taken through changes of the size', async () => {
  using client = new VideoClient(service.videoUrl());
  await client.more(1);
  for (const size of [
    [1280, 720],
    [320, 240],
    [640, 360],
  ]) {
    const stills = [still(), still()];
    await post(JSON.stringify({ video_size: size }));
    expect(await Promise.all(stills)).toHaveLength(2);
    expect(await still()).toEqual(size);
  }
});

test('what is there already restarts nothing, whole, in part or as text', async () => {
  using client = new VideoClient(service.videoUrl());
  await client.more(3);
  const config = await get();
  const { starts, restarts } = await service.json<{ starts: number; restarts: number }>(`${STREAM}/stats`);
  expect(await post(JSON.stringify(config))).toEqual(config);
  expect(await post('{"fps": "15", "resolution": "640x360", "video_size": null}')).toEqual(config);
  expect(await post('{"preview_size": [100, 100]}')).toEqual({ ...config, preview_size: [100, 100] });
  await client.more(3);
  expect(client.inits).toHaveLength(1);
  expect(await service.json(`${STREAM}/stats`)).toMatchObject({ starts, restarts });
});

test('the first example of Robopipe: stills of 200 by 200, by a form under sensors or by the whole object', async () => {
  expect(await still()).toEqual([640, 360]);
  const sensors = `/cameras/${SIMULATED_CAMERA}/sensors/CAM_A`;
  const answer = await post('still_size=200&still_size=200', FORM, `${sensors}/config`);
  expect(answer).toMatchObject({ still_size: [200, 200], video_size: [640, 360] });
  expect(await still(sensors)).toEqual([200, 200]);
  const mono = STREAM.replace('CAM_A', 'CAM_B');
  await post(JSON.stringify({ ...(await get(mono)), still_size: [120, 201] }), undefined, `${mono}/config`);
  expect(await still(mono)).toEqual([120, 201]);
  expect(await still()).toEqual([200, 200]);
});

test('what was set outlasts a restart of the service', async () => {
  const set = await post(
    '{"width": 320, "height": "240", "fps": 10, "resize_mode": "LETTERBOX", "still_size": [64, 64]}',
  );
  expect(set).toMatchObject({
    resolution: [320, 240],
    fps: 10,
    still_size: [64, 64],
    resize_mode: 'LETTERBOX',
  });
  await service[Symbol.asyncDispose]();
  service = await start();
  expect(await get()).toEqual(set);
  using client = new VideoClient(service.videoUrl());
  await client.more(1);
  expect(client.inits.map(sizeOfInit)).toEqual([[320, 240]]);
});

test.each<[string, number, string, RegExp]>([
  ['{"video_size": [4000, 3000]}', 422, 'SENSOR_MODE_UNAVAILABLE', /4000×3000; possible: .*1920×1080/],
  ['{"resolution": "THE_4_K"}', 422, 'SENSOR_MODE_UNAVAILABLE', /THE_4_K; possible: .*1280×720 at 1 to 120/],
  ['{"fps": 500}', 422, 'SENSOR_MODE_UNAVAILABLE', /640×360 at 500/],
  [
    '{"resolution": "THE_1080_P", "video_size": [1280, 720]}',
    422,
    'SENSOR_CONFIG_INVALID',
    /resolution .*video_size/,
  ],
  ['{"resolution": "THE_2_P"}', 422, 'SENSOR_CONFIG_INVALID', /resolution .*THE_1080_P.*THE_2_P/],
  ['{"still_size": [0, 5]}', 422, 'SENSOR_CONFIG_INVALID', /still_size/],
  ['[]', 422, 'REQUEST_INVALID', /object/],
])('%s is refused with %d %s, and changes nothing', async (body, status, code, detail) => {
  const before = await get();
  const response = await ask(body);
  expect(await response.json()).toMatchObject({ status, code, detail: expect.stringMatching(detail) });
  expect(response.status).toBe(status);
  expect(await get()).toEqual(before);
});

test('the mono sensor has the shape of mono sensors, and lists its sizes', async () => {
  const mono = STREAM.replace('CAM_A', 'CAM_B');
  expect(await post('{"resolution": "THE_400_P"}', undefined, `${mono}/config`)).toEqual({
    resolution: 'THE_400_P',
    fps: 15,
  });
  const available = await service.json<object[]>(`${mono}/config/available`);
  expect(available).toContainEqual({ width: 640, height: 400, min_fps: 1, max_fps: 120 });
  const unknown = await service.fetch(STREAM.replace('CAM_A', 'DEPTH_B_C/config'));
  expect(await unknown.json()).toMatchObject({ status: 404, detail: expect.stringContaining('no depth') });
});
