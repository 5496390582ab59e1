import { STRUCTS, VALUES } from './layout.ts';
import { encodeLineConfig, type LineSettings } from './line-config.ts';

/*
 * What is asked of and answered by a chip and a line request, as bytes and as values.
 */

const REQUEST = STRUCTS.gpio_v2_line_request;
const INFO = STRUCTS.gpio_v2_line_info;
const ATTRIBUTE = STRUCTS.gpio_v2_line_attribute;
const CHIP = STRUCTS.gpiochip_info;

export interface RequestedLine {
  readonly offset: number;
  readonly settings: LineSettings;
}

/**
 * gpio_v2_line_request.
 * @param eventCount how many events the kernel keeps; it caps it at 1024.
 */
export function encodeLineRequest(
  lines: readonly RequestedLine[],
  consumer: string,
  eventCount: number,
): Buffer {
  const bytes = Buffer.alloc(REQUEST.sizeof);
  for (const [index, { offset }] of lines.entries()) bytes.writeUInt32LE(offset, REQUEST.offsets + index * 4);
  bytes.write(consumer, REQUEST.consumer, VALUES.GPIO_MAX_NAME_SIZE - 1);
  encodeLineConfig(lines.map(({ settings }) => settings)).copy(bytes, REQUEST.config);
  bytes.writeUInt32LE(lines.length, REQUEST.num_lines);
  bytes.writeUInt32LE(eventCount, REQUEST.event_buffer_size);
  return bytes;
}

/** The descriptor that the kernel has put into an answered request. */
export function requestDescriptor(bytes: Buffer): number {
  return bytes.readInt32LE(REQUEST.fd);
}

export interface ChipInfo {
  /** `gpiochip0` */
  readonly name: string;
  /** May be empty. */
  readonly label: string;
  readonly lines: number;
}

export function decodeChipInfo(bytes: Buffer): ChipInfo {
  return {
    name: textAt(bytes, CHIP.name),
    label: textAt(bytes, CHIP.label),
    lines: bytes.readUInt32LE(CHIP.lines),
  };
}

export interface LineInfo {
  /** May be empty. */
  readonly name: string;
  /** Who has requested it; may be empty even then. */
  readonly consumer: string;
  readonly isUsed: boolean;
  readonly isOutput: boolean;
  readonly debounceUs: number;
}

export function encodeLineInfoQuery(offset: number): Buffer {
  const bytes = Buffer.alloc(INFO.sizeof);
  bytes.writeUInt32LE(offset, INFO.offset);
  return bytes;
}

export function decodeLineInfo(bytes: Buffer): LineInfo {
  const flags = bytes.readBigUInt64LE(INFO.flags);
  const has = (flag: number): boolean => (flags & BigInt(flag)) !== 0n;
  return {
    name: textAt(bytes, INFO.name),
    consumer: textAt(bytes, INFO.consumer),
    isUsed: has(VALUES.GPIO_V2_LINE_FLAG_USED),
    isOutput: has(VALUES.GPIO_V2_LINE_FLAG_OUTPUT),
    debounceUs: debounceIn(bytes),
  };
}

function debounceIn(bytes: Buffer): number {
  const count = Math.min(bytes.readUInt32LE(INFO.num_attrs), VALUES.GPIO_V2_LINE_NUM_ATTRS_MAX);
  for (let index = 0; index < count; index += 1) {
    const at = INFO.attrs + index * ATTRIBUTE.sizeof;
    if (bytes.readUInt32LE(at + ATTRIBUTE.id) === VALUES.GPIO_V2_LINE_ATTR_ID_DEBOUNCE) {
      return bytes.readUInt32LE(at + ATTRIBUTE.debounce_period_us);
    }
  }
  return 0;
}

function textAt(bytes: Buffer, offset: number): string {
  const field = bytes.subarray(offset, offset + VALUES.GPIO_MAX_NAME_SIZE);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}

export function encodeLineValues(mask: bigint, bits: bigint): Buffer {
  const bytes = Buffer.alloc(STRUCTS.gpio_v2_line_values.sizeof);
  bytes.writeBigUInt64LE(bits, STRUCTS.gpio_v2_line_values.bits);
  bytes.writeBigUInt64LE(mask, STRUCTS.gpio_v2_line_values.mask);
  return bytes;
}

export function decodeLineValues(bytes: Buffer): bigint {
  return bytes.readBigUInt64LE(STRUCTS.gpio_v2_line_values.bits);
}
