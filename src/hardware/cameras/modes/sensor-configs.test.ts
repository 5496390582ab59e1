import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Log } from '../../../core/log.ts';
import { StateFolder } from '../../../core/state-folder.ts';
import type { SensorInfo } from '../camera.ts';
import { type RunningMode, SensorConfigs } from './sensor-configs.ts';

const sensor: SensorInfo = {
  name: 'CAM_A',
  label: 'Sensor',
  isColour: true,
  formats: [
    {
      pixelFormat: 'YUYV',
      description: 'YUYV',
      frameSizes: [640, 1280].map((width) => ({
        kind: 'discrete',
        width,
        height: (width / 4) * 3,
        frameIntervals: [{ numerator: 1, denominator: 30 }],
      })),
    },
  ],
  controls: [],
};

let folder = '';
let warnings: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vidicon-configs-'));
  warnings = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const warn = (_fields: object, message: string): void => void warnings.push(message);
const log: Log = { debug: () => undefined, info: () => undefined, warn, error: warn };
const load = (path = folder): Promise<SensorConfigs> =>
  SensorConfigs.load({
    cameras: { sensor: () => sensor },
    state: new StateFolder(path),
    log,
    configured: () => ({ width: 640, height: 480, pixelFormat: 'YUYV' }),
  });

/** A sensor that says how often it was opened anew; `refuse` is asked each time. */
function running(mode?: RunningMode, refuse: () => Promise<void> = async () => undefined) {
  const live = {
    mode,
    reopenings: 0,
    reopen: () => {
      live.reopenings += 1;
      return refuse();
    },
  };
  return live;
}

test('what is set is laid over what is configured, and remembered', async () => {
  const configs = await load();
  expect(configs.capture('M', 'CAM_A')).toEqual({ width: 640, height: 480, pixelFormat: 'YUYV' });
  const live = running();
  const config = await configs.change('M', 'CAM_A', { video_size: [1280, 960] }, live);
  expect(config).toMatchObject({ video_size: [1280, 960], fps: 30 });
  expect(live.reopenings).toBe(1);
  const capture = { width: 1280, height: 960, frameRate: 30, pixelFormat: 'YUYV' };
  expect(configs.capture('M', 'CAM_A')).toEqual(capture);
  expect(configs.capture('M', 'CAM_B')).toMatchObject({ width: 640 });
  expect((await load()).capture('M', 'CAM_A')).toEqual(capture);
});

test('stills are scaled once their size is set, and only they change then', async () => {
  const configs = await load();
  expect(configs.stillScale('M', 'CAM_A')).toBeUndefined();
  const live = running();
  expect(await configs.change('M', 'CAM_A', { still_size: [20, 10] }, live)).toMatchObject({
    still_size: [20, 10],
  });
  expect(live.reopenings).toBe(0);
  expect(configs.stillScale('M', 'CAM_A')).toEqual({ width: 20, height: 10, resize: 'CROP' });
});

test('what the sensor does counts, not what it was asked for', async () => {
  const configs = await load();
  const other = running({ width: 320, height: 240, frameRate: 29.97 });
  expect(configs.get('M', 'CAM_A', other.mode)).toMatchObject({ video_size: [320, 240], fps: 29.97 });
  for (const times of [1, 2]) {
    await configs.change('M', 'CAM_A', { video_size: [640, 480] }, other);
    expect(other.reopenings).toBe(times);
  }
  const slower = running({ width: 640, height: 480, frameRate: 25 });
  expect(await configs.change('M', 'CAM_A', { fps: 30 }, slower)).toMatchObject({ fps: 25 });
  expect(slower.reopenings).toBe(0);
});

test('a camera that refuses goes on as before, on the disk too, and the client is told', async () => {
  const configs = await load();
  await configs.change('M', 'CAM_A', { still_size: [20, 10] }, running());
  const before = readFileSync(join(folder, 'sensors.json'), 'utf8');
  const busy = new Error('in use by another program');
  const asked: (number | undefined)[] = [];
  const live = running({ width: 640, height: 480 }, async () => {
    const { width } = configs.capture('M', 'CAM_A');
    asked.push(width);
    if (width === 1280) throw busy;
  });
  await expect(configs.change('M', 'CAM_A', { video_size: [1280, 960] }, live)).rejects.toBe(busy);
  expect(asked).toEqual([1280, 640]);
  expect(configs.get('M', 'CAM_A', live.mode)).toMatchObject({
    video_size: [640, 480],
    still_size: [20, 10],
  });
  expect(readFileSync(join(folder, 'sensors.json'), 'utf8')).toBe(before);
});

test('of two clients who ask at once, the later has the last word', async () => {
  const configs = await load();
  let present: RunningMode = { width: 640, height: 480, frameRate: 30 };
  const live = {
    get mode() {
      return present;
    },
    reopen: async () => {
      await new Promise(setImmediate);
      const { width = 0, height = 0 } = configs.capture('M', 'CAM_A');
      present = { width, height, frameRate: 30 };
    },
  };
  const [first, second] = await Promise.all([
    configs.change('M', 'CAM_A', { video_size: [1280, 960] }, live),
    configs.change('M', 'CAM_A', { video_size: [640, 480] }, live),
  ]);
  expect(first.video_size).toEqual([1280, 960]);
  expect(second.video_size).toEqual([640, 480]);
  expect(configs.capture('M', 'CAM_A')).toMatchObject({ width: 640 });
});

test('a mode that the camera has lost is shown, and asked for, as the nearest it has', async () => {
  writeFileSync(join(folder, 'sensors.json'), '{"M/CAM_A": {"video_size": [1920, 1080], "fps": 60}}');
  const configs = await load();
  const shown = configs.get('M', 'CAM_A', undefined);
  expect(shown).toMatchObject({ video_size: [1280, 960], fps: 30 });
  expect(await configs.change('M', 'CAM_A', shown, running())).toEqual(shown);
});

test('what cannot be written has not changed', async () => {
  writeFileSync(join(folder, 'file'), '');
  const configs = await load(join(folder, 'file/below'));
  warnings = [];
  await expect(configs.change('M', 'CAM_A', { still_size: [20, 10] }, running())).rejects.toMatchObject({
    code: 'STATE_UNWRITABLE',
  });
  expect(configs.stillScale('M', 'CAM_A')).toBeUndefined();
});

test('an entry that is wrong is left out, and one document that is no JSON is given up, with a warning', async () => {
  const file = join(folder, 'sensors.json');
  const configs = await load();
  await configs.change('M', 'CAM_A', { still_size: [20, 10] }, running());
  const document: object = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...document, 'X/CAM_A': { fps: 'fast' }, 'Y/CAM_A': 7 }));
  const again = await load();
  expect(again.stillScale('M', 'CAM_A')).toMatchObject({ width: 20 });
  expect(warnings).toEqual([expect.stringContaining('X/CAM_A'), expect.stringContaining('Y/CAM_A')]);
  writeFileSync(file, '{');
  expect((await load()).stillScale('M', 'CAM_A')).toBeUndefined();
  expect(warnings).toHaveLength(3);
});
