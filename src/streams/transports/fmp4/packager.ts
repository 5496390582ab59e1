import type { AccessUnit, Track } from '../../../media/coded.ts';
import { fragment, initSegment } from '../../formats/isobmff/index.ts';

/**
 * Makes init segments and fragments once and hands the same bytes to every reader. What no reader holds any more
 * is forgotten with its access unit.
 */
export class Fmp4Packager {
  readonly #inits = new WeakMap<Track, Uint8Array>();
  readonly #fragments = new WeakMap<AccessUnit, Uint8Array>();

  /** The init segment of a track's epoch. Not to be written to. */
  init(track: Track): Uint8Array {
    let bytes = this.#inits.get(track);
    if (bytes === undefined) {
      bytes = initSegment([track]);
      this.#inits.set(track, bytes);
    }
    return bytes;
  }

  /** The fragment of one access unit. Not to be written to. */
  fragment(unit: AccessUnit): Uint8Array {
    let bytes = this.#fragments.get(unit);
    if (bytes === undefined) {
      bytes = fragment(unit);
      this.#fragments.set(unit, bytes);
    }
    return bytes;
  }
}
