import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { EncoderRecorder } from '../../../../test/support/encoder-recorder.ts';
import type { AppError } from '../../../core/app-error.ts';
import { ChildProcesses } from '../../../core/child-process.ts';
import { systemClock } from '../../../core/clock.ts';
import type { SourceListener } from '../../../media/source.ts';
import { H264Encoders, probeFfmpeg } from '../../../streams/encoders/ffmpeg/index.ts';
import type { CameraDriver } from '../camera.ts';
import { UrlDriver } from './index.ts';
import type { UrlInput } from './url-input.ts';

const folder = mkdtempSync(join(tmpdir(), 'url-camera-'));
const file = (name: string): string => join(folder, name);
const processes = new ChildProcesses();
const { signal } = new AbortController();
let encoders: H264Encoders;
const open: AsyncDisposable[] = [];

const RATE = 25;
/** Two seconds of pictures, a sync sample every ten. */
function record(name: string, ...output: string[]): void {
  const pictures = ['-f', 'lavfi', '-i', `testsrc2=size=160x120:rate=${RATE}`, '-t', '2', '-g', '10'];
  execFileSync('ffmpeg', ['-v', 'error', ...pictures, ...output, file(name)]);
}

beforeAll(async () => {
  record('reordered.mp4', '-c:v', 'libx264', '-bf', '2', '-pix_fmt', 'yuv420p');
  record('plain.ts', '-c:v', 'libx264', '-bf', '0', '-pix_fmt', 'yuv420p');
  record('plain.mkv', '-c:v', 'libx264', '-bf', '0', '-pix_fmt', 'yuv420p');
  record('joined.ts', '-c:v', 'libx264', '-bf', '0', '-pix_fmt', 'yuv420p', '-g', '40', '-sc_threshold', '0');
  record('mpeg4.mp4', '-c:v', 'mpeg4');
  record('vp8.webm', '-c:v', 'libvpx');
  record('animated.apng', '-c:v', 'apng');
  record('odd.mkv', '-c:v', 'ffv1', '-vf', 'scale=161:121');
  const options = { processes, signal };
  encoders = new H264Encoders(await probeFfmpeg('ffmpeg', options), { ...options, devices: [] });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((resource) => resource[Symbol.asyncDispose]()));
  expect(processes.count).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true }));

function driverOf(input: Partial<UrlInput> & { url: string }, stallTimeoutMs = 5000): CameraDriver {
  return new UrlDriver({
    cameras: [{ name: 'Front door', sensors: { CAM_A: { inputOptions: [], loop: false, ...input } } }],
    processes,
    program: 'ffmpeg',
    encoders,
    encoderSettings: () => ({
      ...{ codec: 'auto', bitrateKbps: 0, quality: 23, gopLength: 10 },
      ...{ preset: 'ultrafast', profile: 'baseline' },
    }),
    stallTimeoutMs,
    clock: systemClock,
  });
}

async function play(driver: CameraDriver) {
  const recorder = new EncoderRecorder();
  const arrivalsUs: number[] = [];
  const listener: SourceListener = {
    onFormat: () => {},
    onConfig: (config) => recorder.onConfig(config),
    onUnit: (unit) => {
      arrivalsUs.push(systemClock.monotonicUs());
      recorder.onUnit(unit);
    },
    onLost: (error: AppError) => recorder.onExit(error),
  };
  const [camera] = driver.cameras();
  const source = await driver.open(camera?.mxid ?? '', 'CAM_A', {}, listener, { signal });
  open.push(source);
  expect(recorder.calls).toEqual([]); // nothing is told before open has returned
  return { source, recorder, arrivalsUs };
}

const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);
const steps = (numbers: readonly number[]): number[] =>
  numbers.slice(1).map((value, index) => value - (numbers[index] ?? 0));
const sum = (numbers: readonly number[]): number => numbers.reduce((total, value) => total + value, 0);

test('a camera is listed as configured, whether it can be reached or not', () => {
  const driver = driverOf({ url: 'rtsp://user:secret@192.0.2.1/live' });
  expect(driver.cameras()).toEqual([
    {
      mxid: expect.stringMatching(/^FRONTDOOR[A-Z0-9]+$/),
      cameraName: 'Front door',
      path: '192.0.2.1',
      bus: 'network',
      driver: 'url',
      nodes: [],
      sensors: [{ name: 'CAM_A', label: 'Front door', isColour: true, formats: [], controls: [] }],
    },
  ]);
});

