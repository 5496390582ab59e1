import { afterEach, expect, test } from 'vitest';
import { decode } from '../support/decode.ts';
import { eventually, Service, SIMULATED_CAMERA, untilIdle } from '../support/service.ts';
import { VideoClient } from '../support/video-client.ts';

interface Stats {
  readonly state: string;
  readonly restarts: number;
  readonly encoder?: { readonly pid: number };
  readonly readers: readonly { readonly lags: number; readonly unitsDropped: number }[];
}

const open: (AsyncDisposable | Disposable)[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) {
    if (Symbol.asyncDispose in each) await each[Symbol.asyncDispose]();
    else each[Symbol.dispose]();
  }
});

async function start(config: Record<string, unknown> = {}): Promise<Service> {
  const service = await Service.start({ config });
  open.push(service);
  return service;
}

function watch(service: Service, sensor = 'CAM_A'): VideoClient {
  const client = new VideoClient(service.videoUrl(sensor));
  open.push(client);
  return client;
}

const statsOf = (service: Service, sensor = 'CAM_A') =>
  service.json<Stats>(`/cameras/${SIMULATED_CAMERA}/streams/${sensor}/stats`);

/** Small pictures: what is tested here is not the encoder's speed. */
const small = { streams: { capture: { width: 320, height: 240, frameRate: 30 } } };

test('a program opens one WebSocket and gets an init segment, then fragments that decode', async () => {
  const service = await start();
  const client = watch(service);
  await client.more(40);
  expect(client.messages[0]?.kind).toBe('init');
  expect(client.inits).toHaveLength(1);
  const [first] = client.fragments;
  expect(first).toMatchObject({ isSync: true, dtsTicks: 0 });
  expect(Math.abs((first?.capturedWallUs ?? 0) / 1000 - Date.now())).toBeLessThan(30_000);
  expect(client.socket.extensions).toBe('');
  const { pictures, complaints } = decode(client.file);
  expect(complaints).toBe('');
  expect(pictures).toBe(client.fragments.length);
});

test('the mono sensor streams beside the colour sensor', async () => {
  const service = await start();
  const [colour, mono] = [watch(service, 'CAM_A'), watch(service, 'CAM_B')];
  await Promise.all([colour.more(5), mono.more(5)]);
  expect(service.children()).toHaveLength(2);
});

test('a later reader gets the identical init segment, the cached pictures at once, and the same timeline', async () => {
  const service = await start(small);
  const first = watch(service);
  await first.more(20);
  const later = watch(service);
  await later.more(30);
  expect(later.inits[0]?.equals(first.inits[0] ?? Buffer.alloc(0))).toBe(true);
  const [joined] = later.fragments;
  expect(joined?.isSync).toBe(true);
  const sameInFirst = first.fragments.find((fragment) => fragment.dtsTicks === joined?.dtsTicks);
  expect(sameInFirst?.bytes.equals(joined?.bytes ?? Buffer.alloc(0))).toBe(true);
  expect(decode(later.file).complaints).toBe('');
  expect(service.children()).toHaveLength(1);
});

test('the last reader ends the encoder, and the next stream starts at PTS 0', async () => {
  const service = await start(small);
  const first = watch(service);
  await first.more(3);
  first[Symbol.dispose]();
  await untilIdle(service);
  expect(service.children()).toEqual([]);
  const second = watch(service);
  await second.more(1);
  expect(second.fragments[0]?.dtsTicks).toBe(0);
});

