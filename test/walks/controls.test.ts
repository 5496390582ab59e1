import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually, Service, SIMULATED_CAMERA, untilIdle } from '../support/service.ts';
import { VideoClient } from '../support/video-client.ts';

const CONTROL = `/cameras/${SIMULATED_CAMERA}/streams/CAM_A/control`;
const LOCKED = { auto_exposure_enable: true, exposure_time: 15_700 };

interface Settings {
  readonly [field: string]: unknown;
  readonly exposure_time: number;
}

let folder = '';
let service: Service;

const start = (cameras: object = {}): Promise<Service> =>
  Service.start({
    config: {
      state: { folder },
      cameras,
      streams: { capture: { width: 320, height: 240, frameRate: 15 } },
    },
  });
const get = (path = CONTROL): Promise<Settings> => service.json(path);
const ask = (path: string, body: string, type = 'application/json'): Promise<Response> =>
  service.fetch(path, { method: 'POST', headers: { 'content-type': type }, body });
async function post(change: object, path = CONTROL): Promise<Settings> {
  const response = await ask(path, JSON.stringify(change));
  expect(response.status, await response.clone().text()).toBe(200);
  return (await response.json()) as Settings; // what a route answers is this test's to check
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vidicon-walk-'));
  service = await start();
});
afterEach(async () => {
  await service[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

test('what is set is answered, read back, and seen in the native controls', async () => {
  expect(await get()).toMatchObject({
    ...LOCKED,
    brightness: 0,
    focus: { auto_focus_mode: 'CONTINUOUS_VIDEO' },
  });
  const answer = await post({ auto_exposure_enable: false, exposure_time: 8000, brightness: -5 });
  expect(answer).toMatchObject({ auto_exposure_enable: false, exposure_time: 8000, brightness: -5 });
  expect(await get()).toEqual(answer);
  expect(await get(`/camera/${SIMULATED_CAMERA}/streams/CAM_A/control/`)).toEqual(answer);
  expect(await get(`${CONTROL}/native`)).toMatchObject({
    auto_exposure: 1,
    exposure_time_absolute: 80,
    brightness: -32,
  });
  expect(await get(CONTROL.replace('CAM_A', 'CAM_B'))).toMatchObject({ ...LOCKED, brightness: 0 });
});

test('a page that posts the whole object with one slider as text sets that slider', async () => {
  const whole = await get();
  expect(await post({ ...whole, saturation: '4' })).toEqual({ ...whole, saturation: 4 });
  const manual = await post({
    ...whole,
    saturation: '4',
    auto_exposure_enable: false,
    exposure_time: '20000',
  });
  expect(manual).toMatchObject({ auto_exposure_enable: false, exposure_time: 20_000, saturation: 4 });
  expect(await post({ ...manual, auto_exposure_enable: true })).toMatchObject({ auto_exposure_enable: true });
});

test('forms, empty objects and unknown fields are taken', async () => {
  const before = await get();
  expect(await post({})).toEqual(before);
  expect(await post({ colour: 'red', contrast: null })).toEqual(before);
  const form = await ask(CONTROL, 'contrast=3&auto_exposure_enable=off', 'application/x-www-form-urlencoded');
  expect(await form.json()).toMatchObject({ contrast: 3, auto_exposure_enable: false });
  const native = await ask(`${CONTROL}/native`, 'gain=12', 'application/x-www-form-urlencoded');
  expect(await native.json()).toMatchObject({ gain: 12 });
});

test.each<[string, string, number, string, RegExp]>([
  [CONTROL, '{"brightness": 11}', 422, 'CONTROL_VALUE_INVALID', /brightness .*-10 to 10, saw 11/],
  [CONTROL, '{"luma_denoise": 2}', 422, 'CONTROL_UNSUPPORTED', /luma_denoise/],
  [CONTROL, '[]', 422, 'REQUEST_INVALID', /object/],
  [CONTROL, '{', 400, 'REQUEST_MALFORMED', /./],
  [`${CONTROL}/native`, '{"none": 1}', 404, 'CONTROL_NOT_FOUND', /none.*brightness/],
  [`${CONTROL}/native`, '{"gain": 256}', 422, 'CONTROL_REJECTED', /gain = 256.*0 to 255/],
  [
    `${CONTROL}/native`,
    '{"gain": 1, "focus_absolute": 5}',
    409,
    'CONTROL_LOCKED',
    /focus_absolute.*kept: gain/,
  ],
  [CONTROL.replace('CAM_A', 'CAM_C'), '{}', 404, 'SENSOR_NOT_FOUND', /CAM_C/],
  [CONTROL.replace('SIMULATED1', 'NONE'), '{}', 404, 'CAMERA_NOT_FOUND', /NONE/],
])('%s %s is refused with %d %s', async (path, body, status, code, detail) => {
  const response = await ask(path, body);
  expect(await response.json()).toMatchObject({ status, code, detail: expect.stringMatching(detail) });
  expect(response.status).toBe(status);
});

test('capabilities name the ranges of the device, and what it cannot do', async () => {
  expect(await get(`${CONTROL}/capabilities`)).toMatchObject({
    sensor_type: 'COLOR',
    has_autofocus: true,
    exposure_time: { min: 100, max: 500_000, default: 15_700, step: 100 },
    luma_denoise: null,
    auto_whitebalance_modes: ['AUTO', 'OFF'],
    native: expect.arrayContaining([
      expect.objectContaining({ name: 'exposure_time_absolute', flags: ['inactive'] }),
    ]),
  });
  expect(await get(`${CONTROL.replace('CAM_A', 'CAM_B')}/capabilities`)).toMatchObject({
    sensor_type: 'MONO',
    has_color_controls: false,
    saturation: null,
    auto_whitebalance_modes: null,
  });
});

test('what was set outlasts a restart of the stream and of the service, until it is reset', async () => {
  const initial = await get();
  const set = await post({ auto_exposure_enable: false, exposure_time: 8000, manual_whitebalance: 3000 });
  {
    using client = new VideoClient(service.videoUrl());
    await client.more(3);
  }
  await untilIdle(service);
  expect(await get()).toEqual(set);
  await service[Symbol.asyncDispose]();
  service = await start();
  expect(await get()).toEqual(set);
  expect(await post({ auto_whitebalance_mode: 'OFF' })).toMatchObject({ manual_whitebalance: 3000 });
  expect(await post({}, `${CONTROL}/reset`)).toEqual(initial);
  await service[Symbol.asyncDispose]();
  service = await start();
  expect(await get()).toEqual(initial);
});

test('a camera that was gone has its values again, and brightness is seen in its pictures', async () => {
  await service[Symbol.asyncDispose]();
  service = await start({
    simulated: { enabled: 'always', faults: [{ kind: 'vanish', afterMs: 2000, durationMs: 1000 }] },
  });
  const usual = await meanLuma();
  await post({ brightness: 10 });
  expect(await meanLuma()).toBeGreaterThan(usual + 20);
  using client = new VideoClient(service.videoUrl());
  const cameras = () => service.json<unknown[]>('/cameras/');
  await client.more(1);
  await eventually(cameras, ({ length }) => length === 0, 'The camera vanishing');
  await eventually(cameras, ({ length }) => length === 1, 'The camera returning');
  expect(await get(`${CONTROL}/native`)).toMatchObject({ brightness: 64 });
});

/** The mean brightness of a still. */
async function meanLuma(): Promise<number> {
  const response = await service.fetch(`/cameras/${SIMULATED_CAMERA}/streams/CAM_A/still`);
  const decoded = spawnSync(
    'ffmpeg',
    ['-v', 'error', '-i', 'pipe:0', '-f', 'rawvideo', '-pix_fmt', 'gray', '-'],
    { input: Buffer.from(await response.arrayBuffer()), maxBuffer: 1 << 24 },
  );
  return decoded.stdout.reduce((sum, luma) => sum + luma, 0) / decoded.stdout.length;
}
