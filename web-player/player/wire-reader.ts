import { childBoxes, MalformedMedia, messageBox } from './box.ts';
import { type Fragment, readFragment } from './fragment.ts';
import { type InitSegment, readInitSegment } from './init-segment.ts';

/** No picture of a camera comes near this. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/** Reads the binary messages of one connection, in order: an init segment first, then fragments or new init segments. */
export class WireReader {
  #init: InitSegment | undefined;

  /**
   * @param bytes one message; it becomes part of what is returned.
   * @returns undefined for an empty message, which older services send.
   * @throws MalformedMedia for anything that is neither an init segment nor a fragment of the present one.
   */
  read(bytes: Uint8Array): InitSegment | Fragment | undefined {
    if (bytes.byteLength === 0) return undefined;
    if (bytes.byteLength > MAX_MESSAGE_BYTES)
      throw new MalformedMedia(`message of ${bytes.byteLength} bytes`);
    const message = messageBox(bytes);
    if (childBoxes(message).some((box) => box.type === 'moov')) {
      this.#init = readInitSegment(message);
      return this.#init;
    }
    if (this.#init === undefined) throw new MalformedMedia('expected an init segment as the first message');
    return readFragment(message, this.#init);
  }
}
