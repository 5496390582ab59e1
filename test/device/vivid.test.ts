import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import type { CameraInfo } from '../../src/hardware/cameras/camera.ts';
import { decode } from '../support/decode.ts';
import { PATIENCE } from '../support/patience.ts';
import type { Service } from '../support/service.ts';
import type { VideoClient } from '../support/video-client.ts';
import { KernelTrace } from './support/kernel-trace.ts';
import { isInLab, type ListedCamera, useLab } from './support/lab.ts';
import { meanColour } from './support/mean-colour.ts';
import { asPrinted, parseControls, parseModes, printedLike } from './support/v4l2-ctl.ts';

const DRIVER = '/sys/bus/platform/drivers/vivid';
const RED = 7; // of its test patterns
/** Sizes and rates that the emulated processor encodes in real time. */
const SMALL = { width: 320, height: 180, frameRate: 10 };
const LARGER = { width: 640, height: 360, frameRate: 15 };

const BEAT_US = 1_000_000 / SMALL.frameRate;
/** Media time counts ticks of 1/90000 s. */
const TICK_US = 1_000_000 / 90_000 + 1;

let devices: CameraInfo[] = [];
const mxidOf = (index: number): string => devices[index]?.mxid ?? '';
const nodeOf = (index: number): string => devices[index]?.nodes[0] ?? '';

/** The time from picture to picture that most pictures keep. */
function medianStepMs(client: VideoClient | undefined): number {
  const times = (client?.fragments ?? []).map(({ capturedWallUs }) => capturedWallUs / 1000);
  const steps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
}

