import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import {
  closeFd,
  EVENTFD_ONE,
  openEventFd,
  openPipe,
  openTimerFd,
  POLLOUT,
  poll,
  setNonBlocking,
  setTimerFd,
  writeSome,
} from '../../../core/libc.ts';
import { Lifetime } from '../../../core/lifetime.ts';
import { windowBytes } from './descriptor-messages.ts';
import { DescriptorThread } from './index.ts';

let lifetime = new Lifetime();
afterEach(async () => {
  await lifetime[Symbol.asyncDispose]();
  lifetime = new Lifetime();
});

/** A thread of this test, ended before the descriptors that were opened before it are closed. */
function startThread(): DescriptorThread {
  return lifetime.use(new DescriptorThread());
}

/** Linux's own size. */
const PIPE_BYTES = 65_536;

function pipe() {
  const ends = openPipe(PIPE_BYTES);
  setNonBlocking(ends.readFd);
  const closeWriter = once(() => closeFd(ends.writeFd));
  lifetime.defer(() => closeFd(ends.readFd));
  lifetime.defer(closeWriter);
  return { ...ends, closeWriter };
}

function once(run: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) run();
    isDone = true;
  };
}

/** What a watch has heard, and a promise for the moment at which it is enough. */
class Ears {
  readonly batches: Uint8Array[] = [];
  readonly times: number[] = [];
  readonly ends: string[] = [];
  #check: () => void = () => undefined;

  get bytes(): Buffer {
    return Buffer.concat(this.batches);
  }

  onBytes(bytes: Uint8Array, readUs: number): void {
    this.batches.push(bytes);
    this.times.push(readUs);
    this.#check();
  }

  onEnd(error: Error): void {
    this.ends.push(error.message);
    this.#check();
  }

  until(isEnough: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#check = () => isEnough() && resolve();
      this.#check();
    });
  }
}

test('bytes of several descriptors arrive whole, in order, with the time of the read', async () => {
  const [first, second] = [pipe(), pipe()];
  const thread = startThread();
  const [a, b] = [new Ears(), new Ears()];
  const before = systemClock.monotonicUs();
  thread.watch(first.readFd, { maxBytes: 64 }, a);
  thread.watch(second.readFd, { maxBytes: 64 }, b);
  writeSome(first.writeFd, Buffer.from('one '));
  await a.until(() => a.bytes.length === 4);
  writeSome(first.writeFd, Buffer.from('two'));
  writeSome(second.writeFd, Buffer.from('other'));
  await a.until(() => a.bytes.length === 7);
  await b.until(() => b.bytes.length === 5);
  expect([String(a.bytes), String(b.bytes)]).toEqual(['one two', 'other']);
  const after = systemClock.monotonicUs();
  for (const us of [...a.times, ...b.times]) {
    expect(us).toBeGreaterThanOrEqual(before);
    expect(us).toBeLessThanOrEqual(after);
  }
});

test('one read takes at most maxBytes, and the next ones the rest', async () => {
  const { readFd, writeFd } = pipe();
  writeSome(writeFd, Buffer.alloc(100, 1));
  const thread = startThread();
  const ears = new Ears();
  thread.watch(readFd, { maxBytes: 48 }, ears);
  await ears.until(() => ears.bytes.length === 100);
  expect(ears.batches.map(({ length }) => length)).toEqual([48, 48, 4]);
});

test('event and timer descriptors are read as they come', async () => {
  const [event, timer] = [openEventFd(), openTimerFd()];
  lifetime.defer(() => closeFd(event));
  lifetime.defer(() => closeFd(timer));
  const thread = startThread();
  const [a, b] = [new Ears(), new Ears()];
  thread.watch(event, { maxBytes: 8 }, a);
  thread.watch(timer, { maxBytes: 8 }, b);
  writeSome(event, EVENTFD_ONE);
  await a.until(() => a.batches.length === 1);
  setTimerFd(timer, systemClock.monotonicUs(), 1000);
  await b.until(() => b.batches.length >= 3);
  expect(a.bytes.readBigUInt64LE(0)).toBe(1n);
});

