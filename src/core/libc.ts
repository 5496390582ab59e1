import koffi from 'koffi';
import { AppError } from './app-error.ts';

/**
 * The C library calls that Node has no binding for, through koffi. Every foreign call of the service is declared
 * here, so that leaving koffi means rewriting one file. 64-bit little-endian Linux only: structure layouts that
 * callers pass as bytes assume it.
 */
const libc = koffi.load(null);

const native = {
  ioctl: libc.func('int ioctl(int fd, unsigned long request, _Inout_ void *argument)'),
  poll: libc.func('int poll(_Inout_ void *fds, unsigned long count, int timeout)'),
  pipe2: libc.func('int pipe2(_Out_ int *fds, int flags)'),
  fcntl: libc.func('int fcntl(int fd, int command, long argument)'),
  read: libc.func('long read(int fd, void *buffer, size_t count)'),
  write: libc.func('long write(int fd, const void *buffer, size_t count)'),
  close: libc.func('int close(int fd)'),
  mmap: libc.func('void *mmap(void *address, size_t length, int protection, int flags, int fd, long offset)'),
  munmap: libc.func('int munmap(void *address, size_t length)'),
  eventfd: libc.func('int eventfd(unsigned int initial, int flags)'),
  _exit: libc.func('void _exit(int status)'),
  clock_gettime: libc.func('int clock_gettime(int clock, void *time)'),
  timerfd_create: libc.func('int timerfd_create(int clock, int flags)'),
  timerfd_settime: libc.func('int timerfd_settime(int fd, int flags, const void *value, void *old)'),
  socket: libc.func('int socket(int domain, int type, int protocol)'),
  bind: libc.func('int bind(int fd, const void *address, unsigned int length)'),
  inotify_init1: libc.func('int inotify_init1(int flags)'),
  inotify_add_watch: libc.func('int inotify_add_watch(int fd, const char *path, unsigned int mask)'),
  strerror: libc.func('const char *strerror(int errnum)'),
};

/** errno values the service tells apart (asm-generic/errno-base.h, errno.h). */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  EAGAIN: 11,
  EACCES: 13,
  EBUSY: 16,
  ENODEV: 19,
  EINVAL: 22,
  ENOTTY: 25,
  ENOSPC: 28,
  EPIPE: 32,
  ERANGE: 34,
  EPROTO: 71,
  ENODATA: 61,
  EOPNOTSUPP: 95,
  /** Inside the kernel only, but some drivers let it out (linux/errno.h). */
  ENOTSUPP: 524,
} as const;

/** A failed C library call. `errno` tells why; callers turn it into an error of their own area. */
export class ErrnoError extends AppError {
  readonly errno: number;
  constructor(call: string, errno: number) {
    super('SYSTEM_CALL_FAILED', 'internal', `${call}: ${native.strerror(errno)} (errno ${errno})`);
    this.name = 'ErrnoError';
    this.errno = errno;
  }
}

const fail = (call: string): never => {
  throw new ErrnoError(call, koffi.errno());
};

/** Repeats a call that a signal interrupted (EINTR). */
function checked(call: string, run: () => number): number {
  for (;;) {
    const result = run();
    if (result >= 0) return result;
    if (koffi.errno() !== ERRNO.EINTR) return fail(call);
  }
}

/**
 * ioctl(2) with a structure as bytes, changed in place.
 * @throws ErrnoError
 */
export function ioctl(
  fd: number,
  request: number,
  argument: Buffer,
  name = `ioctl 0x${request.toString(16)}`,
): void {
  checked(name, () => native.ioctl(fd, request, argument));
}

/**
 * ioctl(2) for calls that are expected to fail: the end of an enumeration, nothing to dequeue.
 * @returns 0, or the errno.
 */
export function tryIoctl(fd: number, request: number, argument: Buffer): number {
  for (;;) {
    if (native.ioctl(fd, request, argument) >= 0) return 0;
    const errno = koffi.errno();
    if (errno !== ERRNO.EINTR) return errno;
  }
}

/** Where bytes lie in memory, for structures that point to others. The caller keeps `bytes` alive during the call. */
export function addressOf(bytes: Buffer): bigint {
  return koffi.address(bytes);
}