describe.skipIf(!isInLab)('kernel cameras (vivid)', () => {
  const lab = useLab(() => ({
    streams: { stallTimeoutMs: 20_000, capture: SMALL, encoder: { codec: 'libx264', gopLength: 10 } },
    cameras: {
      sensors: {
        [`${mxidOf(0)}/CAM_A`]: { capture: { pixelFormat: 'YUYV' } },
        [`${mxidOf(1)}/CAM_A`]: { capture: { ...LARGER, pixelFormat: 'NV12' } },
      },
    },
  }));

  beforeAll(async () => {
    if (devices.length === 0) devices = JSON.parse(await lab.vidicon('devices', '--json')).cameras;
  });

  const vivids = (service: Service, count: number): Promise<ListedCamera[]> =>
    lab.cameras(
      service,
      'vivid',
      ({ length }) => length === count,
      `The service listing ${count} cameras of vivid`,
    );

  /** Waits until a client gets pictures captured from now on. */
  const seesPicturesAgain = async (client: VideoClient): Promise<void> => {
    const nowUs = Date.now() * 1000;
    await client.until(
      ({ fragments }) => (fragments.at(-1)?.capturedWallUs ?? 0) > nowUs,
      'A picture captured from now on',
    );
  };

  test('formats, sizes and frame intervals are those that v4l2-ctl prints', async () => {
    const printed = parseModes(await lab.run('v4l2-ctl', '-d', nodeOf(0), '--list-formats-ext'));
    const told = (devices[0]?.sensors[0]?.formats ?? []).flatMap(({ pixelFormat, frameSizes }) =>
      frameSizes.flatMap((size) => {
        if (size.kind === 'stepwise') return [];
        return size.frameIntervals.map(({ numerator, denominator }) => {
          return `${pixelFormat} ${size.width}x${size.height} ${(numerator / denominator).toFixed(3)} s`;
        });
      }),
    );
    expect(printed.length).toBeGreaterThan(1000);
    expect(told).toEqual(printed);
  });

  test('controls and menus are those that v4l2-ctl prints', async () => {
    const printed = parseControls(await lab.run('v4l2-ctl', '-d', nodeOf(0), '--list-ctrls-menus'));
    const controls = devices[0]?.sensors[0]?.controls ?? [];
    expect(controls.length).toBeGreaterThan(40);
    const comparable = controls.filter(({ type }) => type !== 'other');
    const like = new Map(comparable.map((control) => [control.name, control]));
    expect(comparable.map(asPrinted)).toEqual(
      printed.flatMap((control) => {
        const told = like.get(control.name);
        return told === undefined ? [] : [printedLike(control, told)];
      }),
    );
    const arrays = printed.filter(({ name }) => !like.has(name)).map(({ name }) => name);
    const others = controls.filter(({ type }) => type === 'other').map(({ name }) => name);
    expect(others).toEqual(expect.arrayContaining(arrays));
  });

  test('each camera is captured in the pixel format, size and rate configured for it', async () => {
    const service = await lab.service();
    const clients = [lab.watch(service, mxidOf(0)), lab.watch(service, mxidOf(1))];
    await Promise.all(clients.map((client) => client.more(30)));
    const inForce = await Promise.all(
      [nodeOf(0), nodeOf(1)].map((node) => lab.run('v4l2-ctl', '-d', node, '--get-fmt-video', '--get-parm')),
    );
    expect(inForce[0]).toMatch(/320\/180.*'YUYV'.*10\.000 \(10\/1\)/s);
    expect(inForce[1]).toMatch(/640\/360.*'NV12'.*15\.000 \(15\/1\)/s);
    const stats = await Promise.all([lab.stats(service, mxidOf(0)), lab.stats(service, mxidOf(1))]);
    expect(stats[0]).toMatchObject({ state: 'live', width: 320, height: 180 });
    expect(stats[1]).toMatchObject({ state: 'live', width: 640, height: 360 });
    expect(stats.map(({ state }) => state)).toEqual(['live', 'live']);
    expect(medianStepMs(clients[0])).toBeCloseTo(1000 / SMALL.frameRate, -1);
    expect(medianStepMs(clients[1])).toBeCloseTo(1000 / LARGER.frameRate, -1);
    for (const client of clients) {
      const { fragments, file } = client;
      expect(decode(file)).toEqual({ pictures: fragments.length, complaints: '' });
    }
  });

  test('another size and another rate apply to a running camera, and its reader stays', async () => {
    const service = await lab.service();
    const client = lab.watch(service, mxidOf(0));
    await client.more(3);
    for (const [config, inForce] of [
      [{ video_size: [640, 360], fps: 10 }, /640\/360.*'YUYV'.*10\.000 \(10\/1\)/s],
      [{ fps: 5 }, /640\/360.*'YUYV'.*5\.000 \(5\/1\)/s],
    ] as const) {
      const body = JSON.stringify(config);
      const headers = { 'content-type': 'application/json' };
      const path = `/cameras/${mxidOf(0)}/streams/CAM_A/config`;
      expect(await service.json(path, { method: 'POST', headers, body })).toMatchObject(config);
      await seesPicturesAgain(client);
      expect(await lab.run('v4l2-ctl', '-d', nodeOf(0), '--get-fmt-video', '--get-parm')).toMatch(inForce);
    }
    const sizes = client.inits.map((init) => {
      const entry = init.indexOf('avc1', 0, 'latin1') + 4; // ISO/IEC 14496-12 §12.1.3
      return [init.readUInt16BE(entry + 24), init.readUInt16BE(entry + 26)];
    });
    expect(sizes.slice(0, 2)).toEqual([
      [320, 180],
      [640, 360],
    ]);
    expect(sizes.slice(2)).toEqual(sizes.slice(2).map(() => [640, 360]));
    const times = client.fragments.map(({ dtsTicks }) => dtsTicks);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(client.closed).toBeUndefined();
  });

  test('a red scene is red in YUYV and NV12, in stills and in video', async () => {
    const service = await lab.service();
    for (const index of [0, 1]) {
      await lab.run('v4l2-ctl', '-d', nodeOf(index), '-c', `test_pattern=${RED},osd_text_mode=2`);
      lab.defer(() => lab.run('v4l2-ctl', '-d', nodeOf(index), '-c', 'test_pattern=0,osd_text_mode=0'));
      const response = await service.fetch(`/cameras/${mxidOf(index)}/streams/CAM_A/still`);
      const still = Buffer.from(await response.arrayBuffer());
      expect(response.status, still.toString('utf8', 0, 500)).toBe(200);
      const client = lab.watch(service, mxidOf(index));
      await client.more(1);
      for (const image of [still, client.file]) {
        const [red, green, blue] = await meanColour(image);
        expect({ isRed: red > 200 && green < 50 && blue < 50, red, green, blue }).toMatchObject({
          isRed: true,
        });
      }
    }
  });

  test('GREY is captured as brightness without colour, with the encoder that the service chooses', async () => {
    const service = await lab.start({
      streams: {
        stallTimeoutMs: 20_000,
        capture: { width: 640, height: 480, frameRate: 5, pixelFormat: 'GREY' },
      },
    });
    await lab.run('v4l2-ctl', '-d', nodeOf(0), '-c', `test_pattern=${RED},osd_text_mode=2`);
    lab.defer(() => lab.run('v4l2-ctl', '-d', nodeOf(0), '-c', 'test_pattern=0,osd_text_mode=0'));
    const client = lab.watch(service, mxidOf(0));
    await client.more(3);
    expect(await lab.stats(service, mxidOf(0))).toMatchObject({ encoder: { codec: 'libx264' } });
    expect(await lab.run('v4l2-ctl', '-d', nodeOf(0), '--get-fmt-video')).toMatch(/640\/480.*'GREY'/s);
    const [red, green, blue] = await meanColour(client.file);
    expect(Math.max(red, green, blue) - Math.min(red, green, blue)).toBeLessThan(8);
    expect(red).toBeGreaterThan(40);
    expect(red).toBeLessThan(120);
    expect(decode(client.file).complaints).toBe('');
  });

  test('each fragment carries the time that the kernel stamped its picture with', async () => {
    const service = await lab.service();
    // Stamps of the end of a frame are a frame ahead of the clock, and are moved back to it.
    await lab.run('v4l2-ctl', '-d', nodeOf(0), '-c', 'timestamp_source=1');
    lab.defer(() => lab.run('v4l2-ctl', '-d', nodeOf(0), '-c', 'timestamp_source=0'));
    const trace = await KernelTrace.ofDequeuedBuffers();
    lab.defer(() => trace[Symbol.asyncDispose]());
    const client = lab.watch(service, mxidOf(0));
    await client.more(30);
    const stamps = await trace.stampsUs(nodeOf(0));
    const [first] = client.fragments;
    const wallOf = (stamp: number) => systemClock.wallUsAt(stamp);
    const offset = (stamp: number) => Math.abs(wallOf(stamp) - (first?.capturedWallUs ?? 0));
    const start = stamps.reduce((nearest, stamp) => (offset(stamp) < offset(nearest) ? stamp : nearest));
    let last = start - 1;
    for (const { dtsTicks, capturedWallUs } of client.fragments) {
      const captured = start + (dtsTicks - (first?.dtsTicks ?? 0)) / 0.09;
      const stamp = stamps.find((each) => Math.abs(each - captured) < TICK_US);
      expect(stamp ?? 0, `${captured} µs is none of the kernel's ${stamps}`).toBeGreaterThan(last);
      expect(Math.abs(wallOf(captured) - capturedWallUs)).toBeLessThan(BEAT_US / 2);
      last = stamp ?? 0;
    }
  });

  test('a camera that another program reads is refused with that program’s name, and works once it is free', async () => {
    const service = await lab.service();
    const other = lab.spawn('v4l2-ctl', '-d', nodeOf(1), '--stream-mmap');
    await Promise.race([
      once(other.child.stdout ?? other.child, 'data'),
      once(other.child.stderr ?? other.child, 'data'),
    ]);
    const client = lab.watch(service, mxidOf(1));
    await client.until(({ closed }) => closed !== undefined, 'The socket closing');
    expect(client.closed?.code).toBe(4503);
    const holder = `held by v4l2-ctl (pid ${other.child.pid})`;
    expect(client.closed?.reason).toContain('CAMERA_BUSY');
    expect(client.closed?.reason).toContain(holder);
    const still = await service.fetch(`/cameras/${mxidOf(1)}/streams/CAM_A/still`);
    expect(still.status).toBe(409);
    expect(await still.json()).toMatchObject({
      code: 'CAMERA_BUSY',
      detail: expect.stringContaining(holder),
    });
    await other.stop();
    await lab.watch(service, mxidOf(1)).more(1);
  });

  test.each([
    ['the device says it was disconnected', 'disconnect', 'SOURCE_GONE'],
    ['streaming ends in an error', 'inject_fatal_streaming_error', 'SOURCE_FAILED'],
  ])('when %s, it is opened again and readers stay connected', async (_, control, code) => {
    const service = await lab.service();
    const client = lab.watch(service, mxidOf(0));
    await client.more(3);
    const { restarts } = await lab.stats(service, mxidOf(0));
    await lab.run('v4l2-ctl', '-d', nodeOf(0), '-c', `${control}=1`);
    await lab.untilStats(
      service,
      mxidOf(0),
      (stats) => stats.state === 'live' && stats.restarts > restarts,
      'The stream being live again',
    );
    await seesPicturesAgain(client);
    expect(client.closed).toBeUndefined();
    expect(service.log.filter((line) => line.includes(`"${code}"`))).not.toEqual([]);
    expect(decode(client.file).complaints).toBe('');
  });

  test('pictures that the driver drops are counted, and the stream goes on', async () => {
    const service = await lab.service();
    await lab.run('v4l2-ctl', '-d', nodeOf(0), '-c', 'percentage_of_dropped_buffers=50');
    lab.defer(() => lab.run('v4l2-ctl', '-d', nodeOf(0), '-c', 'percentage_of_dropped_buffers=0'));
    const client = lab.watch(service, mxidOf(0));
    await client.more(30);
    const { picturesCaptured, picturesLost } = await lab.stats(service, mxidOf(0));
    const share = picturesLost / (picturesLost + picturesCaptured);
    expect(share).toBeGreaterThan(0.25);
    expect(share).toBeLessThan(0.75);
    expect(decode(client.file)).toEqual({ pictures: client.fragments.length, complaints: '' });
  });

  test('cameras that vanish in mid-stream return under their ids, and their readers see pictures within two seconds', async () => {
    const service = await lab.service();
    const before = await vivids(service, 2);
    const clients = before.map(({ mxid }) => lab.watch(service, mxid));
    await Promise.all(clients.map((client) => client.more(3)));
    lab.note('unbind');
    await writeFile(`${DRIVER}/unbind`, 'vivid.0');
    await vivids(service, 0);
    lab.note('bind');
    await writeFile(`${DRIVER}/bind`, 'vivid.0');
    const after = await vivids(service, 2);
    const listedAt = performance.now();
    expect(after.map(({ mxid, nodes }) => [mxid, nodes])).toEqual(
      before.map(({ mxid, nodes }) => [mxid, nodes]),
    );
    await Promise.all(clients.map(seesPicturesAgain));
    expect(performance.now() - listedAt).toBeLessThan(2000 * PATIENCE);
    for (const client of clients) {
      expect(client.closed).toBeUndefined();
      expect(decode(client.file).complaints).toBe('');
    }
  });
});
