import type { ErrorKind } from '../../../core/app-error.ts';
import type { PictureFormat } from '../../../media/picture.ts';
import type { CaptureSpec } from './capture-spec.ts';

/** What a capture thread is started with. */
export interface CaptureThreadData {
  readonly spec: CaptureSpec;
  /** Eventfd that the owner raises after each command; the owner closes it once the thread has ended. */
  readonly wakeFd: number;
  /** Source counters, see `SOURCE_COUNTERS`. */
  readonly counters: SharedArrayBuffer;
  readonly stallTimeoutMs: number;
}

/** From the owner to the thread. */
export type CaptureCommand =
  | {
      readonly type: 'add-feed';
      readonly id: number;
      /** Borrowed from the owner until the thread says `feed-ended`, `format` or `lost`, or has ended. */
      readonly writeFd: number;
      /** Number of `format` events the owner had seen: a feed meant for an older format never starts. */
      readonly epoch: number;
      /** Feed counters, see `FEED_COUNTERS`. */
      readonly counters: SharedArrayBuffer;
    }
  | { readonly type: 'remove-feed'; readonly id: number }
  | { readonly type: 'watch'; readonly enabled: boolean }
  /** The owner is done with the last `picture`: the next may be sent. */
  | { readonly type: 'picture-handled' }
  | { readonly type: 'stop' };

/** From the thread to the owner. */
export type CaptureEvent =
  | { readonly type: 'opened'; readonly format: PictureFormat }
  /** Another format from now on; every feed that was added before has ended. */
  | { readonly type: 'format'; readonly format: PictureFormat }
  /** The thread will not touch this feed's descriptor again. */
  | { readonly type: 'feed-ended'; readonly id: number }
  | {
      readonly type: 'picture';
      readonly data: Uint8Array;
      readonly sequence: number;
      readonly capturedUs: number;
    }
  /** The source could not be opened or has ended. The last event. */
  | { readonly type: 'lost'; readonly code: string; readonly kind: ErrorKind; readonly message: string };

/*
 * Counters are shared memory, so that reading them costs no message. Only the thread writes. A Float64Array takes
 * plain stores: aligned 64-bit stores are not torn on the 64-bit machines the service is limited to.
 */

/** Places in the counters of a source. */
export const SOURCE_COUNTERS = { captured: 0, lost: 1 } as const;
/** Places in the counters of a feed. */
export const FEED_COUNTERS = { written: 0, skipped: 1 } as const;

/** Memory for two counters, at zero. */
export function newCounters(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT);
}