export const POLLIN = 0x001;
export const POLLPRI = 0x002;
export const POLLOUT = 0x004;
export const POLLERR = 0x008;
export const POLLHUP = 0x010;
export const POLLNVAL = 0x020;

export interface PollEntry {
  readonly fd: number;
  readonly events: number;
}

/**
 * poll(2). Blocks the calling thread: for worker threads only.
 * @param timeoutMs −1 waits for ever, 0 looks once.
 * @returns the returned events of each entry, in order; all zero when the time ran out.
 */
export function poll(entries: readonly PollEntry[], timeoutMs: number): number[] {
  // struct pollfd { int fd; short events; short revents; }, 8 bytes
  const bytes = Buffer.alloc(entries.length * 8);
  entries.forEach(({ fd, events }, index) => {
    bytes.writeInt32LE(fd, index * 8);
    bytes.writeInt16LE(events, index * 8 + 4);
  });
  checked('poll', () => native.poll(bytes, entries.length, timeoutMs));
  return entries.map((_, index) => bytes.readInt16LE(index * 8 + 6));
}

export const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const F_GETFL = 3;
const F_SETFL = 4;
const F_SETPIPE_SZ = 1031;

/** Both ends of a pipe that no child inherits by accident. */
export interface Pipe {
  readonly readFd: number;
  readonly writeFd: number;
}

/**
 * A pipe with the largest buffer an unprivileged process may have, at most `capacityBytes`.
 * The write end does not block; the read end does, as programs expect of their standard input.
 */
export function openPipe(capacityBytes = 1 << 20): Pipe {
  const fds = [0, 0];
  checked('pipe2', () => native.pipe2(fds, O_CLOEXEC));
  const [readFd, writeFd] = fds as [number, number]; // pipe2 fills both on success
  for (let size = capacityBytes; size > 65_536; size /= 2) {
    if (native.fcntl(writeFd, F_SETPIPE_SZ, size) >= 0) break;
  }
  setNonBlocking(writeFd);
  return { readFd, writeFd };
}

/** Sets O_NONBLOCK on a descriptor. */
export function setNonBlocking(fd: number): void {
  const flags = checked('fcntl F_GETFL', () => native.fcntl(fd, F_GETFL, 0));
  checked('fcntl F_SETFL', () => native.fcntl(fd, F_SETFL, flags | O_NONBLOCK));
}

/**
 * write(2) on a non-blocking descriptor.
 * @returns the bytes taken; 0 when the descriptor takes none now (EAGAIN).
 * @throws ErrnoError (EPIPE once the reader is gone; Node ignores SIGPIPE).
 */
export function writeSome(fd: number, bytes: Uint8Array): number {
  for (;;) {
    const written = Number(native.write(fd, bytes, bytes.byteLength));
    if (written >= 0) return written;
    const errno = koffi.errno();
    if (errno === ERRNO.EAGAIN) return 0;
    if (errno !== ERRNO.EINTR) throw new ErrnoError('write', errno);
  }
}

/**
 * read(2) on a non-blocking descriptor.
 * @returns the bytes read; 0 at the end; undefined when there is nothing now (EAGAIN).
 */
export function readSome(fd: number, into: Uint8Array): number | undefined {
  for (;;) {
    const count = Number(native.read(fd, into, into.byteLength));
    if (count >= 0) return count;
    const errno = koffi.errno();
    if (errno === ERRNO.EAGAIN) return undefined;
    if (errno !== ERRNO.EINTR) throw new ErrnoError('read', errno);
  }
}

/** close(2), for descriptors opened here. */
export function closeFd(fd: number): void {
  if (native.close(fd) < 0) fail('close');
}

/** Memory shared with a device. `bytes` views it without a copy and must not be used after `unmap`. */
export interface Mapping {
  readonly bytes: Uint8Array;
  unmap(): void;
}

const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;

/** mmap(2), shared, readable and writable. */
export function mapShared(fd: number, offset: number, lengthBytes: number): Mapping {
  const address = native.mmap(null, lengthBytes, PROT_READ_WRITE, MAP_SHARED, fd, offset);
  if (BigInt.asIntN(64, koffi.address(address)) === -1n) fail('mmap');
  return {
    bytes: new Uint8Array(koffi.view(address, lengthBytes)),
    unmap: () => {
      if (native.munmap(address, lengthBytes) < 0) fail('munmap');
    },
  };
}

