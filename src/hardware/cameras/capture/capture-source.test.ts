import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { AppError } from '../../../core/app-error.ts';
import { systemClock } from '../../../core/clock.ts';
import { closeFd, openPipe } from '../../../core/libc.ts';
import type { Picture, PictureFormat } from '../../../media/picture.ts';
import type { FeedStats, PictureSource } from '../../../media/source.ts';
import { NutDemuxer } from '../../../streams/formats/nut/index.ts';
import { FaultLine } from '../simulated/fault-line.ts';
import { readTimeCode, resolveTimeCode } from '../simulated/time-code.ts';
import { openCapture } from './capture-source.ts';
import type { CaptureSpec } from './capture-spec.ts';

const FORMAT: PictureFormat = {
  pixelFormat: 'GREY',
  width: 320,
  height: 240,
  frameInterval: { numerator: 1, denominator: 60 },
};

const sources: PictureSource[] = [];
afterEach(async () => {
  for (const source of sources.splice(0)) await source[Symbol.asyncDispose]();
});

function specOf(format = FORMAT, faults = new FaultLine()): CaptureSpec {
  return { kind: 'simulated', label: 'SIMULATED1 CAM_B', format, seed: 1, faults: faults.memory };
}

/** An open simulated sensor, its faults, and what it told its owner. */
async function open(options: { format?: PictureFormat; stallTimeoutMs?: number } = {}) {
  const faults = new FaultLine();
  const formats: PictureFormat[] = [];
  const losses: AppError[] = [];
  let tellFormat = (_format: PictureFormat) => {};
  let tellLost = (_error: AppError) => {};
  const formatChanged = new Promise<PictureFormat>((resolve) => {
    tellFormat = resolve;
  });
  const lost = new Promise<AppError>((resolve) => {
    tellLost = resolve;
  });
  const source = await openCapture(
    specOf(options.format, faults),
    {
      onFormat: (format) => {
        formats.push(format);
        tellFormat(format);
      },
      onLost: (error) => {
        losses.push(error);
        tellLost(error);
      },
    },
    { signal: new AbortController().signal, stallTimeoutMs: options.stallTimeoutMs ?? 10_000 },
  );
  sources.push(source);
  return { source, faults, formats, formatChanged, losses, lost };
}

/** Resolves at the first picture of a source for which the condition holds. */
function pictureWhen(source: PictureSource, holds: (picture: Picture) => boolean): Promise<Picture> {
  return new Promise((resolve) => {
    const watch = source.watch((picture) => {
      if (!holds(picture)) return;
      watch[Symbol.dispose]();
      resolve(picture);
    });
  });
}

/** Reads a pipe to its end. */
function readAll(readFd: number): { bytes: Promise<Buffer>; stop(): void } {
  const socket = new Socket({ fd: readFd, readable: true, writable: false });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const bytes = new Promise<Buffer>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks)));
  });
  return { bytes, stop: () => socket.destroy() };
}

function packetsOf(bytes: Buffer): { pts: number; data: Buffer }[] {
  const packets: { pts: number; data: Buffer }[] = [];
  const demuxer = new NutDemuxer({
    onStream: () => {},
    onPacket: ({ pts, data }) => packets.push({ pts, data: Buffer.from(data) }),
  });
  demuxer.push(bytes);
  return packets;
}

const fdCount = () => readdirSync('/proc/self/fd').length;
const threadCount = () => readdirSync('/proc/self/task').length;

test('a source knows its format when it is open, and counts what it captures', async () => {
  const { source } = await open();
  expect(source.kind).toBe('pictures');
  expect(source.format).toEqual(FORMAT);
  await pictureWhen(source, ({ sequence }) => sequence >= 3);
  const { captured, lost } = source.stats();
  expect(captured).toBeGreaterThanOrEqual(1);
  expect(captured + lost).toBeGreaterThanOrEqual(4);
});