test('a slow reader falls back to the newest sync sample and does not disturb the fast ones', async () => {
  const service = await start({
    streams: {
      capture: { width: 1280, height: 720, frameRate: 30 },
      // The kernel's buffers hold megabytes: they have to be filled before the reader counts as slow.
      encoder: { quality: 1, gopLength: 2 },
      reader: { maxBytes: 500_000, maxMs: 500 },
    },
  });
  const fast: [VideoClient, VideoClient] = [watch(service), watch(service)];
  const slow = watch(service);
  await slow.more(5);
  slow.socket.pause();
  await eventually(
    () => statsOf(service),
    (stats) => (stats.readers[2]?.lags ?? 0) >= 2,
    'The slow reader falling behind twice',
    60_000,
  );
  const stats = await statsOf(service);
  expect(stats.readers.map(({ lags }) => lags > 0)).toEqual([false, false, true]);
  slow.socket.resume();
  // A picture that the machine left out is missing from every reader, and is no jump.
  const ticksOf = ({ fragments }: VideoClient) => fragments.map(({ dtsTicks }) => dtsTicks);
  const jumpsOf = ({ fragments }: VideoClient) => {
    const sent = ticksOf(fast[0]);
    return fragments.filter((fragment, i) => {
      const previous = fragments[i - 1];
      return previous && sent.some((ticks) => ticks > previous.dtsTicks && ticks < fragment.dtsTicks);
    });
  };
  await slow.until((client) => jumpsOf(client).length > 0, 'The slow reader jumping ahead');
  await slow.more(10);
  await Promise.all(fast.map((client) => client.more(10)));
  for (const client of fast) {
    const sent = ticksOf(client);
    const skipped = sent.slice(1).filter((ticks, i) => ticks - (sent[i] ?? 0) > 3 * 3000);
    expect(skipped.length, `fast readers skip nothing: ${skipped}`).toBeLessThanOrEqual(2);
  }
  const [first = [], second = []] = fast.map(ticksOf);
  const inBoth = (ticks: number) =>
    ticks >= Math.max(first[0] ?? 0, second[0] ?? 0) &&
    ticks <= Math.min(first.at(-1) ?? 0, second.at(-1) ?? 0);
  expect(first.filter(inBoth)).toEqual(second.filter(inBoth));
  expect(jumpsOf(slow).every((fragment) => fragment.isSync)).toBe(true);
  expect(decode(slow.file).complaints).toBe('');
}, 120_000);

test('three readers keep their sockets and see pictures within a second after the encoder was killed', async () => {
  const service = await start(small);
  const clients = [watch(service), watch(service), watch(service)];
  await Promise.all(clients.map((client) => client.more(10)));
  const { encoder } = await statsOf(service);
  const counts = clients.map((client) => client.fragments.length);
  const killedAt = performance.now();
  process.kill(encoder?.pid ?? 0, 'SIGKILL');
  await eventually(
    () => statsOf(service),
    (stats) => stats.restarts === 1,
    'The restart',
  );
  await Promise.all(clients.map((client) => client.more(10)));
  clients.forEach((client, index) => {
    const resumed = client.fragments.slice(counts[index]).find((fragment) => fragment.isSync);
    expect((resumed?.atMs ?? Number.POSITIVE_INFINITY) - killedAt).toBeLessThan(1000);
    expect(client.closed).toBeUndefined();
    expect(client.inits).toHaveLength(1);
    expect(decode(client.file).complaints).toBe('');
  });
});

test('readers stay connected while the camera is gone and see it again when it returns', async () => {
  const service = await start({
    ...small,
    cameras: {
      simulated: { enabled: 'always', faults: [{ kind: 'vanish', afterMs: 1500, durationMs: 1500 }] },
    },
  });
  const client = watch(service);
  await client.more(10);
  await eventually(
    () => service.json<unknown[]>('/cameras/'),
    (list) => list.length === 0,
    'The camera vanishing',
  );
  await eventually(
    () => service.json<unknown[]>('/cameras/'),
    (list) => list.length === 1,
    'The camera returning',
  );
  const returnedAt = performance.now();
  await client.more(10);
  expect(performance.now() - returnedAt).toBeLessThan(2000);
  expect(client.closed).toBeUndefined();
  const gap = client.fragments
    .slice(1)
    .map((fragment, i) => fragment.dtsTicks - (client.fragments[i]?.dtsTicks ?? 0));
  expect(Math.max(...gap)).toBeGreaterThan(90_000);
  expect(decode(client.file).complaints).toBe('');
});