test('reordered H.264 passes through in real time, with decoding times that rise', async () => {
  const { recorder, arrivalsUs, source } = await play(driverOf({ url: file('reordered.mp4') }));
  const lost = await recorder.untilExit();
  const { units } = recorder;
  expect(units).toHaveLength(50);
  expect(source.stats()).toEqual({ captured: 50, lost: 0 });
  expect(recorder.configs).toMatchObject([{ codec: 'h264', width: 160, height: 120 }]);
  expect(recorder.calls[0]).toBe('config');
  expect(units.flatMap(({ isSync }, index) => (isSync ? [index] : []))).toEqual([0, 10, 20, 30, 40]);
  // Presentation follows the recording, unit by unit out of order.
  const times = units.map(({ ptsUs }) => ptsUs);
  expect(times).not.toEqual(sorted(times));
  for (const step of steps(sorted(times))) expect(step).toBeCloseTo(40_000, -1);
  for (const step of steps(units.map(({ dtsUs }) => dtsUs))) expect(step).toBeGreaterThan(0);
  for (const { ptsUs, dtsUs } of units) expect(dtsUs).toBeLessThanOrEqual(ptsUs);
  // Two seconds take two seconds.
  expect(sum(steps(arrivalsUs))).toBeGreaterThan(1_700_000);
  expect(lost).toMatchObject({ code: 'SOURCE_FAILED', message: expect.stringContaining('end was reached') });
});

test('times are those of arrival', async () => {
  const { recorder, arrivalsUs } = await play(driverOf({ url: file('plain.ts') }));
  await recorder.untilUnits(30);
  const late = recorder.units.slice(0, 30).map(({ ptsUs }, index) => (arrivalsUs[index] ?? 0) - ptsUs);
  for (const lateUs of late) expect(Math.abs(lateUs)).toBeLessThan(900_000);
});

test.each([
  ['MPEG-4', 'mpeg4.mp4', 160, 120],
  ['VP8', 'vp8.webm', 160, 120],
  ['a codec without a name in NUT', 'animated.apng', 160, 120],
  ['a picture with sides of odd length', 'odd.mkv', 160, 120],
])('%s is encoded, and known to be at the next opening', async (_, name, width, height) => {
  const driver = driverOf({ url: file(name) });
  for (let opening = 0; opening < 2; opening++) {
    const { recorder, source } = await play(driver);
    await recorder.untilUnits(12);
    expect(recorder.configs).toMatchObject([{ codec: 'h264', width, height }]);
    expect(recorder.units.slice(0, 12).flatMap(({ isSync }, index) => (isSync ? [index] : []))).toEqual([
      0, 10,
    ]);
    for (const step of steps(recorder.units.map(({ ptsUs }) => ptsUs))) expect(step).toBeCloseTo(40_000, -4);
    await source[Symbol.asyncDispose]();
    expect(recorder.exits).toEqual([]);
  }
});

test('a file that loops goes on from its beginning', async () => {
  const { recorder } = await play(driverOf({ url: file('reordered.mp4'), loop: true }));
  await recorder.untilUnits(75);
  const times = sorted(recorder.units.slice(0, 72).map(({ ptsUs }) => ptsUs));
  for (const step of steps(times)) expect(step).toBeLessThan(200_000);
  expect(recorder.configs).toHaveLength(1);
  for (const step of steps(recorder.units.map(({ dtsUs }) => dtsUs))) expect(step).toBeGreaterThan(0);
});

test('generated pictures play in real time', async () => {
  const { recorder, arrivalsUs } = await play(
    driverOf({ url: `testsrc2=size=160x120:rate=${RATE}`, inputOptions: ['-f', 'lavfi'] }),
  );
  await recorder.untilUnits(30);
  expect(sum(steps(arrivalsUs.slice(0, 30)))).toBeGreaterThan(700_000);
});

async function serve(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  return (server.address() as AddressInfo).port; // a TCP server that listens has one
}

test('a stream over HTTP is read, and what was buffered at the start lies in the past', async () => {
  const server = createServer((_request, response) => createReadStream(file('plain.ts')).pipe(response));
  const { recorder, arrivalsUs } = await play(
    driverOf({ url: `http://127.0.0.1:${await serve(server)}/live.ts` }),
  );
  await recorder.untilExit();
  const last = recorder.units.at(-1);
  const first = recorder.units[0];
  if (last === undefined || first === undefined) throw new Error('nothing arrived');
  // All came in one burst: two seconds, ending at the arrival of the newest.
  expect(last.ptsUs - first.ptsUs).toBe(49 * 40_000);
  expect(last.ptsUs).toBeLessThanOrEqual(arrivalsUs[0] ?? 0);
});

test('a stream that is joined between two sync samples opens once the next has come', async () => {
  const recorded = readFileSync(file('joined.ts'));
  const server = createServer((_request, response) => response.end(recorded.subarray(188 * 20)));
  const { recorder } = await play(driverOf({ url: `http://127.0.0.1:${await serve(server)}/live.ts` }));
  await recorder.untilExit();
  expect(recorder.units.some(({ isSync }) => isSync)).toBe(true);
});