test('a watched picture is packed pixels of the present format with its capture time', async () => {
  const { source } = await open();
  const { data, format, capturedUs } = await pictureWhen(source, () => true);
  expect(format).toEqual(FORMAT);
  expect(data).toHaveLength(320 * 240);
  const wallUs = systemClock.wallUsAt(capturedUs);
  const code = readTimeCode(data, 320, 240, 320) ?? 0;
  expect(Math.abs(resolveTimeCode(code, wallUs) - wallUs)).toBeLessThan(5000);
});

test('a feed is a NUT stream that ffmpeg reads, with capture times as timestamps', async () => {
  const { source } = await open();
  const { readFd, writeFd } = openPipe();
  const reader = readAll(readFd);
  const feed = source.feed(writeFd);
  await pictureWhen(source, () => feed.stats().written >= 10);
  await feed[Symbol.asyncDispose]();
  const input = await reader.bytes;
  const probed = JSON.parse(
    execFileSync(
      'ffprobe',
      ['-v', 'error', '-f', 'nut', '-i', '-', '-show_streams', '-show_packets', '-of', 'json'],
      { input, encoding: 'utf8' },
    ),
  );
  expect(probed.streams).toEqual([
    expect.objectContaining({
      codec_name: 'rawvideo',
      pix_fmt: 'gray',
      width: 320,
      height: 240,
      time_base: '1/1000000',
    }),
  ]);
  const whole = probed.packets.filter(({ size }: { size: string }) => Number(size) === 320 * 240);
  expect(whole.length).toBeGreaterThanOrEqual(10);
  const packets = packetsOf(input);
  for (const [index, { pts }] of whole.entries()) {
    const { data } = packets[index] ?? { data: Buffer.alloc(0) };
    const wallUs = systemClock.wallUsAt(pts);
    const code = readTimeCode(data, 320, 240, 320) ?? 0;
    expect(Math.abs(resolveTimeCode(code, wallUs) - wallUs)).toBeLessThan(5000);
  }
});

test('a picture larger than the pipe reaches its reader whole', async () => {
  const { source } = await open({
    format: {
      pixelFormat: 'NV12',
      width: 1920,
      height: 1080,
      frameInterval: { numerator: 1, denominator: 30 },
    },
  });
  const { readFd, writeFd } = openPipe();
  const reader = readAll(readFd);
  const feed = source.feed(writeFd);
  await pictureWhen(source, () => feed.stats().written >= 3);
  await feed[Symbol.asyncDispose]();
  const packets = packetsOf(await reader.bytes);
  expect(packets.length).toBeGreaterThanOrEqual(3);
  for (const { pts, data } of packets) {
    const wallUs = systemClock.wallUsAt(pts);
    const code = readTimeCode(data, 1920, 1080, 1920) ?? 0;
    expect(Math.abs(resolveTimeCode(code, wallUs) - wallUs)).toBeLessThan(5000);
  }
});

test.each([
  ['that fits into its pipe', FORMAT],
  ['that its pipe cannot take whole', { ...FORMAT, pixelFormat: 'NV12', width: 1920, height: 1080 }],
] satisfies [string, PictureFormat][])(
  'two feeds that nobody reads, each stuck with a picture %s, take nothing from a third and from the watch',
  async (_title, format) => {
    const { source } = await open({ format });
    const read = openPipe();
    const reader = readAll(read.readFd);
    const stuck: { readFd: number; stats: () => FeedStats }[] = [];
    for (let count = 0; count < 2; count += 1) {
      const { readFd, writeFd } = openPipe();
      const feed = source.feed(writeFd);
      stuck.push({ readFd, stats: () => feed.stats() });
      // The next one gets stuck with a later picture.
      await pictureWhen(source, () => feed.stats().skipped >= 1);
    }
    const feed = source.feed(read.writeFd);
    await pictureWhen(source, () => feed.stats().written >= 10);
    for (const { stats } of stuck) {
      expect(stats().written).toBeLessThanOrEqual(1);
      expect(stats().skipped).toBeGreaterThanOrEqual(9);
    }
    for (const { readFd } of stuck) closeFd(readFd);
    await feed[Symbol.asyncDispose]();
    expect(packetsOf(await reader.bytes).length).toBeGreaterThanOrEqual(10);
  },
);

