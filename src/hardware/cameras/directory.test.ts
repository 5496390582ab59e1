import { expect, test } from 'vitest';
import type { CameraDriver, CameraInfo, SensorControl } from './camera.ts';
import { type CameraChange, CameraDirectory } from './directory.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function camera(mxid: string, driver = 'fake'): CameraInfo {
  const sensor = { name: 'CAM_A', label: 'from the driver', isColour: true, formats: [], controls: [] };
  return { mxid, cameraName: 'Fake', path: mxid, bus: 'virtual', driver, nodes: [], sensors: [sensor] };
}

/** A driver whose cameras a test lists, and which tells what was asked of it. */
class FakeDriver implements CameraDriver {
  readonly kind: string;
  present: CameraInfo[];
  readonly calls: string[] = [];
  refreshes: (() => void)[] = [];
  constructor(kind: string, ...mxids: string[]) {
    this.kind = kind;
    this.present = mxids.map((mxid) => camera(mxid, kind));
  }
  cameras(): readonly CameraInfo[] {
    return this.present;
  }
  refresh(): Promise<void> {
    this.calls.push('refresh');
    return new Promise((resolve) => this.refreshes.push(resolve));
  }
  async open(mxid: string, sensor: string): Promise<never> {
    this.calls.push(`open ${mxid} ${sensor}`);
    throw new Error('fake cameras do not open');
  }
  async controls(): Promise<readonly SensorControl[]> {
    return [];
  }
  async setControls(): Promise<readonly SensorControl[]> {
    return [];
  }
  async [Symbol.asyncDispose](): Promise<void> {
    this.calls.push('disposed');
  }
}

function directoryOf(...drivers: FakeDriver[]): CameraDirectory {
  const directory = new CameraDirectory({ log: silent, labelOf: () => undefined });
  for (const driver of drivers) directory.add(driver, { isStandIn: driver.kind === 'simulated' });
  return directory;
}

const mxids = (directory: CameraDirectory): string[] => directory.cameras().map(({ mxid }) => mxid);

test('lists the cameras of all drivers in the order the drivers were added', () => {
  expect(mxids(directoryOf(new FakeDriver('v4l2', 'B', 'A'), new FakeDriver('url', 'C')))).toEqual([
    'B',
    'A',
    'C',
  ]);
});

test('where two drivers list one mxid, the first has it', () => {
  const directory = directoryOf(new FakeDriver('v4l2', 'A'), new FakeDriver('url', 'A', 'B'));
  expect(directory.cameras().map(({ mxid, driver }) => [mxid, driver])).toEqual([
    ['A', 'v4l2'],
    ['B', 'url'],
  ]);
});

test('a stand-in camera is listed while no other is, and hidden again', () => {
  const real = new FakeDriver('v4l2');
  const directory = directoryOf(real, new FakeDriver('simulated', 'SIM1'));
  expect(mxids(directory)).toEqual(['SIM1']);
  real.present = [camera('A')];
  expect(mxids(directory)).toEqual(['A']);
  expect(() => directory.camera('SIM1')).toThrow(expect.objectContaining({ code: 'CAMERA_NOT_FOUND' }));
  real.present = [];
  expect(mxids(directory)).toEqual(['SIM1']);
});

test('a camera that comes or goes is told to those who listen, until they stop', () => {
  const real = new FakeDriver('v4l2', 'A');
  const directory = directoryOf(real, new FakeDriver('simulated', 'SIM1'));
  const seen: string[] = [];
  const names = (cameras: readonly CameraInfo[]): string => cameras.map(({ mxid }) => mxid).join();
  const listening = directory.onChange(({ added, removed }: CameraChange) =>
    seen.push(`+${names(added)} -${names(removed)}`),
  );
  real.present = [camera('A'), camera('B')];
  directory.changed();
  directory.changed();
  real.present = [];
  directory.changed();
  listening[Symbol.dispose]();
  real.present = [camera('A')];
  directory.changed();
  expect(seen).toEqual(['+B -', '+SIM1 -A,B']);
});

