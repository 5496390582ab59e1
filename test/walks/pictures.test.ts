import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTimeCode, resolveTimeCode } from '../../src/hardware/cameras/simulated/time-code.ts';
import { eventually, Service, SIMULATED_CAMERA } from '../support/service.ts';
import { VideoClient } from '../support/video-client.ts';

let service: Service;
const at = (path: string) => `${service.url}/cameras/${SIMULATED_CAMERA}/streams/CAM_A/${path}`;

beforeAll(async () => {
  service = await Service.start();
});
afterAll(() => service[Symbol.asyncDispose]());

/** The capture time that is drawn into a picture, Unix microseconds. */
function captureTimeIn(image: Buffer, width: number, height: number): number {
  const decoded = spawnSync(
    'ffmpeg',
    ['-v', 'error', '-i', 'pipe:0', '-f', 'rawvideo', '-pix_fmt', 'gray', '-'],
    {
      input: image,
      maxBuffer: 1 << 24,
    },
  );
  expect(decoded.stderr.toString()).toBe('');
  const code = readTimeCode(decoded.stdout, width, height, width);
  if (code === undefined) throw new Error('The picture carries no readable time code.');
  return resolveTimeCode(code, Date.now() * 1000);
}

test.each([
  ['jpeg', 'image/jpeg'],
  ['jpg', 'image/jpeg'],
  ['png', 'image/png'],
  ['webp', 'image/webp'],
])('a still as %s was taken after the request, and its header tells when', async (format, type) => {
  const askedUs = Date.now() * 1000;
  const response = await fetch(at(`still?format=${format}`));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe(type);
  const capturedUs = Number(response.headers.get('x-capture-time')) * 1e6;
  expect(capturedUs).toBeGreaterThanOrEqual(askedUs - 1000);
  const image = Buffer.from(await response.arrayBuffer());
  expect(Math.abs(captureTimeIn(image, 1280, 720) - capturedUs)).toBeLessThan(2000);
  await eventually(
    () => service.children().length,
    (count) => count === 0,
    'The camera stopping again',
  );
});

test('an unknown format is refused with what is allowed', async () => {
  const response = await fetch(at('still?format=bmp'));
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ detail: expect.stringContaining('jpeg') });
});

test('stills and MJPEG do not disturb a running stream', async () => {
  using client = new VideoClient(service.videoUrl());
  await client.more(5);
  const before = client.fragments.length;
  const abort = new AbortController();
  const mjpeg = await fetch(at('mjpeg'), { signal: abort.signal });
  expect(mjpeg.headers.get('content-type')).toMatch(/^multipart\/x-mixed-replace/);
  await fetch(at('still')).then((response) => response.arrayBuffer());
  let text = '';
  for await (const bytes of mjpeg.body ?? []) {
    text += Buffer.from(bytes).toString('latin1');
    if ((text.match(/Content-Type: image\/jpeg/g) ?? []).length >= 3) break;
  }
  abort.abort();
  await client.more(10);
  const steps = client.fragments
    .slice(before)
    .map((fragment, i, all) => fragment.dtsTicks - (all[i - 1]?.dtsTicks ?? fragment.dtsTicks));
  expect(Math.max(...steps)).toBeLessThan(90_000);
  expect(client.inits).toHaveLength(1);
});

test.each(['mjpeg', 'still', 'video'])('HEAD on %s leaves nothing running', async (path) => {
  const idle = () =>
    eventually(
      () => service.children(),
      (children) => children.length === 0,
      'The camera stopping',
    );
  await idle();
  expect((await fetch(at(path), { method: 'HEAD' })).status).toBe(405);
  await idle();
});

test('the video address asked for by plain HTTP says what to do', async () => {
  const response = await fetch(at('video'));
  expect(response.status).toBe(426);
  expect(await response.json()).toMatchObject({ code: 'REQUEST_UPGRADE_REQUIRED' });
});

test('MJPEG of a camera that cannot start is an answer that says why', async () => {
  const cameras = {
    simulated: { enabled: 'never' },
    url: { broken: { sensors: { CAM_A: { url: '/nowhere/clip.mp4' } } } },
  };
  await using broken = await Service.start({ config: { cameras } });
  const [camera] = await broken.json<{ mxid: string }[]>('/cameras/');
  const response = await fetch(`${broken.url}/cameras/${camera?.mxid}/streams/CAM_A/mjpeg`);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({
    code: 'SOURCE_FAILED',
    detail: expect.stringContaining('clip.mp4'),
  });
});