test('a blocked feed gets the newest picture when its reader comes back, and the waiting one was not cut', async () => {
  const { source } = await open();
  const { readFd, writeFd } = openPipe();
  const feed = source.feed(writeFd);
  await pictureWhen(source, () => feed.stats().skipped >= 10);
  expect(feed.stats().written).toBe(1);
  const backUs = systemClock.monotonicUs();
  const reader = readAll(readFd);
  await pictureWhen(source, () => feed.stats().written >= 3);
  await feed[Symbol.asyncDispose]();
  const [first, second] = packetsOf(await reader.bytes);
  expect(first?.data).toHaveLength(320 * 240);
  expect(first?.pts).toBeLessThan(backUs - 9 * 16_666);
  // Not one of those that came while the feed was blocked; the one just taken then may still be the newest.
  expect(second?.pts).toBeGreaterThan(backUs - 5 * 16_667);
});

test('a feed whose reader goes away ends alone, and its descriptor is closed', async () => {
  const { source, losses } = await open();
  const { readFd, writeFd } = openPipe();
  const pipe = readlinkSync(`/proc/self/fd/${writeFd}`);
  const feed = source.feed(writeFd);
  await pictureWhen(source, () => feed.stats().written === 1);
  closeFd(readFd);
  const isOpen = () =>
    readdirSync('/proc/self/fd').some((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === pipe;
      } catch {
        return false; // the descriptor of the listing itself
      }
    });
  await pictureWhen(source, () => !isOpen());
  const before = source.stats().captured;
  await pictureWhen(source, () => source.stats().captured > before);
  await feed[Symbol.asyncDispose]();
  expect(losses).toEqual([]);
});

test('a watcher that is slow gets the newest picture next, not those it missed', async () => {
  const { source } = await open();
  const seen: Picture[] = [];
  await new Promise<void>((resolve) => {
    const watch = source.watch((picture) => {
      seen.push(picture);
      if (seen.length === 3) {
        watch[Symbol.dispose]();
        resolve();
        return;
      }
      if (seen.length === 1) {
        // Keeps this thread busy for many frame intervals, as a long computation would.
        const untilUs = picture.capturedUs + 300_000;
        while (systemClock.monotonicUs() < untilUs);
      }
    });
  });
  const [first, second] = seen;
  expect((second?.sequence ?? 0) - (first?.sequence ?? 0)).toBeGreaterThan(10);
});

test('each of two watchers owns its bytes', async () => {
  const { source } = await open();
  const first = pictureWhen(source, () => true);
  const second = pictureWhen(source, () => true);
  const [{ data: a }, { data: b }] = await Promise.all([first, second]);
  expect(a.buffer).not.toBe(b.buffer);
});

test('a sensor that falls silent is lost as stalled, once, and its feeds end', async () => {
  const { source, faults, lost, losses } = await open({ stallTimeoutMs: 500 });
  const { readFd, writeFd } = openPipe();
  const reader = readAll(readFd);
  source.feed(writeFd);
  await pictureWhen(source, () => true);
  faults.stall(true);
  expect(await lost).toMatchObject({
    code: 'SOURCE_STALLED',
    message: expect.stringContaining('SIMULATED1 CAM_B'),
  });
  await reader.bytes;
  const late = openPipe();
  const lateReader = readAll(late.readFd);
  source.feed(late.writeFd);
  expect(await lateReader.bytes).toHaveLength(0);
  await source[Symbol.asyncDispose]();
  expect(losses).toHaveLength(1);
});

test('a stall shorter than the limit is no loss', async () => {
  const { source, faults, losses } = await open({ stallTimeoutMs: 5000 });
  const { capturedUs } = await pictureWhen(source, () => true);
  faults.stall(true);
  const untilUs = capturedUs + 100_000;
  while (systemClock.monotonicUs() < untilUs);
  faults.stall(false);
  await pictureWhen(source, (picture) => picture.capturedUs >= untilUs);
  expect(losses).toEqual([]);
});

test('a device that goes away is lost with the reason', async () => {
  const { faults, lost } = await open();
  faults.vanish();
  expect(await lost).toMatchObject({ code: 'SOURCE_GONE', kind: 'unavailable' });
});

