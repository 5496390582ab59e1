import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SensorControl } from '../../src/hardware/cameras/camera.ts';
import { decode } from '../support/decode.ts';
import { residentMb } from '../support/process-memory.ts';
import type { Service } from '../support/service.ts';
import type { VideoClient } from '../support/video-client.ts';
import { isInLab, type ListedCamera, useLab } from './support/lab.ts';
import { mjpegImages } from './support/mjpeg-images.ts';

/** What the emulated processor decodes and encodes in real time. */
const SIZE = { width: 320, height: 240 };
const PLUG_CYCLES = 50;
/** Far less than one of its pictures per cycle; what V8 keeps for itself varies by megabytes. */
const GROWTH_MB = 10;

const isSame = (some: unknown, others: unknown): boolean => JSON.stringify(some) === JSON.stringify(others);

describe.skipIf(!isInLab)('USB cameras (uvcvideo)', () => {
  const lab = useLab(() => ({
    streams: {
      stallTimeoutMs: 5000,
      capture: { ...SIZE, frameRate: 10, pixelFormat: 'MJPG' },
      encoder: { codec: 'libx264', gopLength: 10 },
    },
  }));

  beforeAll(async () => {
    await lab.pictures.of('mjpeg', SIZE); // so that cameras show them at once
  });

  /** Waits until the service lists the cameras of these serials and no others. */
  const usbCameras = (service: Service, ...serials: readonly string[]): Promise<ListedCamera[]> =>
    lab.cameras(
      service,
      'uvcvideo',
      (cameras) => isSame(cameras.map(({ serial }) => serial).sort(), [...serials].sort()),
      `The service listing the USB cameras ${serials.join(', ') || '(none)'}`,
    );

  /** Plugs one camera in and waits for the service to list it alone. */
  const plugAlone = async (service: Service, serial: string) => {
    const camera = await lab.plug(0, serial);
    const [listed] = await usbCameras(service, serial);
    return { camera, mxid: listed?.mxid ?? '' };
  };

  const seesPicturesAgain = async (client: VideoClient): Promise<void> => {
    const nowUs = Date.now() * 1000;
    await client.until(
      ({ fragments }) => (fragments.at(-1)?.capturedWallUs ?? 0) > nowUs,
      'A picture captured from now on',
    );
  };

  const isFromCamera = async (image: Buffer): Promise<boolean> => {
    const shown = await lab.pictures.of('mjpeg', SIZE);
    return shown.some((picture) => picture.equals(image));
  };

  const controlsOf = async (service: Service, mxid: string): Promise<readonly SensorControl[]> => {
    const { controls } = await service.json<{ controls: SensorControl[] }>(`/cameras/${mxid}/streams/CAM_A`);
    return controls;
  };

  test('two cameras are told apart by their serials, and their metadata nodes are no cameras', async () => {
    const service = await lab.service();
    await Promise.all([lab.plug(0, 'FRONT'), lab.plug(1, 'BACK')]);
    const cameras = await usbCameras(service, 'FRONT', 'BACK');
    expect(new Set(cameras.map(({ mxid }) => mxid)).size).toBe(2);
    for (const { bus, nodes, sensors } of cameras) {
      expect(bus).toBe('usb');
      expect(nodes).toHaveLength(1);
      expect(sensors.map(({ name }) => name)).toEqual(['CAM_A']);
    }
    const classFolder = '/sys/class/video4linux';
    const indices = (await readdir(classFolder)).map((node) =>
      readFile(`${classFolder}/${node}/index`, 'utf8'),
    );
    const metadataNodes = (await Promise.all(indices)).filter((index) => index.trim() === '1');
    expect(metadataNodes).toHaveLength(2);
  });

  test('a camera keeps its id in another port', async () => {
    const service = await lab.service();
    const first = await Promise.all([lab.plug(0, 'FRONT'), lab.plug(1, 'BACK')]);
    const before = await usbCameras(service, 'FRONT', 'BACK');
    await Promise.all(first.map((camera) => lab.unplug(camera)));
    await usbCameras(service);
    await Promise.all([lab.plug(0, 'BACK'), lab.plug(1, 'FRONT')]);
    const after = await usbCameras(service, 'FRONT', 'BACK');
    const bySerial = (cameras: readonly ListedCamera[]) =>
      new Map(cameras.map(({ serial, mxid }) => [serial, mxid]));
    expect(bySerial(after)).toEqual(bySerial(before));
    expect(after.map(({ serial, name }) => [serial, name])).not.toEqual(
      before.map(({ serial, name }) => [serial, name]),
    );
  });

  test('a still is byte for byte what the camera sent', async () => {
    const service = await lab.service();
    const { mxid } = await plugAlone(service, 'STILL');
    const response = await service.fetch(`/cameras/${mxid}/streams/CAM_A/still`);
    expect(response.status).toBe(200);
    expect(await isFromCamera(Buffer.from(await response.arrayBuffer()))).toBe(true);
  });

  test('MJPEG is byte for byte what the camera sent, without an encoder', async () => {
    const service = await lab.service();
    const { mxid } = await plugAlone(service, 'MJPEG');
    const response = await service.fetch(`/cameras/${mxid}/streams/CAM_A/mjpeg`);
    let children: number[] = [];
    const images = await mjpegImages(response, 10, () => {
      children = service.children();
    });
    expect(await Promise.all(images.map(isFromCamera))).toEqual(images.map(() => true));
    expect(children).toEqual([]);
  });

  test('video of a camera that gives JPEG decodes to its end', async () => {
    const service = await lab.service();
    const { camera, mxid } = await plugAlone(service, 'VIDEO');
    const client = lab.watch(service, mxid);
    await client.more(30);
    await lab.unplug(camera);
    expect(decode(client.file)).toEqual({ pictures: client.fragments.length, complaints: '' });
  });

  test('a camera that hangs makes its stream stalled, and readers see pictures when it goes on', async () => {
    const service = await lab.service();
    const { camera, mxid } = await plugAlone(service, 'HUNG');
    const client = lab.watch(service, mxid);
    await client.more(3);
    lab.note('hang');
    camera.hang(true);
    const { problem } = await lab.untilStats(
      service,
      mxid,
      ({ state }) => state === 'stalled',
      'The stream being stalled',
    );
    expect(problem?.code).toMatch(/_STALLED$/);
    lab.note('go on');
    camera.hang(false);
    await seesPicturesAgain(client);
    expect(client.closed).toBeUndefined();
    await lab.untilStats(service, mxid, ({ state }) => state === 'live', 'The stream being live');
  });

  test('a camera that refuses its controls is listed and streams', async () => {
    const service = await lab.service();
    const { camera, mxid } = await plugAlone(service, 'STUBBORN');
    const before = await controlsOf(service, mxid);
    expect(before.length).toBeGreaterThan(10);
    expect(before.filter(({ value }) => value === undefined)).toEqual([]);
    lab.note('refuse controls');
    camera.refuseControls(true);
    await service.json('/cameras/refresh', { method: 'POST' });
    const [listed] = await usbCameras(service, 'STUBBORN');
    expect(listed?.mxid).toBe(mxid);
    await lab.watch(service, mxid).more(3);

    const other = await lab.plug(1, 'STUBBORN2');
    other.refuseControls(true);
    const cameras = await usbCameras(service, 'STUBBORN', 'STUBBORN2');
    await lab.watch(service, cameras.find((each) => each.mxid !== mxid)?.mxid ?? '').more(3);
  });

  test('a camera unplugged in mid-stream is seen again by its readers when it is back', async () => {
    const service = await lab.service();
    const { camera, mxid } = await plugAlone(service, 'RETURNS');
    const client = lab.watch(service, mxid);
    await client.more(3);
    await lab.unplug(camera);
    await usbCameras(service);
    const { mxid: returned } = await plugAlone(service, 'RETURNS');
    expect(returned).toBe(mxid);
    await seesPicturesAgain(client);
    expect(client.closed).toBeUndefined();
  });

  test('a camera unplugged while it starts lets its reader know, and works when it is back', async () => {
    const service = await lab.service();
    const { camera, mxid } = await plugAlone(service, 'HASTY');
    const client = lab.watch(service, mxid);
    await once(camera, 'start');
    await lab.unplug(camera);
    await client.until(({ closed }) => closed !== undefined, 'The socket closing');
    expect(client.closed).toMatchObject({
      code: 4503,
      reason: expect.stringMatching(/^(SOURCE_GONE|CAMERA_NOT_FOUND): /),
    });
    expect(client.messages).toEqual([]);
    await usbCameras(service);
    await plugAlone(service, 'HASTY');
    await lab.watch(service, mxid).more(3);
  });

  test('eight cameras plugged in at once are all listed, and gone together', async () => {
    const service = await lab.service();
    const serials = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `EIGHT${number}`);
    const plugged = await Promise.all(serials.map((serial, port) => lab.plug(port, serial)));
    const cameras = await usbCameras(service, ...serials);
    expect(new Set(cameras.map(({ mxid }) => mxid)).size).toBe(8);
    await Promise.all(plugged.map((camera) => lab.unplug(camera)));
    await usbCameras(service);
  });

  test(`${PLUG_CYCLES} times plugged in and out leave no descriptor, thread or memory behind`, async () => {
    const service = await lab.service();
    const cycle = async (): Promise<void> => {
      const { camera } = await plugAlone(service, 'CYCLE');
      await lab.unplug(camera);
      await usbCameras(service);
    };
    for (let round = 0; round < PLUG_CYCLES / 5; round += 1) await cycle();
    const before = { fds: service.openFds(), threads: service.threads() };
    const beforeMb = residentMb(service.pid);
    for (let round = 0; round < PLUG_CYCLES; round += 1) await cycle();
    expect({ fds: service.openFds(), threads: service.threads() }).toEqual(before);
    lab.note(`memory: ${beforeMb} MB before, ${residentMb(service.pid)} MB after`);
    expect(residentMb(service.pid) - beforeMb).toBeLessThan(GROWTH_MB);
  });
});
