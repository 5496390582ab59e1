import { readdirSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { AppError } from '../../../core/app-error.ts';
import { type Clock, systemClock } from '../../../core/clock.ts';
import type { PictureFormat } from '../../../media/picture.ts';
import type { CaptureRequest, Source } from '../../../media/source.ts';
import { createSimulatedDriver, type SimulatedDriver } from './index.ts';
import type { SimulatedCameraOptions } from './simulated-camera.ts';

const drivers: SimulatedDriver[] = [];
afterEach(async () => {
  for (const driver of drivers.splice(0)) await driver[Symbol.asyncDispose]();
});

/** Timers that run when the test says so, in the order of their delays. */
function manualClock() {
  let timers: { readonly delayMs: number; readonly run: () => void }[] = [];
  const clock: Clock = {
    ...systemClock,
    after: (delayMs, run) => {
      const timer = { delayMs, run };
      timers.push(timer);
      return {
        [Symbol.dispose]: () => {
          timers = timers.filter((other) => other !== timer);
        },
      };
    },
  };
  return {
    clock,
    pending: () => timers.map(({ delayMs }) => delayMs),
    expire(delayMs: number): void {
      const due = timers.filter((timer) => timer.delayMs === delayMs);
      timers = timers.filter((timer) => timer.delayMs !== delayMs);
      expect(due).toHaveLength(1);
      for (const { run } of due) run();
    },
  };
}

function start(options: Partial<SimulatedCameraOptions> = {}, stallTimeoutMs = 3000) {
  const time = manualClock();
  const changes: string[][] = [];
  const driver = createSimulatedDriver({
    cameras: [{ mxid: 'SIMULATED1', ...options }],
    onChange: () => changes.push(driver.cameras().map(({ mxid }) => mxid)),
    clock: time.clock,
    stallTimeoutMs,
  });
  drivers.push(driver);
  const heard: (PictureFormat | AppError)[] = [];
  let wake = () => {};
  const open = (sensor = 'CAM_B', request: CaptureRequest = {}): Promise<Source> =>
    driver.open(
      'SIMULATED1',
      sensor,
      request,
      {
        onFormat: (format) => {
          heard.push(format);
          wake();
        },
        onConfig: () => {},
        onUnit: () => {},
        onLost: (error) => {
          heard.push(error);
          wake();
        },
      },
      { signal: new AbortController().signal },
    );
  /** Resolves with the first thing that a source says. */
  const hears = () =>
    new Promise<PictureFormat | AppError>((resolve) => {
      wake = () => {
        const [first] = heard.splice(0);
        if (first !== undefined) resolve(first);
      };
      wake();
    });
  return { driver, changes, time, open, hears };
}

function nextPicture(source: Source): Promise<number> {
  if (source.kind !== 'pictures') throw new Error('expected a source of pictures');
  return new Promise((resolve) => {
    const watch = source.watch(({ sequence }) => {
      watch[Symbol.dispose]();
      resolve(sequence);
    });
  });
}

test('a camera is listed with a colour and a mono sensor and what they can do', async () => {
  const { driver } = start();
  await driver.refresh();
  expect(driver.cameras()).toMatchObject([
    {
      mxid: 'SIMULATED1',
      cameraName: 'Simulated camera',
      bus: 'virtual',
      driver: 'simulated',
      nodes: [],
      sensors: [
        { name: 'CAM_A', isColour: true, formats: [{ pixelFormat: 'NV12' }, { pixelFormat: 'YUYV' }] },
        { name: 'CAM_B', isColour: false, formats: [{ pixelFormat: 'GREY' }] },
      ],
    },
  ]);
});

test('both sensors open together with their defaults', async () => {
  const { open } = start();
  const [colour, mono] = await Promise.all([open('CAM_A'), open('CAM_B')]);
  const frameInterval = { numerator: 1, denominator: 30 };
  expect(colour).toMatchObject({ format: { pixelFormat: 'NV12', width: 1280, height: 720, frameInterval } });
  expect(mono).toMatchObject({ format: { pixelFormat: 'GREY', width: 640, height: 400, frameInterval } });
});

test('a request is honoured', async () => {
  const { open } = start();
  const source = await open('CAM_A', { pixelFormat: 'YUYV', width: 322, height: 240, frameRate: 60 });
  expect(source).toMatchObject({
    format: {
      pixelFormat: 'YUYV',
      width: 322,
      height: 240,
      frameInterval: { numerator: 1, denominator: 60 },
    },
  });
});

test('what cannot be opened is refused by name', async () => {
  const { driver, open } = start();
  const listener = { onFormat: () => {}, onConfig: () => {}, onUnit: () => {}, onLost: () => {} };
  const { signal } = new AbortController();
  await expect(driver.open('OTHER', 'CAM_A', {}, listener, { signal })).rejects.toMatchObject({
    code: 'CAMERA_NOT_FOUND',
  });
  await expect(open('CAM_C')).rejects.toMatchObject({ code: 'SENSOR_NOT_FOUND' });
  await expect(open('CAM_A', { pixelFormat: 'MJPG' })).rejects.toMatchObject({
    code: 'SOURCE_FORMAT_UNSUPPORTED',
  });
  expect(() => driver.inject('OTHER', { kind: 'stall', forMs: 1 })).toThrow(/OTHER/);
});

test('a sensor is open once at a time, and again after disposal', async () => {
  const { open } = start();
  const source = await open();
  await expect(open()).rejects.toMatchObject({ code: 'CAMERA_BUSY' });
  await source[Symbol.asyncDispose]();
  await nextPicture(await open());
});

test('a camera that vanishes is lost, absent from the list, and back under its mxid', async () => {
  const { driver, changes, time, open, hears } = start();
  const source = await open();
  driver.inject('SIMULATED1', { kind: 'vanish', forMs: 5000 });
  expect(changes).toEqual([[]]);
  expect(await hears()).toMatchObject({ code: 'SOURCE_GONE' });
  await source[Symbol.asyncDispose]();
  await expect(open()).rejects.toMatchObject({ code: 'CAMERA_NOT_FOUND' });
  time.expire(5000);
  expect(changes).toEqual([[], ['SIMULATED1']]);
  await nextPicture(await open());
});

test('a camera told to vanish twice stays away for the later time, with one event each way', () => {
  const { driver, changes, time } = start();
  driver.inject('SIMULATED1', { kind: 'vanish', forMs: 1000 });
  driver.inject('SIMULATED1', { kind: 'vanish', forMs: 2000 });
  expect(time.pending()).toEqual([2000]);
  time.expire(2000);
  expect(changes).toEqual([[], ['SIMULATED1']]);
});

test('a stalled sensor gives no pictures until the stall ends by itself', async () => {
  const { time, open } = start({ faults: [{ kind: 'stall', forMs: 700, afterOpeningMs: 50 }] });
  const stalled = await open('CAM_B');
  await nextPicture(stalled);
  time.expire(50);
  const before = stalled.stats().captured;
  const other = await open('CAM_A');
  while (other.stats().captured < 5) await nextPicture(other);
  // One picture may have been under way when the stall began.
  expect(stalled.stats().captured - before).toBeLessThanOrEqual(1);
  const resumed = nextPicture(stalled);
  time.expire(700);
  await resumed;
});

test('a sensor that stays silent for the configured time is lost', async () => {
  const { driver, open, hears } = start({}, 200);
  await open();
  driver.inject('SIMULATED1', { kind: 'stall', forMs: 60_000 });
  expect(await hears()).toMatchObject({ code: 'SOURCE_STALLED', message: expect.stringContaining('200 ms') });
});

test('a resize is announced by the open sensor and forgotten when it is opened again', async () => {
  const { driver, open, hears } = start();
  const source = await open();
  driver.inject('SIMULATED1', { kind: 'resize', width: 320, height: 240 });
  expect(await hears()).toMatchObject({ width: 320, height: 240, pixelFormat: 'GREY' });
  expect(source).toMatchObject({ format: { width: 320 } });
  await source[Symbol.asyncDispose]();
  expect(await open()).toMatchObject({ format: { width: 640 } });
});

test('scheduled faults count from each opening and end with the source', async () => {
  const { time, open, hears } = start({
    faults: [
      { kind: 'resize', width: 128, height: 96, afterOpeningMs: 100 },
      { kind: 'vanish', forMs: 50, afterOpeningMs: 300 },
    ],
  });
  expect(time.pending()).toEqual([]);
  const source = await open();
  expect(time.pending()).toEqual([100, 300]);
  time.expire(100);
  expect(await hears()).toMatchObject({ width: 128 });
  await source[Symbol.asyncDispose]();
  expect(time.pending()).toEqual([]);
  await open();
  expect(time.pending()).toEqual([100, 300]);
  time.expire(300);
  expect(await hears()).toMatchObject({ code: 'SOURCE_GONE' });
});

test('the driver closes what its users left open, also what is just opening', async () => {
  const fdCount = () => readdirSync('/proc/self/fd').length;
  const before = fdCount();
  const { driver, time, open } = start({ faults: [{ kind: 'stall', forMs: 1, afterOpeningMs: 10 }] });
  await open('CAM_A');
  const opening = open('CAM_B');
  const rejected = expect(opening).rejects.toThrow();
  await driver[Symbol.asyncDispose]();
  await rejected;
  expect(fdCount()).toBe(before);
  expect(time.pending()).toEqual([]);
});

test('controls outlast the closing of a sensor, and are lost with the camera', async () => {
  const { driver, time, open } = start();
  await driver.setControls('SIMULATED1', 'CAM_B', [{ name: 'gain', value: 9 }]);
  const gain = async () =>
    (await driver.controls('SIMULATED1', 'CAM_B')).find(({ name }) => name === 'gain')?.value;
  const source = await open();
  await source[Symbol.asyncDispose]();
  expect(await gain()).toBe(9);
  expect(driver.cameras()[0]?.sensors[1]?.controls.find(({ name }) => name === 'gain')?.value).toBe(9);
  driver.inject('SIMULATED1', { kind: 'vanish', forMs: 1000 });
  await expect(gain()).rejects.toMatchObject({ code: 'CAMERA_NOT_FOUND' });
  time.expire(1000);
  expect(await gain()).toBe(0);
  await expect(driver.controls('SIMULATED1', 'CAM_C')).rejects.toMatchObject({ code: 'SENSOR_NOT_FOUND' });
});