test('a new resolution ends the feeds of the old one before it is announced', async () => {
  const { source, faults, formats, formatChanged } = await open();
  const old = openPipe();
  const oldReader = readAll(old.readFd);
  const oldFeed = source.feed(old.writeFd);
  await pictureWhen(source, () => oldFeed.stats().written >= 2);
  faults.resize(640, 480);
  const format = await formatChanged;
  expect(format).toEqual({ ...FORMAT, width: 640, height: 480 });
  expect(source.format).toEqual(format);
  expect((await pictureWhen(source, () => true)).data).toHaveLength(640 * 480);
  expect(packetsOf(await oldReader.bytes).every(({ data }) => data.length === 320 * 240)).toBe(true);
  const { readFd, writeFd } = openPipe();
  const reader = readAll(readFd);
  const feed = source.feed(writeFd);
  await pictureWhen(source, () => feed.stats().written >= 2);
  await feed[Symbol.asyncDispose]();
  expect(packetsOf(await reader.bytes)[0]?.data).toHaveLength(640 * 480);
  await oldFeed[Symbol.asyncDispose]();
  expect(formats).toHaveLength(1);
});

test('a feed meant for the old resolution never starts in the new one', async () => {
  const { source, faults, formatChanged } = await open();
  const { capturedUs } = await pictureWhen(source, () => true);
  faults.resize(640, 480);
  // The thread has changed over while this one was busy and could not yet know.
  while (systemClock.monotonicUs() < capturedUs + 200_000);
  expect(source.format.width).toBe(320);
  const { readFd, writeFd } = openPipe();
  const reader = readAll(readFd);
  const feed = source.feed(writeFd);
  expect(await reader.bytes).toHaveLength(0);
  expect((await formatChanged).width).toBe(640);
  expect(feed.stats()).toEqual({ written: 0, skipped: 0 });
});

test('a failed opening rejects with the error of the producer and leaves nothing', async () => {
  const before = fdCount();
  const threads = threadCount();
  const opening = openCapture(
    { kind: 'v4l2', node: '/dev/there-is-no-such-video', request: {} },
    { onFormat: () => {}, onLost: () => {} },
    { signal: new AbortController().signal },
  );
  await expect(opening).rejects.toMatchObject({
    name: 'AppError',
    message: expect.stringContaining('/dev/'),
  });
  expect(fdCount()).toBe(before);
  expect(threadCount()).toBeLessThanOrEqual(threads);
});

test('an opening that is aborted rejects with the reason and leaves nothing', async () => {
  const before = fdCount();
  const reason = new Error('no longer wanted');
  const listener = { onFormat: () => {}, onLost: () => {} };
  await expect(openCapture(specOf(), listener, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const controller = new AbortController();
  const opening = openCapture(specOf(), listener, { signal: controller.signal });
  controller.abort(reason);
  await expect(opening).rejects.toBe(reason);
  expect(fdCount()).toBe(before);
});

test('disposal ends feeds and watch, is idempotent, and calls nobody', async () => {
  const { source, losses, formats } = await open();
  const { readFd, writeFd } = openPipe();
  const reader = readAll(readFd);
  const feed = source.feed(writeFd);
  await pictureWhen(source, () => feed.stats().written >= 1);
  await Promise.all([source[Symbol.asyncDispose](), source[Symbol.asyncDispose]()]);
  await reader.bytes;
  await feed[Symbol.asyncDispose]();
  let isCalled = false;
  source
    .watch(() => {
      isCalled = true;
    })
    [Symbol.dispose]();
  expect({ losses, formats, isCalled }).toEqual({ losses: [], formats: [], isCalled: false });
});

test('two hundred openings leave no descriptor and no thread behind', async () => {
  const cycle = async () => {
    const { source } = await open();
    const { readFd, writeFd } = openPipe();
    source.feed(writeFd);
    await source[Symbol.asyncDispose]();
    sources.length = 0;
    closeFd(readFd);
  };
  await cycle();
  const before = { fds: fdCount(), threads: threadCount() };
  for (let count = 0; count < 200; count += 1) await cycle();
  expect({ fds: fdCount(), threads: threadCount() }).toEqual(before);
}, 120_000);
