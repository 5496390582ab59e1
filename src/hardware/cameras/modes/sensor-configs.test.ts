import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Log } from '../../../core/log.ts';
import { StateFolder } from '../../../core/state-folder.ts';
import type { SensorInfo } from '../camera.ts';
import { SensorConfigs } from './sensor-configs.ts';

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

test('what is set is laid over what is configured, and remembered', async () => {
  const configs = await load();
  expect(configs.capture('M', 'CAM_A')).toEqual({ width: 640, height: 480, pixelFormat: 'YUYV' });
  expect(await configs.change('M', 'CAM_A', { video_size: [1280, 960] }, undefined)).toEqual({
    isNewMode: true,
  });
  const capture = { width: 1280, height: 960, frameRate: 30, pixelFormat: 'YUYV' };
  expect(configs.capture('M', 'CAM_A')).toEqual(capture);
  expect(configs.capture('M', 'CAM_B')).toMatchObject({ width: 640 });
  expect((await load()).capture('M', 'CAM_A')).toEqual(capture);
});

test('stills are scaled once their size is set, and only they change then', async () => {
  const configs = await load();
  expect(configs.stillScale('M', 'CAM_A')).toBeUndefined();
  expect(await configs.change('M', 'CAM_A', { still_size: [20, 10] }, undefined)).toEqual({
    isNewMode: false,
  });
  expect(configs.stillScale('M', 'CAM_A')).toEqual({ width: 20, height: 10, resize: 'CROP' });
});

test('what the sensor does counts, not what it was asked for', async () => {
  const configs = await load();
  const running = { width: 320, height: 240, frameRate: 29.97 };
  expect(configs.get('M', 'CAM_A', running)).toMatchObject({ video_size: [320, 240], fps: 29.97 });
  const ask = (body: object, mode: typeof running) => configs.change('M', 'CAM_A', body, mode);
  expect(await ask({ video_size: [640, 480] }, running)).toEqual({ isNewMode: true });
  expect(await ask({ video_size: [640, 480] }, running)).toEqual({ isNewMode: true });
  const slower = { width: 640, height: 480, frameRate: 25 };
  expect(await ask({ fps: 30 }, slower)).toEqual({ isNewMode: false });
});

test('what cannot be written has not changed', async () => {
  writeFileSync(join(folder, 'file'), '');
  const configs = await load(join(folder, 'file/below'));
  warnings = [];
  await expect(configs.change('M', 'CAM_A', { still_size: [20, 10] }, undefined)).rejects.toMatchObject({
    code: 'STATE_UNWRITABLE',
  });
  expect(configs.stillScale('M', 'CAM_A')).toBeUndefined();
});

test('an entry that is wrong is left out, and one document that is no JSON is given up, with a warning', async () => {
  const file = join(folder, 'sensors.json');
  const configs = await load();
  await configs.change('M', 'CAM_A', { still_size: [20, 10] }, undefined);
  const document: object = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...document, 'X/CAM_A': { fps: 'fast' }, 'Y/CAM_A': 7 }));
  const again = await load();
  expect(again.stillScale('M', 'CAM_A')).toMatchObject({ width: 20 });
  expect(warnings).toEqual([expect.stringContaining('X/CAM_A'), expect.stringContaining('Y/CAM_A')]);
  writeFileSync(file, '{');
  expect((await load()).stillScale('M', 'CAM_A')).toBeUndefined();
  expect(warnings).toHaveLength(3);
});
