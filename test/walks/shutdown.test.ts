import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { eventually, Service } from '../support/service.ts';
import { VideoClient } from '../support/video-client.ts';

test('SIGTERM ends a busy service within two seconds and leaves nothing running', async () => {
  const service = await Service.start();
  const clients = [new VideoClient(service.videoUrl('CAM_A')), new VideoClient(service.videoUrl('CAM_B'))];
  await Promise.all(clients.map((client) => client.more(5)));
  const stuck = new VideoClient(service.videoUrl());
  await stuck.more(1);
  stuck.socket.pause();
  const mjpeg = await fetch(`${service.url}/cameras/SIMULATED1/streams/CAM_A/mjpeg`);
  const children = service.children();
  expect(children.length).toBeGreaterThanOrEqual(2);
  const { code, tookMs } = await service.stop();
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(2000);
  expect(children.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
  await Promise.all(
    clients.map((client) => client.until(({ closed }) => closed !== undefined, 'The socket closing')),
  );
  expect(clients.map((client) => client.closed?.code)).toEqual([1001, 1001]);
  await mjpeg.body?.cancel();
  stuck[Symbol.dispose]();
});

test('SIGTERM ends a service whose outputs do not answer in order, too', async () => {
  const faults = [{ kind: 'silent', afterMs: 1000, durationMs: 60_000 }];
  const service = await Service.start({ config: { io: { simulated: { enabled: 'always', faults } } } });
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"value":1}' };
  await service.json('/controller/do/1_01', post);
  await eventually(
    () => service.fetch('/controller/do/1_02', post),
    ({ status }) => status >= 500,
    'the board being silent',
  );
  const { code, tookMs } = await service.stop();
  expect(
    service.log.filter((line) => /could not be set to the safe value|"stopped"/.test(line)),
  ).toHaveLength(2);
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(2000);
});

test('a service killed without warning leaves no encoder behind', async () => {
  const service = await Service.start();
  const client = new VideoClient(service.videoUrl());
  await client.more(3);
  const children = service.children();
  service.process.kill('SIGKILL');
  await client.until(({ closed }) => closed !== undefined, 'The socket closing');
  const deadline = performance.now() + 5000;
  while (children.some((pid) => existsSync(`/proc/${pid}`)) && performance.now() < deadline) {
    await new Promise((next) => setTimeout(next, 20));
  }
  expect(children.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
  await service[Symbol.asyncDispose]();
});

test('SIGTERM to npm start ends the service, too', async () => {
  const npm = spawn('npm', ['start'], {
    cwd: resolve(import.meta.dirname, '../..'),
    env: { ...process.env, HOST: '', PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const isListening = new Promise<void>((found) => {
    npm.stdout.on('data', (text: Buffer) => {
      output += text;
      if (output.includes('listening on')) found();
    });
  });
  await isListening;
  // Its output closes when the last process that writes to it has ended.
  const closed = once(npm, 'close');
  npm.kill('SIGTERM');
  await closed;
  expect(output).toContain('"msg":"stopped"');
});

test('a service whose log nobody reads any more still ends when told', async () => {
  const service = await Service.start({ config: { cameras: { v4l2: { enabled: true } } } });
  service.process.stdout?.destroy();
  service.process.stderr?.destroy();
  const client = new VideoClient(service.videoUrl()); // its stream is logged into the void
  await client.more(3);
  expect(await service.stop()).toMatchObject({ code: 0 });
});
