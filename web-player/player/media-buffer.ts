import { AppendQueue } from './append-queue.ts';
import type { Fragment } from './fragment.ts';
import type { InitSegment } from './init-segment.ts';
import { MediaTimeline, type Placement, stretchDuration } from './media-timeline.ts';

/** Seconds behind the playhead that stay, so that a small seek back needs no decoding from elsewhere. */
const KEEP_BEHIND_S = 2;
/** A removal ends this much before a sync sample, so that rounding never takes the sample itself. */
const SYNC_MARGIN_S = 0.001;

/** ManagedMediaSource (Safari on iPhones has nothing else): the same, but the browser says when it wants data. */
interface ManagedMediaSource extends MediaSource {
  readonly streaming: boolean;
}
type MediaSourceClass = Pick<typeof MediaSource, 'isTypeSupported'> & (new () => MediaSource);

export interface MediaBufferListener {
  /** The fragment is about to be appended at that place of the element's timeline. */
  onPlaced(fragment: Fragment, placement: Placement): void;
  /** Appended; the element's buffered ranges are up to date. */
  onAppended(): void;
  /** The buffer is of no use any more: make a new one. */
  onFailed(message: string): void;
}

/** The browser's class for media by segments, or undefined where there is none. */
export function mediaSourceClass(): MediaSourceClass | undefined {
  // ManagedMediaSource is not in the DOM library.
  const scope = globalThis as { MediaSource?: MediaSourceClass; ManagedMediaSource?: MediaSourceClass };
  return scope.MediaSource ?? scope.ManagedMediaSource;
}

/**
 * A media element's MediaSource with one SourceBuffer in `segments` mode. Takes init segments and fragments in the
 * order of the wire, appends what waits in one piece, and removes what has been played. Disposing it empties the element.
 */
export class MediaBuffer {
  readonly #video: HTMLVideoElement;
  readonly #listener: MediaBufferListener;
  readonly #mediaSource: MediaSource;
  readonly #mediaSourceClass: MediaSourceClass;
  readonly #objectUrl: string;
  readonly #queue = new AppendQueue();
  readonly #timeline = new MediaTimeline();
  #sourceBuffer: SourceBuffer | undefined;
  #codec = '';
  #timescale = 1;
  /** Taken from the queue, and to be appended again when the buffer was full. */
  #chunk: Uint8Array<ArrayBuffer> | undefined;
  #syncStartsS: number[] = [];
  #isHeld = false;
  #isDisposed = false;

  constructor(video: HTMLVideoElement, mediaSource: MediaSourceClass, listener: MediaBufferListener) {
    this.#video = video;
    this.#listener = listener;
    this.#mediaSourceClass = mediaSource;
    this.#mediaSource = new mediaSource();
    this.#mediaSource.addEventListener('sourceopen', this.#pump);
    this.#mediaSource.addEventListener('startstreaming', this.#pump);
    // A ManagedMediaSource opens only on elements that cannot be sent to another device.
    video.disableRemotePlayback = true;
    this.#objectUrl = URL.createObjectURL(this.#mediaSource);
    video.src = this.#objectUrl;
  }

  /** Fragments dropped because the browser could not keep up. */
  get dropped(): number {
    return this.#queue.dropped;
  }

  /** Collects segments without appending them, until `release`. What waited from before is forgotten. */
  hold(): void {
    this.#isHeld = true;
    this.#chunk = undefined;
    this.#queue.clear();
  }

  /** Appends what was collected, in one piece. */
  release(): void {
    this.#isHeld = false;
    this.#pump();
  }