test('an input that falls silent is lost after the configured time', async () => {
  const server = createServer((_request, response) => {
    // The file without its end, and then nothing more.
    createReadStream(file('plain.mkv'), { end: 30_000 }).pipe(response, { end: false });
  });
  const { recorder } = await play(driverOf({ url: `http://127.0.0.1:${await serve(server)}/live` }, 300));
  expect(await recorder.untilExit()).toMatchObject({ code: 'SOURCE_STALLED', kind: 'timeout' });
  expect(recorder.exits).toHaveLength(1);
});

test('a child that is killed is told once', async () => {
  const { recorder, source } = await play(driverOf({ url: file('plain.ts') }));
  await recorder.untilUnits(1);
  const [child] = childrenNamed('ffmpeg');
  process.kill(child ?? 0, 'SIGKILL');
  expect(await recorder.untilExit()).toMatchObject({ code: 'SOURCE_FAILED' });
  await source[Symbol.asyncDispose]();
  expect(recorder.exits).toHaveLength(1);
});

function childrenNamed(name: string): number[] {
  const list = execFileSync('ps', ['-o', 'pid=,comm=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  return [...list.matchAll(/(\d+) (\S+)/g)]
    .filter(([, , comm]) => comm === name)
    .map(([, pid]) => Number(pid));
}

test.each([
  ['a missing file', () => file('missing.mp4'), /missing\.mp4.*No such file/],
  ['a refused connection', () => 'http://127.0.0.1:1/live', /Connection refused/],
])('%s is an error that says so', async (_, url, message) => {
  await expect(play(driverOf({ url: url() }))).rejects.toMatchObject({
    code: 'SOURCE_FAILED',
    kind: 'unavailable',
    message: expect.stringMatching(message),
  });
});

test('the password of an address is in no message', async () => {
  const error = await play(driverOf({ url: 'rtsp://user:s3cret/@pass@127.0.0.1:1/live' })).catch((e) => e);
  expect(error.code).toBe('SOURCE_FAILED');
  expect(error.message).toContain('rtsp://user:***@127.0.0.1:1/live');
  expect(JSON.stringify([error.message, String(error.cause), error.stack])).not.toMatch(/s3cret|pass@/);
});

test('an opening that is aborted leaves nothing running', async () => {
  const abort = new AbortController();
  const driver = driverOf({ url: 'http://127.0.0.1:1/live' });
  const silent = createServer(() => {});
  const waiting = driverOf({ url: `http://127.0.0.1:${await serve(silent)}/live` });
  for (const each of [driver, waiting]) {
    const [camera] = each.cameras();
    const opening = each.open(camera?.mxid ?? '', 'CAM_A', {}, {} as SourceListener, {
      signal: abort.signal,
    });
    abort.abort(new Error('nobody reads any more'));
    await expect(opening).rejects.toThrow('nobody reads any more');
    expect(processes.count).toBe(0);
  }
});

test('unknown cameras and sensors are refused', async () => {
  const driver = driverOf({ url: 'x' });
  const [camera] = driver.cameras();
  const options = { signal };
  await expect(driver.open('OTHER', 'CAM_A', {}, {} as SourceListener, options)).rejects.toMatchObject({
    code: 'CAMERA_NOT_FOUND',
  });
  await expect(
    driver.open(camera?.mxid ?? '', 'CAM_B', {}, {} as SourceListener, options),
  ).rejects.toMatchObject({ code: 'SENSOR_NOT_FOUND' });
});

test('an input has no controls', async () => {
  const driver = driverOf({ url: 'x' });
  const mxid = driver.cameras()[0]?.mxid ?? '';
  expect(await driver.controls(mxid, 'CAM_A')).toEqual([]);
  expect(await driver.setControls(mxid, 'CAM_A', [])).toEqual([]);
  await expect(driver.setControls(mxid, 'CAM_A', [{ name: 'gain', value: 1 }])).rejects.toMatchObject({
    code: 'CONTROL_NOT_FOUND',
  });
  await expect(driver.controls(mxid, 'CAM_B')).rejects.toMatchObject({ code: 'SENSOR_NOT_FOUND' });
});

test('opening and closing leave no descriptor behind', async () => {
  const driver = driverOf({ url: file('plain.ts'), loop: true });
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const before = descriptors();
  for (let round = 0; round < 10; round++) {
    const { recorder, source } = await play(driver);
    await recorder.untilUnits(1);
    await source[Symbol.asyncDispose]();
    expect(recorder.exits).toEqual([]);
  }
  expect(descriptors()).toBe(before);
});
