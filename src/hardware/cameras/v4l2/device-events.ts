import { basename } from 'node:path';
import { closeFd, openFolderWatch, openUeventSocket, readSome } from '../../../core/libc.ts';
import type { Roots } from './scanner.ts';
import { parseUevent } from './uevent.ts';

/** A descriptor that turns readable when devices may have come, gone, or become accessible. */
export interface DeviceEvents extends Disposable {
  readonly fd: number;
  /** Reads everything that waits. @returns whether any of it concerns a video node. */
  drain(): boolean;
}

/** A uevent is at most a page with its header; a read of inotify takes many events at once. */
const READ_BYTES = 8192;

/** The kernel's own messages. @throws ErrnoError where the socket is denied, as in some containers. */
export function openUevents(): DeviceEvents {
  return new ReadEvents(openUeventSocket(), (bytes) => parseUevent(bytes)?.subsystem === 'video4linux');
}

/**
 * Changes of /dev. They tell what uevents cannot: that a node has got its permissions, which udev sets a moment
 * after the kernel has made it.
 * @throws ErrnoError
 */
export function openNodeEvents({ dev }: Roots): DeviceEvents {
  return new ReadEvents(openFolderWatch(dev), (bytes) =>
    namesIn(bytes).some((name) => /^video\d+$/.test(basename(name))),
  );
}

class ReadEvents implements DeviceEvents {
  readonly fd: number;
  readonly #concernsVideo: (bytes: Buffer) => boolean;
  readonly #bytes = Buffer.alloc(READ_BYTES);
  #isOpen = true;

  constructor(fd: number, concernsVideo: (bytes: Buffer) => boolean) {
    this.fd = fd;
    this.#concernsVideo = concernsVideo;
  }

  drain(): boolean {
    let hasVideo = false;
    try {
      for (;;) {
        const count = readSome(this.fd, this.#bytes);
        if (count === undefined || count === 0) return hasVideo;
        hasVideo ||= this.#concernsVideo(this.#bytes.subarray(0, count));
      }
    } catch {
      // The queue overflowed (ENOBUFS): what was lost may have been about a camera.
      return true;
    }
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeFd(this.fd);
  }
}

/**
 * Names of the entries in a read of inotify, inotify(7):
 * int wd; u32 mask; u32 cookie; u32 len; char name[len], padded with NULs. A queue overflow has no name.
 */
export function namesIn(bytes: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at + 16 <= bytes.length; ) {
    const end = at + 16 + bytes.readUInt32LE(at + 12);
    const name = bytes.toString('utf8', at + 16, Math.min(end, bytes.length)).replace(/\0.*$/s, '');
    if (name !== '') names.push(name);
    at = end;
  }
  return names;
}