/**
 * Ends the process at once. Unlike process.exit() it does not wait for threads, which may be inside a system call that
 * never returns; nothing is flushed or closed but by the kernel.
 */
export function exitNow(status: number): void {
  native._exit(status);
}

const CLOCK_REALTIME = 0;

/** CLOCK_REALTIME now, Unix time in microseconds. Unlike Date.now() it is finer than a millisecond. */
export function realtimeUs(): number {
  const time = Buffer.allocUnsafe(16); // struct timespec
  native.clock_gettime(CLOCK_REALTIME, time);
  return Number(time.readBigInt64LE(0)) * 1e6 + Math.floor(Number(time.readBigInt64LE(8)) / 1000);
}

const EFD_FLAGS = O_NONBLOCK | O_CLOEXEC;

/** A counter that another thread can raise to wake a poll: `writeSome(fd, EVENTFD_ONE)`, `readSome` clears it. */
export function openEventFd(): number {
  return checked('eventfd', () => native.eventfd(0, EFD_FLAGS));
}
export const EVENTFD_ONE: Uint8Array = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);

const CLOCK_MONOTONIC = 1;
const TFD_TIMER_ABSTIME = 1;

/** A timer descriptor on CLOCK_MONOTONIC, readable when it expires; `readSome` gives 8 bytes, the count of expirations. */
export function openTimerFd(): number {
  return checked('timerfd_create', () => native.timerfd_create(CLOCK_MONOTONIC, O_NONBLOCK | O_CLOEXEC));
}

/** Sets a timer descriptor: first expiry at an absolute time, then every interval. 0 and 0 disarm it. */
export function setTimerFd(fd: number, firstUs: number, intervalUs: number): void {
  // struct itimerspec { struct timespec it_interval, it_value; }, 4 × 8 bytes
  const bytes = Buffer.alloc(32);
  bytes.writeBigInt64LE(BigInt(Math.floor(intervalUs / 1e6)), 0);
  bytes.writeBigInt64LE(BigInt(Math.round(intervalUs % 1e6) * 1000), 8);
  bytes.writeBigInt64LE(BigInt(Math.floor(firstUs / 1e6)), 16);
  bytes.writeBigInt64LE(BigInt(Math.round(firstUs % 1e6) * 1000), 24);
  checked('timerfd_settime', () => native.timerfd_settime(fd, TFD_TIMER_ABSTIME, bytes, null));
}

const AF_NETLINK = 16;
const SOCK_DGRAM = 2;
const NETLINK_KOBJECT_UEVENT = 15;

/** A non-blocking netlink socket that receives the kernel's uevents (group 1), linux/netlink.h. */
export function openUeventSocket(): number {
  const fd = checked('socket', () =>
    native.socket(AF_NETLINK, SOCK_DGRAM | O_NONBLOCK | O_CLOEXEC, NETLINK_KOBJECT_UEVENT),
  );
  // struct sockaddr_nl { u16 family; u16 pad; u32 pid; u32 groups; }
  const address = Buffer.alloc(12);
  address.writeUInt16LE(AF_NETLINK, 0);
  address.writeUInt32LE(1, 8);
  if (native.bind(fd, address, address.length) < 0) {
    const error = new ErrnoError('bind netlink', koffi.errno());
    closeFd(fd);
    throw error;
  }
  return fd;
}

// IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE, linux/inotify.h; the init flags equal open(2)'s.
const IN_ENTRIES = 0x3c4;

/**
 * A non-blocking inotify descriptor that turns readable when an entry of the folder comes, goes, or changes its
 * owner or mode. What is read from it is a list of struct inotify_event.
 */
export function openFolderWatch(path: string): number {
  const fd = checked('inotify_init1', () => native.inotify_init1(O_NONBLOCK | O_CLOEXEC));
  if (native.inotify_add_watch(fd, path, IN_ENTRIES) < 0) {
    const error = new ErrnoError(`inotify_add_watch ${path}`, koffi.errno());
    closeFd(fd);
    throw error;
  }
  return fd;
}
