/**
 * Reading of ISO base media boxes (ISO/IEC 14496-12 §4.2) from bytes that nobody has checked.
 *
 *   size (32) | type (32) | [largesize (64) when size = 1] | body …
 *
 * Every read is checked against the box it belongs to, so the work is bounded by the length of the message.
 */

/** The bytes are not what the wire format promises. */
export class MalformedMedia extends Error {
  override readonly name = 'MalformedMedia';
}

/** One box: a window on the message's bytes. Offsets are absolute in `view`. */
export interface Box {
  readonly view: DataView;
  readonly type: string;
  /** First byte of the box, where its size field stands. */
  readonly offset: number;
  /** First byte behind the header. */
  readonly body: number;
  /** First byte behind the box. */
  readonly end: number;
}

const HEADER_BYTES = 8;
const LARGE_HEADER_BYTES = 16;

/** The whole message as a box without header, so that its boxes are read like children. */
export function messageBox(bytes: Uint8Array): Box {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { view, type: 'message', offset: 0, body: 0, end: bytes.byteLength };
}

/**
 * The boxes inside `parent`, in order.
 * @param skip bytes of the parent's own fields that stand before its first child.
 * @throws MalformedMedia when a child is cut off or larger than its parent.
 */
export function childBoxes(parent: Box, skip = 0): Box[] {
  const boxes: Box[] = [];
  for (let offset = parent.body + skip; offset < parent.end; ) {
    const box = boxAt(parent, offset);
    boxes.push(box);
    offset = box.end;
  }
  return boxes;
}

/** The first child of that type, or undefined. */
export function findBox(parent: Box, type: string, skip = 0): Box | undefined {
  return childBoxes(parent, skip).find((box) => box.type === type);
}

/** The box at the end of a path of types. @throws MalformedMedia naming the missing box. */
export function requireBox(parent: Box, ...path: readonly string[]): Box {
  return path.reduce((box, type) => {
    const child = findBox(box, type);
    if (child === undefined) throw new MalformedMedia(`expected a ${type} box in ${box.type}`);
    return child;
  }, parent);
}

/** Bytes of a field inside a box's body; `at` counts from the body's start. @throws MalformedMedia when outside. */
export function uint32(box: Box, at: number): number {
  return box.view.getUint32(checked(box, at, 4));
}

/** @throws MalformedMedia when outside the box. */
export function int32(box: Box, at: number): number {
  return box.view.getInt32(checked(box, at, 4));
}

/** @throws MalformedMedia when outside the box. */
export function uint16(box: Box, at: number): number {
  return box.view.getUint16(checked(box, at, 2));
}

/** @throws MalformedMedia when outside the box. */
export function uint8(box: Box, at: number): number {
  return box.view.getUint8(checked(box, at, 1));
}

/** A 64-bit field as a number. @throws MalformedMedia when outside the box or beyond 2^53. */
export function uint64(box: Box, at: number): number {
  const value = uint32(box, at) * 2 ** 32 + uint32(box, at + 4);
  if (value > Number.MAX_SAFE_INTEGER) throw new MalformedMedia(`64-bit field of ${box.type} is beyond 2^53`);
  return value;
}

function boxAt(parent: Box, offset: number): Box {
  const { view } = parent;
  const left = parent.end - offset;
  if (left < HEADER_BYTES) throw new MalformedMedia(`${left} stray bytes at the end of ${parent.type}`);
  const size32 = view.getUint32(offset);
  const type = String.fromCharCode(...[4, 5, 6, 7].map((at) => view.getUint8(offset + at)));
  const isLarge = size32 === 1;
  const header = isLarge ? LARGE_HEADER_BYTES : HEADER_BYTES;
  if (left < header) throw new MalformedMedia(`header of ${type} is cut off`);
  const size = isLarge ? view.getUint32(offset + 8) * 2 ** 32 + view.getUint32(offset + 12) : size32;
  if (size < header || size > left) {
    throw new MalformedMedia(`${type} claims ${size} bytes where ${left} are left in ${parent.type}`);
  }
  return { view, type, offset, body: offset + header, end: offset + size };
}

function checked(box: Box, at: number, length: number): number {
  const position = box.body + at;
  if (position + length > box.end) throw new MalformedMedia(`${box.type} ends before its field at ${at}`);
  return position;
}
