import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { closeFd, openPipe, readSome, setNonBlocking } from '../../../core/libc.ts';
import type { PictureFormat } from '../../../media/picture.ts';
import { NutDemuxer } from '../../../streams/formats/nut/index.ts';
import { FEED_COUNTERS, newCounters } from './capture-messages.ts';
import { FeedWriter } from './feed-writer.ts';
import { HeldPicture } from './held-picture.ts';

const FORMAT: PictureFormat = {
  pixelFormat: 'MJPG',
  width: 64,
  height: 48,
  frameInterval: { numerator: 1, denominator: 30 },
};
/** More than any pipe takes. */
const LARGE = 3 << 20;

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A feed into a real pipe, and what has come out of it so far. */
function openFeed() {
  const { readFd, writeFd } = openPipe();
  setNonBlocking(readFd);
  let readerIsOpen = true;
  const closeReader = () => {
    if (readerIsOpen) closeFd(readFd);
    readerIsOpen = false;
  };
  cleanups.push(closeReader, () => closeFd(writeFd));
  const counters = newCounters();
  const feed = new FeedWriter(1, writeFd, FORMAT, counters);
  const packets: { pts: number; data: Buffer }[] = [];
  const demuxer = new NutDemuxer({
    onStream: () => {},
    onPacket: ({ pts, data }) => packets.push({ pts, data: Buffer.from(data) }),
  });
  const values = new Float64Array(counters);
  /** Takes at most this many bytes out of the pipe. */
  const read = (atMost = Number.POSITIVE_INFINITY) => {
    for (let left = atMost; left > 0; ) {
      const into = Buffer.alloc(Math.min(left, 65_536));
      const count = readSome(readFd, into);
      if (count === undefined) return;
      demuxer.push(into.subarray(0, count));
      left -= count;
    }
  };
  /** Reads and resumes until nothing is half written. */
  const drain = () => {
    do {
      read();
      feed.resume();
    } while (feed.isWriting);
    read();
  };
  const counts = () => ({ written: values[FEED_COUNTERS.written], skipped: values[FEED_COUNTERS.skipped] });
  return { feed, packets, closeReader, counts, read, drain };
}

function pictureOf(sizeBytes: number, capturedUs: number) {
  const data = Buffer.alloc(sizeBytes, capturedUs % 251);
  let isReleased = false;
  const held = new HeldPicture({ data, sequence: 0, capturedUs }, () => {
    isReleased = true;
  });
  return { held, data, isReleased: () => isReleased };
}

test('a picture that the pipe takes whole is written and let go at once', () => {
  const { feed, packets, read, counts } = openFeed();
  const { held, data, isReleased } = pictureOf(5000, 123_456_789_012);
  feed.offer(held);
  held.release();
  expect(isReleased()).toBe(true);
  read();
  expect(packets).toEqual([{ pts: 123_456_789_012, data }]);
  expect(counts()).toEqual({ written: 1, skipped: 0 });
});

test('a picture larger than the pipe is held until its last byte is written, and arrives unchanged', () => {
  const { feed, packets, drain, counts } = openFeed();
  const { held, data, isReleased } = pictureOf(LARGE, 1000);
  feed.offer(held);
  held.release();
  expect(feed.isWriting).toBe(true);
  expect(isReleased()).toBe(false);
  expect(counts()).toEqual({ written: 0, skipped: 0 });
  drain();
  expect(isReleased()).toBe(true);
  expect(packets.map(({ pts }) => pts)).toEqual([1000]);
  expect(packets[0]?.data.equals(data)).toBe(true);
  expect(counts()).toEqual({ written: 1, skipped: 0 });
});

test('pictures offered during a half-written one are skipped, and the newest after it goes', () => {
  const { feed, packets, drain, counts } = openFeed();
  feed.offer(pictureOf(LARGE, 1).held);
  feed.offer(pictureOf(10, 2).held);
  feed.offer(pictureOf(10, 3).held);
  drain();
  feed.offer(pictureOf(10, 4).held);
  drain();
  expect(packets.map(({ pts }) => pts)).toEqual([1, 4]);
  expect(counts()).toEqual({ written: 2, skipped: 2 });
});

test('small pictures do not queue in the pipe: only one waits for the reader', () => {
  const { feed, packets, read, counts } = openFeed();
  for (let capturedUs = 1; capturedUs <= 10; capturedUs += 1) feed.offer(pictureOf(10, capturedUs).held);
  expect(counts()).toEqual({ written: 1, skipped: 9 });
  read();
  feed.offer(pictureOf(10, 11).held);
  read();
  expect(packets.map(({ pts }) => pts)).toEqual([1, 11]);
});

test('a detached picture gives its memory back and still arrives unchanged', () => {
  const { feed, packets, drain } = openFeed();
  const { held, data, isReleased } = pictureOf(LARGE, 9);
  const original = Buffer.from(data);
  feed.offer(held);
  held.release();
  feed.detach();
  expect(isReleased()).toBe(true);
  data.fill(0);
  drain();
  expect(packets[0]?.data.equals(original)).toBe(true);
});

test('a feed whose reader has gone is over and holds nothing', () => {
  const { feed, closeReader } = openFeed();
  const { held, isReleased } = pictureOf(LARGE, 1);
  feed.offer(held);
  held.release();
  closeReader();
  expect(feed.hasReader).toBe(true);
  feed.resume();
  expect(feed.hasReader).toBe(false);
  expect(feed.isWriting).toBe(false);
  expect(isReleased()).toBe(true);
});

test('a descriptor that does not work is the end of the feed, not an exception', () => {
  const { readFd, writeFd } = openPipe();
  closeFd(writeFd);
  const feed = new FeedWriter(1, readFd, FORMAT, newCounters());
  expect(feed.hasReader).toBe(false);
  closeFd(readFd);
});

test('however the reader reads, pictures arrive whole, in order, and every one is accounted for', () => {
  const step = fc.oneof(
    fc.record({ offer: fc.integer({ min: 0, max: 2 << 20 }) }),
    fc.record({ read: fc.integer({ min: 1, max: 3 << 20 }) }),
    fc.constant('detach' as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { feed, packets, read, drain, counts } = openFeed();
      const offered = new Map<number, number>();
      for (const [index, action] of steps.entries()) {
        if (action === 'detach') {
          feed.detach();
        } else if ('read' in action) {
          read(action.read);
          feed.resume();
        } else {
          offered.set(index + 1, action.offer);
          feed.offer(pictureOf(action.offer, index + 1).held);
        }
      }
      drain();
      for (const { pts, data } of packets) {
        expect(data.equals(Buffer.alloc(offered.get(pts) ?? -1, pts % 251))).toBe(true);
      }
      const order = packets.map(({ pts }) => pts);
      expect(order).toEqual([...order].sort((a, b) => a - b));
      expect(counts()).toEqual({ written: packets.length, skipped: offered.size - packets.length });
      for (const cleanup of cleanups.splice(0)) cleanup();
    }),
    { numRuns: 60 },
  );
});