test('a writer that goes away ends the watch after its last bytes, by name', async () => {
  const { readFd, writeFd, closeWriter } = pipe();
  writeSome(writeFd, Buffer.alloc(100, 1));
  closeWriter();
  const thread = startThread();
  const ears = new Ears();
  const watch = thread.watch(readFd, { maxBytes: 64 }, ears);
  await ears.until(() => ears.ends.length > 0);
  expect(ears.bytes).toHaveLength(100);
  expect(ears.ends).toEqual([`descriptor ${readFd} failed: POLLHUP.`]);
  await watch[Symbol.asyncDispose]();
});

test('a descriptor that is none ends its watch and no other', async () => {
  const { readFd, writeFd } = pipe();
  const thread = startThread();
  const [good, bad] = [new Ears(), new Ears()];
  thread.watch(readFd, { maxBytes: 64 }, good);
  thread.watch(1_000_000, { maxBytes: 64 }, bad);
  await bad.until(() => bad.ends.length > 0);
  expect(bad.ends).toEqual(['descriptor 1000000 failed: POLLNVAL.']);
  writeSome(writeFd, Buffer.from('x'));
  await good.until(() => good.bytes.length === 1);
});

test('a read that fails ends the watch with the reason', async () => {
  const event = openEventFd();
  lifetime.defer(() => closeFd(event));
  const thread = startThread();
  const ears = new Ears();
  writeSome(event, EVENTFD_ONE);
  thread.watch(event, { maxBytes: 4 }, ears); // an eventfd gives 8 bytes or EINVAL
  await ears.until(() => ears.ends.length > 0);
  expect(ears.ends).toEqual([expect.stringContaining('errno 22')]);
});

test('after the disposal of a watch nothing is heard and its descriptor may be closed', async () => {
  const { readFd, writeFd } = pipe();
  const other = pipe();
  const thread = startThread();
  const [ears, others] = [new Ears(), new Ears()];
  const watch = thread.watch(readFd, { maxBytes: 64 }, ears);
  thread.watch(other.readFd, { maxBytes: 64 }, others);
  const disposed = watch[Symbol.asyncDispose]();
  await Promise.all([disposed, watch[Symbol.asyncDispose]()]);
  writeSome(writeFd, Buffer.from('late'));
  writeSome(other.writeFd, Buffer.from('x'));
  await others.until(() => others.bytes.length === 1);
  expect(ears.batches).toEqual([]);
  expect(ears.ends).toEqual([]);
});

test('a main thread that is late bounds what waits, and gets everything the kernel kept', async () => {
  const { readFd, writeFd } = pipe();
  const thread = startThread();
  const ears = new Ears();
  thread.watch(readFd, { maxBytes: 4096 }, ears);
  writeSome(writeFd, Buffer.alloc(4, 0xff));
  await ears.until(() => ears.bytes.length === 4); // the thread reads
  const block = Buffer.alloc(4096);
  const blocks = windowBytes(4096) / 4096 + PIPE_BYTES / 4096;
  for (let number = 0; number < blocks; number += 1) {
    expect(poll([{ fd: writeFd, events: POLLOUT }], 20_000)).toEqual([POLLOUT]);
    block.writeUInt32LE(number, 0);
    writeSome(writeFd, block); // this thread takes nothing meanwhile
  }
  expect(poll([{ fd: writeFd, events: POLLOUT }], 200)).toEqual([0]);
  const sent = 4 + blocks * 4096;
  await ears.until(() => ears.bytes.length === sent);
  expect(thread.pauses).toBeGreaterThan(0);
  const numbers = Array.from({ length: blocks }, (_, index) => ears.bytes.readUInt32LE(4 + index * 4096));
  expect(numbers).toEqual(numbers.map((_, index) => index));
  writeSome(writeFd, Buffer.from('on'));
  await ears.until(() => ears.bytes.length === sent + 2);
});

test('disposal ends the thread once and later watches are refused', async () => {
  const { readFd } = pipe();
  const thread = startThread();
  const ears = new Ears();
  const watch = thread.watch(readFd, { maxBytes: 64 }, ears);
  await thread[Symbol.asyncDispose]();
  await thread[Symbol.asyncDispose]();
  await watch[Symbol.asyncDispose]();
  expect(ears.ends).toEqual([]);
  expect(() => thread.watch(readFd, { maxBytes: 64 }, ears)).toThrow(
    expect.objectContaining({ code: 'IO_FAILED' }),
  );
});