  push(segment: InitSegment | Fragment): void {
    this.#queue.push(segment);
    this.#pump();
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#queue.clear();
    this.#mediaSource.removeEventListener('sourceopen', this.#pump);
    this.#mediaSource.removeEventListener('startstreaming', this.#pump);
    this.#sourceBuffer?.removeEventListener('updateend', this.#onUpdateEnd);
    this.#sourceBuffer?.removeEventListener('error', this.#onError);
    URL.revokeObjectURL(this.#objectUrl);
    if (this.#video.src === this.#objectUrl) {
      this.#video.removeAttribute('src');
      this.#video.load();
    }
  }

  readonly #pump = (): void => {
    const { streaming = true } = this.#mediaSource as Partial<ManagedMediaSource>; // absent from a plain MediaSource
    const isReady =
      !this.#isDisposed && !this.#isHeld && streaming && this.#mediaSource.readyState === 'open';
    if (!isReady || this.#sourceBuffer?.updating) return;
    try {
      this.#appendNext();
    } catch (error) {
      const isFull = error instanceof DOMException && error.name === 'QuotaExceededError';
      if (!isFull || !this.#removePlayed(0)) this.#fail(`append: ${String(error)}`);
    }
  };

  #appendNext(): void {
    this.#chunk ??= this.#nextChunk();
    if (this.#chunk === undefined) return;
    this.#sourceBuffer?.appendBuffer(this.#chunk);
    this.#chunk = undefined;
  }

  /** An init segment, or as many waiting fragments as follow each other without a shift of the timeline. */
  #nextChunk(): Uint8Array<ArrayBuffer> | undefined {
    const first = this.#queue.shift();
    if (first === undefined) return undefined;
    if (first.kind === 'init') {
      this.#configure(first);
      return concatenated([first.bytes]);
    }
    const run = [this.#place(first)];
    for (let next = this.#queue.peek(); next?.kind === 'fragment'; next = this.#queue.peek()) {
      if (!this.#timeline.continues(next, this.#timescale)) break;
      this.#queue.shift();
      run.push(this.#place(next));
    }
    return concatenated(run);
  }

  #place(fragment: Fragment): Uint8Array {
    const placement = this.#timeline.place(fragment, this.#timescale);
    const sourceBuffer = this.#sourceBuffer;
    if (sourceBuffer && sourceBuffer.timestampOffset !== placement.offsetS) {
      sourceBuffer.timestampOffset = placement.offsetS;
    }
    if (fragment.isSync) this.#syncStartsS.push(placement.startS);
    stretchDuration(fragment);
    this.#listener.onPlaced(fragment, placement);
    return fragment.bytes;
  }

  #configure(init: InitSegment): void {
    const type = `video/mp4; codecs="${init.codec}"`;
    if (!this.#mediaSourceClass.isTypeSupported(type))
      throw new Error(`this browser cannot play ${init.codec}`);
    this.#timescale = init.timescale;
    if (this.#sourceBuffer === undefined) {
      this.#sourceBuffer = this.#mediaSource.addSourceBuffer(type);
      this.#sourceBuffer.mode = 'segments';
      this.#sourceBuffer.addEventListener('updateend', this.#onUpdateEnd);
      this.#sourceBuffer.addEventListener('error', this.#onError);
    } else if (init.codec !== this.#codec) {
      this.#sourceBuffer.changeType(type);
    }
    this.#codec = init.codec;
  }

  readonly #onUpdateEnd = (): void => {
    this.#listener.onAppended();
    // The event comes a little after the fact: the next append may have begun.
    const isFree = !this.#sourceBuffer?.updating;
    if (isFree && !this.#removePlayed(KEEP_BEHIND_S)) this.#pump();
  };

  readonly #onError = (): void => this.#fail('the browser refused a segment');

  /**
   * Starts to remove whole groups of pictures behind the playhead: a removal takes everything up to the next sync
   * sample with it, so it may only end where one stands.
   * @returns false when there is nothing to remove.
   */
  #removePlayed(keepS: number): boolean {
    const buffered = this.#sourceBuffer?.buffered;
    if (this.#isDisposed || buffered === undefined || buffered.length === 0) return false;
    const at = this.#syncStartsS.findLastIndex((startS) => startS <= this.#video.currentTime - keepS);
    const endS = (this.#syncStartsS[at] ?? 0) - SYNC_MARGIN_S;
    if (endS <= buffered.start(0) + SYNC_MARGIN_S) return false;
    this.#syncStartsS.splice(0, at);
    this.#sourceBuffer?.remove(0, endS);
    return true;
  }

  #fail(message: string): void {
    if (!this.#isDisposed) this.#listener.onFailed(message);
  }
}

/** One buffer of several: an append each would cost an event each. */
function concatenated(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
