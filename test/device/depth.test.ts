import { describe, expect, test } from 'vitest';
import { decode } from '../support/decode.ts';
import type { Service } from '../support/service.ts';
import { DEPTH_FORMATS } from './lab/usb-camera/index.ts';
import { decodePicture } from './support/decode-picture.ts';
import { isInLab, useLab } from './support/lab.ts';
import { mjpegImages } from './support/mjpeg-images.ts';

/** What the emulated processor encodes in real time. */
const SIZE = { width: 320, height: 240 };
const SENSOR = 'DEPTH_B_C';

/** The four bands of the camera's pictures, as they are to be seen: nothing measured, near, middle, far. */
const BANDS = ['black', 'red', 'green', 'blue'];

/** What the middle of each band shows, in words. */
async function bandsOf(image: Buffer): Promise<string[]> {
  const pixels = await decodePicture(image, 'rgb24');
  return BANDS.map((_, band) => {
    const at = (60 * SIZE.width + ((band + 0.5) * SIZE.width) / BANDS.length) * 3;
    const channels = [...pixels.subarray(at, at + 3)];
    const lit = ['red', 'green', 'blue'].filter((_, channel) => (channels[channel] ?? 0) > 215);
    if (lit.length === 1 && channels.filter((level) => level < 40).length === 2) return lit[0] ?? '';
    return channels.length === 3 && channels.every((level) => level < 20) ? 'black' : channels.join();
  });
}

describe.skipIf(!isInLab)('depth cameras (uvcvideo, Z16)', () => {
  const lab = useLab(() => ({
    streams: {
      stallTimeoutMs: 20_000,
      // A format that the depth sensor does not have: it is asked of the others.
      capture: { ...SIZE, frameRate: 10, pixelFormat: 'MJPG' },
      encoder: { codec: 'libx264', gopLength: 10 },
    },
  }));

  const plugDepth = async (service: Service, serial: string) => {
    await lab.plug(0, serial, DEPTH_FORMATS);
    const [camera] = await lab.cameras(
      service,
      'uvcvideo',
      ([first, ...others]) => first?.serial === serial && others.length === 0,
      `The service listing ${serial}`,
    );
    if (camera === undefined) throw new Error('The list is empty.');
    return { ...camera, streams: `/cameras/${camera.mxid}/streams` };
  };

  test('a node that offers Z16 beside other formats is the sensor DEPTH_B_C, in the shape of a mono sensor', async () => {
    const service = await lab.service();
    const { streams, nodes } = await plugDepth(service, 'LISTED');
    const offered = await lab.run('v4l2-ctl', '-d', nodes[0] ?? '', '--list-formats');
    expect(offered).toMatch(/'YUYV'.*'Z16 '/s);
    expect(await service.json(`${streams}/`)).toEqual({ [SENSOR]: { active: true } });
    expect(await service.json(`${streams}/${SENSOR}/`)).toMatchObject({
      isColour: false,
      formats: [{ pixelFormat: 'YUYV' }, { pixelFormat: 'Z16' }],
    });
    const config = { resolution: 'THE_480_P', fps: 5 };
    const changed = {
      method: 'POST',
      body: JSON.stringify(config),
      headers: { 'content-type': 'application/json' },
    };
    expect(await service.json(`${streams}/${SENSOR}/config`, changed)).toEqual(config);
    expect((await service.fetch(`${streams}/${SENSOR}/control`)).status).toBe(200);
    const other = await service.fetch(`${streams}/DEPTH_D_E/config`);
    expect([other.status, await other.json()]).toMatchObject([404, { code: 'SENSOR_NOT_FOUND' }]);
  });

  test('PNG stills have the distances that the camera sent, JPEG their colours', async () => {
    const service = await lab.service();
    const { streams } = await plugDepth(service, 'STILL');
    const still = async (format: string): Promise<Buffer> => {
      const response = await service.fetch(`${streams}/${SENSOR}/still?format=${format}`);
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(response.status, bytes.toString('utf8', 0, 500)).toBe(200);
      return bytes;
    };
    const png = await still('png');
    expect([png.readUInt8(24), png.readUInt8(25)]).toEqual([16, 0]); // bit depth, greyscale
    const values = await decodePicture(png, 'gray16le');
    const sent = await lab.pictures.of('z16', SIZE);
    expect(sent.some((picture) => picture.equals(values))).toBe(true);
    expect(await bandsOf(await still('jpeg'))).toEqual(BANDS);
  });

  test('video and MJPEG show near red, far blue, and what was not measured black', async () => {
    const service = await lab.service();
    const { mxid, streams } = await plugDepth(service, 'VIDEO');
    const client = lab.watch(service, mxid, SENSOR);
    await client.more(15);
    const stats = await service.json(`${streams}/${SENSOR}/stats`);
    expect(stats).toMatchObject({ state: 'live', ...SIZE, restarts: 0 });
    const [image] = await mjpegImages(await service.fetch(`${streams}/${SENSOR}/mjpeg`), 1, () => undefined);
    expect(await bandsOf(image ?? Buffer.alloc(0))).toEqual(BANDS);
    const { file, fragments } = client;
    expect(decode(file)).toEqual({ pictures: fragments.length, complaints: '' });
    expect(await bandsOf(file)).toEqual(BANDS);
  });
});