test('a change of resolution gives a new init segment and a sync sample on the same socket', async () => {
  const service = await start({
    ...small,
    cameras: {
      simulated: { enabled: 'always', faults: [{ kind: 'resize', afterMs: 1000, width: 640, height: 360 }] },
    },
  });
  const client = watch(service);
  await client.until(({ inits }) => inits.length === 2, 'The second init segment');
  await client.more(10);
  const at = client.messages.findIndex((message, index) => message.kind === 'init' && index > 0);
  expect(client.messages[at + 1]).toMatchObject({ kind: 'fragment', isSync: true });
  const times = client.fragments.map((fragment) => fragment.dtsTicks);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(client.closed).toBeUndefined();
  const newPart = Buffer.concat(client.messages.slice(at).map((message) => message.bytes));
  expect(decode(newPart).complaints).toBe('');
});

test('a thousand readers that come and go leave no descriptor, child or thread behind', async () => {
  const service = await start(small);
  const cycle = async (pictures: number): Promise<void> => {
    const client = new VideoClient(service.videoUrl());
    if (pictures > 0) await client.more(pictures);
    else await new Promise((opened) => client.socket.once('open', opened));
    client.socket.close();
    await client.until(({ closed }) => closed !== undefined, 'The socket closing');
  };
  for (let round = 0; round < 3; round += 1) await cycle(1);
  await untilIdle(service);
  const before = { fds: service.openFds(), threads: service.threads() };
  for (let round = 0; round < 20; round += 1) await cycle(1);
  const staying = new VideoClient(service.videoUrl());
  for (let round = 0; round < 98; round += 1)
    await Promise.all(Array.from({ length: 10 }, () => cycle(round % 10)));
  staying[Symbol.dispose]();
  await untilIdle(service);
  expect(service.children()).toEqual([]);
  expect(service.threads()).toBeLessThanOrEqual(before.threads);
  await eventually(
    () => service.openFds(),
    (fds) => fds <= before.fds + 2,
    `Descriptors back at ${before.fds}`,
  );
}, 180_000);

test('refusals are HTTP statuses: unknown camera and sensor 404, a foreign page 403, too many readers 503', async () => {
  const service = await start({
    ...small,
    server: { corsOrigins: ['http://good.example'] },
    streams: { ...small.streams, maxReaders: 1 },
  });
  expect(await VideoClient.refusal(service.videoUrl('CAM_A', 'NOPE'))).toBe(404);
  expect(await VideoClient.refusal(service.videoUrl('CAM_H'))).toBe(404);
  expect(await VideoClient.refusal(service.videoUrl(), { origin: 'http://evil.example' })).toBe(403);
  const reader = new VideoClient(service.videoUrl(), { origin: 'http://good.example' });
  open.push(reader);
  await reader.more(1);
  expect(await VideoClient.refusal(service.videoUrl())).toBe(503);
});

test('a stream that cannot start closes the socket with a code and the reason', async () => {
  const service = await start({
    cameras: {
      simulated: { enabled: 'never' },
      url: { broken: { sensors: { CAM_A: { url: '/nowhere/clip.mp4' } } } },
    },
  });
  const [camera] = await service.json<{ mxid: string }[]>('/cameras/');
  const client = new VideoClient(service.videoUrl('CAM_A', camera?.mxid));
  open.push(client);
  await client.until(({ closed }) => closed !== undefined, 'The socket closing');
  expect(client.closed).toMatchObject({
    code: 4503,
    reason: expect.stringMatching(/^SOURCE_FAILED: .*clip\.mp4/),
  });
});

test('the clock and the reader can be asked for on the socket, and nonsense is ignored', async () => {
  const service = await start(small);
  const client = watch(service);
  await client.more(1);
  client.socket.send('nonsense');
  client.socket.send(Buffer.from([1, 2, 3]));
  client.socket.send(JSON.stringify({ type: 'ping', id: 1, t0: 5 }));
  client.socket.send(JSON.stringify({ type: 'stats', id: 2 }));
  await client.until(({ texts }) => texts.length === 2, 'Two answers');
  expect(client.texts[0]).toMatchObject({ type: 'pong', id: 1, t0: 5, serverWallUs: expect.any(Number) });
  expect(client.texts[1]).toMatchObject({
    type: 'stats',
    id: 2,
    reader: { transport: 'websocket' },
    stream: { readers: 1 },
  });
  client.socket.send(Buffer.alloc(100_000));
  await client.until(({ closed }) => closed !== undefined, 'The socket closing');
  expect(client.closed?.code).toBe(1009);
});
