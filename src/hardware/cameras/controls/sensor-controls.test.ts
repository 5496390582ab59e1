import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { settle } from '../../../../test/support/fake-clock.ts';
import { AppError } from '../../../core/app-error.ts';
import { StateFolder } from '../../../core/state-folder.ts';
import type { CameraDriver, CameraInfo, ControlValue, SensorControl } from '../camera.ts';
import { CameraDirectory } from '../directory.ts';
import { SimulatedControls } from '../simulated/sensor-controls.ts';
import { SensorControls } from './index.ts';

const SENSOR = ['CAMERA', 'CAM_A'] as const;

/** A camera whose controls behave like a webcam's, and which a test can make lose or refuse them. */
class FakeCamera implements CameraDriver {
  readonly kind = 'fake';
  device = new SimulatedControls('CAMERA CAM_A', true);
  /** Every request, as `name=value` in the order given. */
  readonly set: string[][] = [];
  refused: string | undefined;
  failure: AppError | undefined;
  isPresent = true;

  cameras(): readonly CameraInfo[] {
    if (!this.isPresent) return [];
    const sensor = { name: 'CAM_A', label: '', isColour: true, formats: [], controls: [] };
    return [
      { mxid: 'CAMERA', cameraName: '', path: '', bus: 'usb', driver: 'fake', nodes: [], sensors: [sensor] },
    ];
  }
  async refresh(): Promise<void> {}
  async open(): Promise<never> {
    // What matters here of an opened source is that there is one.
    return { kind: 'access-units' } as never;
  }
  async controls(): Promise<readonly SensorControl[]> {
    if (this.failure !== undefined) throw this.failure;
    return this.device.list();
  }
  async setControls(_mxid: string, _sensor: string, values: readonly ControlValue[]) {
    if (this.failure !== undefined) throw this.failure;
    this.set.push(values.map(({ name, value }) => `${name}=${value}`));
    if (values.some(({ name }) => name === this.refused)) {
      throw new AppError('CONTROL_REJECTED', 'invalid', `refused ${this.refused}`);
    }
    return this.device.set(values);
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}

let folder = '';
let camera: FakeCamera;
let directory: CameraDirectory;
let controls: SensorControls;
let logged: string[];

const log = {
  debug: () => {},
  info: () => {},
  warn: (_: object, message: string) => void logged.push(message),
  error: (_: object, message: string) => void logged.push(message),
};

/** The service starts over what it remembers. */
async function restart(): Promise<void> {
  controls?.[Symbol.dispose]();
  logged = [];
  camera = new FakeCamera();
  directory = new CameraDirectory({ log, labelOf: () => undefined });
  directory.add(camera);
  controls = await SensorControls.load({ cameras: directory, state: new StateFolder(folder), log });
}

const openSensor = (): Promise<unknown> => {
  const listener = { onFormat: () => {}, onConfig: () => {}, onUnit: () => {}, onLost: () => {} };
  return directory.open(...SENSOR, {}, listener, { signal: new AbortController().signal });
};
const remembered = (): unknown => JSON.parse(readFileSync(join(folder, 'controls.json'), 'utf8'));
const deviceValue = (name: string) => camera.device.list().find((each) => each.name === name)?.value;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vidicon-controls-'));
  await restart();
});
afterEach(async () => {
  controls[Symbol.dispose]();
  await directory[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

test('the answer is what the device says afterwards', async () => {
  const answer = await controls.set(...SENSOR, { focus: { auto_focus_mode: 'OFF', lens_position: 0.511 } });
  expect(deviceValue('focus_absolute')).toBe(130);
  expect(answer.focus).toEqual({ auto_focus_mode: 'OFF', auto_focus_trigger: false, lens_position: 0.52 });
});

test('automatic modes are set before the values that they unlock', async () => {
  const answer = await controls.set(...SENSOR, {
    exposure_time: 5000,
    brightness: 3,
    auto_exposure_enable: false,
  });
  expect(answer).toMatchObject({ exposure_time: 5000, brightness: 3, auto_exposure_enable: false });
  expect(camera.set).toEqual([['auto_exposure=1'], ['exposure_time_absolute=50', 'brightness=19']]);
});

test('what an automatic mode holds is shown, and set when the mode goes off', async () => {
  expect(await controls.set(...SENSOR, { exposure_time: 5000 })).toMatchObject({ exposure_time: 5000 });
  expect(camera.set).toEqual([]);
  expect(deviceValue('exposure_time_absolute')).toBe(157);
  expect(await controls.get(...SENSOR)).toMatchObject({ exposure_time: 5000, auto_exposure_enable: true });
  const answer = await controls.set(...SENSOR, { auto_exposure_enable: false });
  expect(answer.exposure_time).toBe(5000);
  expect(deviceValue('exposure_time_absolute')).toBe(50);
});

test('the whole object with one change is always taken, also where values are locked', async () => {
  const whole = await controls.get(...SENSOR);
  await controls.set(...SENSOR, { ...whole, saturation: '4' });
  expect(camera.set).toEqual([['saturation=90']]);
  const manual = await controls.set(...SENSOR, {
    ...(await controls.get(...SENSOR)),
    auto_exposure_enable: 'false',
  });
  expect(manual).toMatchObject({ auto_exposure_enable: false, exposure_time: whole.exposure_time });
  expect(await controls.set(...SENSOR, { ...manual, auto_exposure_enable: true })).toMatchObject({
    auto_exposure_enable: true,
  });
});

test('values sent back unchanged while they are locked do not wait for anything', async () => {
  const whole = await controls.get(...SENSOR);
  await controls.set(...SENSOR, { ...whole, brightness: 1 });
  expect(remembered()).toEqual({ 'CAMERA/CAM_A': { brightness: 6 } });
});

test('an empty change asks nothing of the device but its values', async () => {
  await controls.set(...SENSOR, {});
  expect(camera.set).toEqual([]);
});

test('changes at the same time do not mix', async () => {
  await Promise.all([
    controls.set(...SENSOR, { auto_exposure_enable: false, exposure_time: 1000 }),
    controls.set(...SENSOR, { auto_exposure_enable: true }),
    controls.set(...SENSOR, { auto_exposure_enable: false, exposure_time: 2000 }),
  ]);
  expect(deviceValue('exposure_time_absolute')).toBe(20);
});

test('more changes than may wait are refused', async () => {
  const all = await Promise.allSettled(Array.from({ length: 40 }, () => controls.get(...SENSOR)));
  const refused = all.filter(({ status }) => status === 'rejected');
  expect(refused.length).toBeGreaterThan(20);
  expect(refused[0]).toMatchObject({ reason: { code: 'CONTROL_OVERLOADED' } });
  await controls.get(...SENSOR);
});

test('what was set is on the disk before the answer, and set again after a restart', async () => {
  await controls.set(...SENSOR, {
    auto_exposure_enable: false,
    exposure_time: 5000,
    manual_whitebalance: 3000,
  });
  expect(remembered()).toEqual({
    'CAMERA/CAM_A': { auto_exposure: 1, exposure_time_absolute: 50, white_balance_temperature: 3000 },
  });
  await restart();
  expect(await controls.get(...SENSOR)).toMatchObject({ exposure_time: 5000, manual_whitebalance: 3000 });
  expect(camera.set).toEqual([['auto_exposure=1'], ['exposure_time_absolute=50']]);
});

test('a sensor that is opened gets its values again, as far as it has lost them', async () => {
  await controls.set(...SENSOR, { auto_exposure_enable: false, exposure_time: 5000, brightness: 2 });
  camera.set.length = 0;
  await openSensor();
  await settle();
  expect(camera.set).toEqual([]);
  camera.device.reset();
  await openSensor();
  await controls.get(...SENSOR);
  expect(camera.set).toEqual([['brightness=13'], ['auto_exposure=1'], ['exposure_time_absolute=50']]);
});

test('a camera that comes back gets its values again', async () => {
  await controls.set(...SENSOR, { brightness: 2 });
  camera.isPresent = false;
  directory.changed();
  await expect(controls.get(...SENSOR)).rejects.toMatchObject({ code: 'CAMERA_NOT_FOUND' });
  camera.device = new SimulatedControls('CAMERA CAM_A', true);
  camera.isPresent = true;
  directory.changed();
  await settle();
  expect(deviceValue('brightness')).toBe(13);
});

test('one value that the camera refuses after a restart is logged and the others are set', async () => {
  await controls.set(...SENSOR, { brightness: 2, contrast: 2, saturation: 2 });
  await restart();
  camera.refused = 'contrast';
  expect(await controls.get(...SENSOR)).toMatchObject({ brightness: 2, contrast: 0, saturation: 2 });
  expect(logged).toEqual([expect.stringContaining('refused contrast')]);
});

test('a failure while a sensor is opened is logged and the opening succeeds', async () => {
  await controls.set(...SENSOR, { brightness: 2 });
  camera.failure = new AppError('CONTROL_TIMEOUT', 'timeout', 'silent');
  await expect(openSensor()).resolves.toBeDefined();
  await settle();
  expect(logged).toEqual([expect.stringContaining('silent')]);
});

test('a refused value is an error that names what was set before, and what failed is not remembered', async () => {
  camera.refused = 'exposure_time_absolute';
  const change = { auto_exposure_enable: false, exposure_time: 5000 };
  await expect(controls.set(...SENSOR, change)).rejects.toMatchObject({
    code: 'CONTROL_REJECTED',
    message: expect.stringContaining('auto_exposure'),
  });
  await restart();
  expect(await controls.get(...SENSOR)).toMatchObject({ auto_exposure_enable: false, exposure_time: 15_700 });
});

test('a reset brings the defaults, also of what is locked then, and forgets', async () => {
  const first = await controls.get(...SENSOR);
  await controls.set(...SENSOR, { auto_exposure_enable: false, exposure_time: 5000, brightness: 2 });
  expect(await controls.reset(...SENSOR)).toEqual(first);
  expect(deviceValue('exposure_time_absolute')).toBe(157);
  await restart();
  expect(await controls.get(...SENSOR)).toEqual(first);
  expect(camera.set).toEqual([]);
});

test('native values are set with automatic modes first, taken as text, and remembered', async () => {
  await controls.setNative(...SENSOR, [
    { name: 'exposure_time_absolute', value: '77' },
    { name: 'auto_exposure', value: 1 },
  ]);
  expect(camera.set).toEqual([['auto_exposure=1', 'exposure_time_absolute=77']]);
  await restart();
  expect(await controls.get(...SENSOR)).toMatchObject({ exposure_time: 7700 });
  await expect(controls.setNative(...SENSOR, [{ name: 'nothing', value: 1 }])).rejects.toMatchObject({
    code: 'CONTROL_NOT_FOUND',
  });
  await expect(controls.setNative(...SENSOR, [{ name: 'gain', value: 'much' }])).rejects.toMatchObject({
    code: 'CONTROL_VALUE_INVALID',
  });
  await expect(
    controls.setNative(...SENSOR, [{ name: 'white_balance_temperature', value: 3000 }]),
  ).rejects.toMatchObject({ code: 'CONTROL_LOCKED' });
});

test.each(['not JSON', '5', '{"CAMERA/CAM_A": 3}', '{"CAMERA/CAM_A": {"brightness": [], "none": 4}}'])(
  'a service whose memory reads %s starts, and works',
  async (text) => {
    writeFileSync(join(folder, 'controls.json'), text);
    await restart();
    expect(await controls.set(...SENSOR, { brightness: 1 })).toMatchObject({ brightness: 1 });
  },
);

test('what cannot be written is not remembered, and the next request says so again', async () => {
  rmSync(folder, { recursive: true });
  writeFileSync(folder, '');
  for (const brightness of [5, 6]) {
    await expect(controls.set(...SENSOR, { brightness })).rejects.toMatchObject({
      code: 'STATE_UNWRITABLE',
    });
    await expect(controls.setNative(...SENSOR, [{ name: 'gain', value: 9 }])).rejects.toMatchObject({
      code: 'STATE_UNWRITABLE',
    });
    await expect(controls.set(...SENSOR, { exposure_time: 7000 })).rejects.toMatchObject({
      code: 'STATE_UNWRITABLE',
    });
  }
  expect(await controls.get(...SENSOR)).toMatchObject({ exposure_time: 15_700 });
});

test('what cannot be forgotten is still remembered', async () => {
  await controls.set(...SENSOR, { exposure_time: 7000 });
  rmSync(folder, { recursive: true });
  writeFileSync(folder, '');
  await expect(controls.reset(...SENSOR)).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
  expect(await controls.get(...SENSOR)).toMatchObject({ exposure_time: 7000 });
});

test('a light is set through its control, and remembered', async () => {
  expect(await controls.setLight(...SENSOR, 'contrast', 0.25)).toBe(0.25);
  expect(await controls.light(...SENSOR, 'contrast')).toBe(0.25);
  expect(await controls.native(...SENSOR)).toContainEqual(
    expect.objectContaining({ name: 'contrast', value: 16 }),
  );
  await restart();
  expect(await controls.light(...SENSOR, 'contrast')).toBe(0.25);
  await expect(controls.setLight(...SENSOR, 'illuminator_1', 1)).rejects.toMatchObject({
    code: 'CONTROL_NOT_FOUND',
  });
});
