import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { decode } from '../support/decode.ts';
import { Service } from '../support/service.ts';
import { VideoClient } from '../support/video-client.ts';

/** A port nobody has now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}

/** Sends H.264 to an RTSP address in real time until disposed; tries again while nobody listens there. */
function publish(url: string): AsyncDisposable {
  const source = ['-re', '-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=30'];
  const encode = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-tune',
    'zerolatency',
    '-g',
    '30',
    '-pix_fmt',
    'yuv420p',
  ];
  let isDone = false;
  const run = async (): Promise<void> => {
    while (!isDone) {
      child = spawn(
        'ffmpeg',
        ['-v', 'error', ...source, ...encode, '-f', 'rtsp', '-rtsp_transport', 'tcp', url],
        { stdio: 'ignore' },
      );
      await once(child, 'exit');
    }
  };
  let child: ReturnType<typeof spawn> | undefined;
  const running = run();
  return {
    [Symbol.asyncDispose]: async () => {
      isDone = true;
      child?.kill('SIGKILL');
      await running;
    },
  };
}

test('H.264 of an RTSP camera reaches its readers without being encoded again', async () => {
  const url = `rtsp://127.0.0.1:${await freePort()}/live`;
  // The service's side of the connection listens, so that ffmpeg alone can play the camera.
  const sensors = { CAM_A: { url, inputOptions: ['-rtsp_flags', 'listen'] } };
  await using service = await Service.start({
    config: { cameras: { simulated: { enabled: 'never' }, url: { gate: { sensors } } } },
  });
  const [camera] = await service.json<{ mxid: string }[]>('/cameras/');
  await using _publisher = publish(url);
  using client = new VideoClient(service.videoUrl('CAM_A', camera?.mxid));
  await client.more(40);
  expect(client.fragments[0]?.isSync).toBe(true);
  const stats = await service.json<{ width: number; encoder?: object }>(
    `/cameras/${camera?.mxid}/streams/CAM_A/stats`,
  );
  expect(stats).toMatchObject({ width: 320 });
  expect(stats.encoder).toBeUndefined();
  expect(decode(client.file).complaints).toBe('');
}, 60_000);
