import { systemClock } from '../../../core/clock.ts';
import { POLLERR, POLLHUP, POLLIN, POLLNVAL, poll, readSome } from '../../../core/libc.ts';
import { pollingThread } from '../../../core/polling-thread.ts';
import { type DescriptorCommand, type DescriptorEvent, windowBytes } from './descriptor-messages.ts';

/*
 * Entry of the thread that reads descriptors. It never drops: what the owner is late to take stays with the kernel,
 * whose queues drop by rules of their own and number what they hand out.
 */

interface Watched {
  readonly id: number;
  readonly fd: number;
  readonly buffer: Buffer;
  readonly windowBytes: number;
  /** Posted and not yet taken. */
  waitingBytes: number;
}

const FAULTS = [
  [POLLERR, 'POLLERR'],
  [POLLHUP, 'POLLHUP'],
  [POLLNVAL, 'POLLNVAL'],
] as const;

const owner = pollingThread<undefined, DescriptorCommand, DescriptorEvent>();
const watched = new Map<number, Watched>();
run();

/** Returns when the owner says stop. */
function run(): void {
  for (;;) {
    const all = [...watched.values()];
    const fds = all.map((each) => (isPaused(each) ? -1 : each.fd)); // poll(2) ignores negative ones
    const [woken, ...ready] = poll(
      [owner.wakeFd, ...fds].map((fd) => ({ fd, events: POLLIN })),
      -1,
    );
    for (const [index, each] of all.entries()) serve(each, ready[index] ?? 0);
    for (const command of woken === 0 ? [] : owner.receive()) {
      if (command.type === 'stop') return;
      obey(command);
    }
  }
}

function obey(command: Exclude<DescriptorCommand, { type: 'stop' }>): void {
  switch (command.type) {
    case 'watch': {
      const { id, fd, maxBytes } = command;
      const buffer = Buffer.allocUnsafe(maxBytes);
      watched.set(id, { id, fd, buffer, windowBytes: windowBytes(maxBytes), waitingBytes: 0 });
      return;
    }
    case 'unwatch':
      if (watched.delete(command.id)) owner.post({ type: 'unwatched', id: command.id });
      return;
    case 'taken': {
      const taken = watched.get(command.id);
      if (taken !== undefined) taken.waitingBytes -= command.bytes;
      return;
    }
    default:
      command satisfies never;
  }
}

function isPaused({ waitingBytes, windowBytes }: Watched): boolean {
  return waitingBytes >= windowBytes;
}

/** Reads what is there; a descriptor that was hung up ends once it is empty. */
function serve(each: Watched, revents: number): void {
  if (revents === 0) return;
  const faults = FAULTS.filter(([bit]) => (revents & bit) !== 0).map(([, name]) => name);
  if ((revents & POLLIN) === 0) {
    end(each, faults.join(', '));
    return;
  }
  try {
    const count = readSome(each.fd, each.buffer);
    if (count === undefined && faults.length === 0) return;
    if (count === undefined || count === 0) end(each, faults.join(', ') || 'end of file');
    else post(each, count);
  } catch (error) {
    end(each, error instanceof Error ? error.message : String(error));
  }
}

function post(each: Watched, count: number): void {
  const readUs = systemClock.monotonicUs();
  const bytes = Uint8Array.from(each.buffer.subarray(0, count));
  owner.post({ type: 'bytes', id: each.id, bytes, readUs }, [bytes.buffer]);
  each.waitingBytes += count;
  if (isPaused(each)) owner.post({ type: 'paused', id: each.id });
}

function end({ id }: Watched, reason: string): void {
  watched.delete(id);
  owner.post({ type: 'ended', id, reason });
}
