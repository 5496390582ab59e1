import { isobmffInvalid } from '../errors.ts';

/** One box of a file or message. */
export interface Box {
  /** Four characters, one per byte. */
  readonly type: string;
  /** Where it begins, in the bytes given to `readBoxes`. */
  readonly offset: number;
  /** With its header. */
  readonly size: number;
  /** What follows the header, as a view; of a container this includes its children. */
  readonly body: Uint8Array;
  readonly children: readonly Box[];
}

/** Boxes that hold boxes, with the bytes of their own fields in front of the first. */
const CONTAINERS: ReadonlyMap<string, number> = new Map([
  ['moov', 0],
  ['trak', 0],
  ['edts', 0],
  ['mdia', 0],
  ['minf', 0],
  ['dinf', 0],
  ['dref', 8],
  ['stbl', 0],
  ['stsd', 8],
  ['avc1', 78],
  ['mvex', 0],
  ['moof', 0],
  ['traf', 0],
]);

const HEADER_BYTES = 8;
const LARGE_HEADER_BYTES = 16;
/** Value of a 32-bit size that is followed by a 64-bit one. */
const SIZE_IS_LARGE = 1;
/** Value of a 32-bit size whose box ends with the file. */
const SIZE_TO_END = 0;

const MAX_DEPTH = 12;
const MAX_BOXES = 100_000;

/** The header of one box. */
interface BoxHeader {
  readonly type: string;
  readonly headerBytes: number;
  /** With the header. */
  readonly size: number;
}

/**
 * Reads a box's header.
 *
 *   u32 size · 4 characters type · when size is 1: u64 largesize
 *
 * @param bytes begins with the box; 16 bytes are enough.
 * @param room bytes from there to the end of what holds the box.
 * @throws AppError FORMAT_ISOBMFF_INVALID when it is cut off, or larger than `room`.
 * @see ISO/IEC 14496-12 §4.2
 */
export function readBoxHeader(bytes: Uint8Array, room: number): BoxHeader {
  if (Math.min(bytes.length, room) < HEADER_BYTES) throw isobmffInvalid('a box header cut off');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = String.fromCharCode(...bytes.subarray(4, HEADER_BYTES));
  const size32 = view.getUint32(0);
  const headerBytes = size32 === SIZE_IS_LARGE ? LARGE_HEADER_BYTES : HEADER_BYTES;
  if (Math.min(bytes.length, room) < headerBytes)
    throw isobmffInvalid(`the header of ${quote(type)} cut off`);
  const size =
    size32 === SIZE_TO_END ? room : size32 === SIZE_IS_LARGE ? Number(view.getBigUint64(8)) : size32;
  if (size < headerBytes || size > room) {
    throw isobmffInvalid(`a size of ${size} for ${quote(type)} with ${room} bytes left`);
  }
  return { type, headerBytes, size };
}

/**
 * Reads a whole tree of boxes. Boxes that are not known to hold boxes are left as bytes.
 * @param bytes whole boxes, one after another.
 * @throws AppError FORMAT_ISOBMFF_INVALID when a box does not fit into what holds it, and above 100 000 boxes.
 */
export function readBoxes(bytes: Uint8Array): Box[] {
  let count = 0;

  function readLevel(start: number, end: number, depth: number): Box[] {
    if (depth > MAX_DEPTH) throw isobmffInvalid(`boxes more than ${MAX_DEPTH} deep`);
    const boxes: Box[] = [];
    for (let at = start; at < end; ) {
      count += 1;
      if (count > MAX_BOXES) throw isobmffInvalid(`more than ${MAX_BOXES} boxes`);
      const { type, headerBytes, size } = readBoxHeader(bytes.subarray(at, end), end - at);
      const ownFields = CONTAINERS.get(type);
      if (ownFields !== undefined && size < headerBytes + ownFields) {
        throw isobmffInvalid(`a ${type} of ${size} bytes, too small for its fields`);
      }
      const children =
        ownFields === undefined ? [] : readLevel(at + headerBytes + ownFields, at + size, depth + 1);
      boxes.push({ type, offset: at, size, body: bytes.subarray(at + headerBytes, at + size), children });
      at += size;
    }
    return boxes;
  }

  return readLevel(0, bytes.length, 1);
}

/** The first box at the end of a path of types, or undefined. */
export function findBox(boxes: readonly Box[], ...path: readonly string[]): Box | undefined {
  const [type, ...rest] = path;
  const found = boxes.find((box) => box.type === type);
  return rest.length === 0 ? found : found && findBox(found.children, ...rest);
}

/** A type comes from outside and may hold control characters. */
function quote(type: string): string {
  return JSON.stringify(type);
}
