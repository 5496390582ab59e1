import type { Fragment } from './fragment.ts';
import type { InitSegment } from './init-segment.ts';

const MAX_FRAGMENTS = 240;
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * What waits for the SourceBuffer, bounded in number and bytes. When it is full, everything before the newest sync
 * sample goes; without one in the queue everything goes, and fragments are refused until the next.
 */
export class AppendQueue {
  #segments: (InitSegment | Fragment)[] = [];
  #bytes = 0;
  #awaitsSync = true;
  /** Fragments that were thrown away because the SourceBuffer was too slow. */
  dropped = 0;

  get length(): number {
    return this.#segments.length;
  }

  push(segment: InitSegment | Fragment): void {
    if (segment.kind === 'init') {
      this.#awaitsSync = true;
    } else if (this.#awaitsSync && !segment.isSync) {
      this.dropped += 1;
      return;
    } else {
      this.#awaitsSync = false;
    }
    this.#segments.push(segment);
    this.#bytes += segment.bytes.byteLength;
    if (this.#segments.length > MAX_FRAGMENTS || this.#bytes > MAX_BYTES) this.#dropToNewestSync();
  }

  /** The segment to append next, left in place. */
  peek(): InitSegment | Fragment | undefined {
    return this.#segments[0];
  }

  shift(): InitSegment | Fragment | undefined {
    const segment = this.#segments.shift();
    this.#bytes -= segment?.bytes.byteLength ?? 0;
    return segment;
  }

  /** Forgets everything; the next segment in has to be an init segment or a sync sample. */
  clear(): void {
    this.#segments = [];
    this.#bytes = 0;
    this.#awaitsSync = true;
  }

  #dropToNewestSync(): void {
    const at = this.#segments.findLastIndex((segment) => segment.kind === 'fragment' && segment.isSync);
    const init = this.#segments
      .slice(0, at < 0 ? undefined : at)
      .findLast((segment) => segment.kind === 'init');
    // A lone group that is too large by itself cannot be shortened, only dropped.
    const kept = at > 1 ? this.#segments.slice(at) : [];
    const fragments = this.#segments.filter((segment) => segment.kind === 'fragment').length;
    this.clear();
    for (const segment of init === undefined ? kept : [init, ...kept]) this.push(segment);
    this.dropped += fragments - kept.length;
  }
}
