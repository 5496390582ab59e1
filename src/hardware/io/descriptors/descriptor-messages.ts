import type { StopCommand } from '../../../core/polling-thread.ts';

/** From the owner to the thread. */
export type DescriptorCommand =
  | { readonly type: 'watch'; readonly id: number; readonly fd: number; readonly maxBytes: number }
  | { readonly type: 'unwatch'; readonly id: number }
  /** The owner has dealt with so many more bytes of this descriptor. */
  | { readonly type: 'taken'; readonly id: number; readonly bytes: number }
  | StopCommand;

/** From the thread to the owner. */
export type DescriptorEvent =
  | { readonly type: 'bytes'; readonly id: number; readonly bytes: Uint8Array; readonly readUs: number }
  /** The owner is late: the descriptor is left unread until it has taken what waits. */
  | { readonly type: 'paused'; readonly id: number }
  /** The descriptor is no longer watched, by itself. */
  | { readonly type: 'ended'; readonly id: number; readonly reason: string }
  /** The descriptor is no longer watched, as asked. */
  | { readonly type: 'unwatched'; readonly id: number };

const LEAST_WINDOW_BYTES = 512 * 1024;

/** Most bytes of one descriptor that wait for the owner; what exceeds it by one read stays with the kernel. */
export function windowBytes(maxBytes: number): number {
  return Math.max(LEAST_WINDOW_BYTES, 4 * maxBytes);
}