test('the configured label of a sensor replaces that of the driver', () => {
  const directory = new CameraDirectory({
    log: silent,
    labelOf: (mxid, sensor) => (mxid === 'A' && sensor === 'CAM_A' ? 'Gate' : undefined),
  });
  directory.add(new FakeDriver('v4l2', 'A', 'B'));
  expect(directory.sensor('A', 'CAM_A').label).toBe('Gate');
  expect(directory.cameras().map(({ sensors }) => sensors[0]?.label)).toEqual(['Gate', 'from the driver']);
});

test('an unknown camera or sensor is an error with its own code', () => {
  const directory = directoryOf(new FakeDriver('v4l2', 'A'));
  expect(() => directory.sensor('Z', 'CAM_A')).toThrow(expect.objectContaining({ code: 'CAMERA_NOT_FOUND' }));
  expect(() => directory.sensor('A', 'CAM_H')).toThrow(expect.objectContaining({ code: 'SENSOR_NOT_FOUND' }));
});

test('a camera that measures no depth says so when asked for it, and one that does names its depth sensors', () => {
  const driver = new FakeDriver('v4l2', 'A', 'B');
  const [plain, other] = [camera('A'), camera('B')];
  const depth = other.sensors.map((sensor) => ({ ...sensor, name: 'DEPTH_B_C', isColour: false }));
  driver.present = [plain, { ...other, sensors: [...other.sensors, ...depth] }];
  const directory = directoryOf(driver);
  expect(() => directory.sensor('A', 'DEPTH_B_C')).toThrow('its sensors: CAM_A. It measures no depth.');
  expect(() => directory.sensor('B', 'DEPTH_D_E')).toThrow(/its sensors: CAM_A, DEPTH_B_C\.$/);
  expect(directory.sensor('B', 'DEPTH_B_C').name).toBe('DEPTH_B_C');
});

test('a sensor is opened by the driver that lists its camera', async () => {
  const [v4l2, url] = [new FakeDriver('v4l2', 'A'), new FakeDriver('url', 'B')];
  const directory = directoryOf(v4l2, url);
  const listener = { onFormat: () => {}, onConfig: () => {}, onUnit: () => {}, onLost: () => {} };
  const open = (mxid: string): Promise<unknown> =>
    directory.open(mxid, 'CAM_A', {}, listener, { signal: new AbortController().signal });
  await expect(open('B')).rejects.toThrow('do not open');
  await expect(open('Z')).rejects.toMatchObject({ code: 'CAMERA_NOT_FOUND' });
  expect([v4l2.calls, url.calls]).toEqual([[], ['open B CAM_A']]);
});

test('looks that are asked for during a look share one that follows it', async () => {
  const driver = new FakeDriver('v4l2');
  const directory = directoryOf(driver);
  const first = directory.refresh();
  const later = [directory.refresh(), directory.refresh()];
  expect(driver.calls).toEqual(['refresh']);
  driver.refreshes[0]?.();
  await first;
  await expect.poll(() => driver.calls).toEqual(['refresh', 'refresh']);
  driver.present = [camera('A')];
  driver.refreshes[1]?.();
  await Promise.all(later);
  expect(mxids(directory)).toEqual(['A']);
  expect(driver.calls).toHaveLength(2);
});

test('a driver that cannot look does not keep the others from it', async () => {
  const [broken, working] = [new FakeDriver('v4l2', 'A'), new FakeDriver('url')];
  broken.refresh = () => Promise.reject(new Error('bus error'));
  working.refresh = async () => {
    working.present = [camera('B')];
  };
  const directory = directoryOf(broken, working);
  await directory.refresh();
  expect(mxids(directory)).toEqual(['A', 'B']);
});

test('disposal closes the drivers, the last one first, once', async () => {
  const order: string[] = [];
  const drivers = ['v4l2', 'url'].map((kind) => new FakeDriver(kind));
  for (const driver of drivers) driver[Symbol.asyncDispose] = async () => void order.push(driver.kind);
  const directory = directoryOf(...drivers);
  await directory[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
  expect(order).toEqual(['url', 'v4l2']);
});
