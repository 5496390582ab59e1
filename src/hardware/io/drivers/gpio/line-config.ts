import { STRUCTS, VALUES } from './layout.ts';

const CONFIG = STRUCTS.gpio_v2_line_config;
const CONFIG_ATTRIBUTE = STRUCTS.gpio_v2_line_config_attribute;
const ATTRIBUTE = STRUCTS.gpio_v2_line_attribute;

/** What is asked of one line of a request. */
export interface LineSettings {
  /** GPIO_V2_LINE_FLAG_*, added together. Without INPUT or OUTPUT the line is left as it is. */
  readonly flags: number;
  /** 0: not debounced. Inputs only. */
  readonly debounceUs?: number;
  /** What an output is set to, logical. */
  readonly value?: 0 | 1;
}

interface Attribute {
  readonly id: number;
  readonly value: bigint;
  readonly mask: bigint;
}

/**
 * gpio_v2_line_config. The flags that most lines have are its own; others, values and debounce periods become
 * attributes, one for each that differs.
 * @throws RangeError when the lines need more attributes than there are; `countAttributes` tells beforehand.
 */
export function encodeLineConfig(lines: readonly LineSettings[]): Buffer {
  const { flags, attributes } = summarise(lines);
  if (attributes.length > VALUES.GPIO_V2_LINE_NUM_ATTRS_MAX) {
    throw new RangeError(`${attributes.length} attributes do not fit into one request`);
  }
  const bytes = Buffer.alloc(CONFIG.sizeof);
  bytes.writeBigUInt64LE(BigInt(flags), CONFIG.flags);
  bytes.writeUInt32LE(attributes.length, CONFIG.num_attrs);
  attributes.forEach(({ id, value, mask }, index) => {
    const at = CONFIG.attrs + index * CONFIG_ATTRIBUTE.sizeof;
    bytes.writeUInt32LE(id, at + CONFIG_ATTRIBUTE.attr + ATTRIBUTE.id);
    bytes.writeBigUInt64LE(value, at + CONFIG_ATTRIBUTE.attr + ATTRIBUTE.values);
    bytes.writeBigUInt64LE(mask, at + CONFIG_ATTRIBUTE.mask);
  });
  return bytes;
}

/** How many attributes the lines need; GPIO_V2_LINE_NUM_ATTRS_MAX fit. */
export function countAttributes(lines: readonly LineSettings[]): number {
  return summarise(lines).attributes.length;
}

/** Bits of lines by their index in the request. */
export function maskOf(indices: Iterable<number>): bigint {
  let mask = 0n;
  for (const index of indices) mask |= 1n << BigInt(index);
  return mask;
}

function summarise(lines: readonly LineSettings[]): { flags: number; attributes: Attribute[] } {
  const byFlags = masksBy(lines, ({ flags }) => flags);
  const [common, ...others] = [...byFlags].sort(([, a], [, b]) => count(b) - count(a));
  const attributes: Attribute[] = others.map(([flags, mask]) => {
    return { id: VALUES.GPIO_V2_LINE_ATTR_ID_FLAGS, value: BigInt(flags), mask };
  });
  for (const [periodUs, mask] of masksBy(lines, ({ debounceUs }) => debounceUs || undefined)) {
    attributes.push({ id: VALUES.GPIO_V2_LINE_ATTR_ID_DEBOUNCE, value: BigInt(periodUs), mask });
  }
  const byValue = masksBy(lines, ({ value }) => value);
  if (byValue.size > 0) {
    const active = byValue.get(1) ?? 0n;
    const mask = active | (byValue.get(0) ?? 0n);
    attributes.push({ id: VALUES.GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES, value: active, mask });
  }
  return { flags: common?.[0] ?? 0, attributes };
}

/** Each value that lines have, with the lines that have it. */
function masksBy(
  lines: readonly LineSettings[],
  propertyOf: (line: LineSettings) => number | undefined,
): Map<number, bigint> {
  const masks = new Map<number, bigint>();
  lines.forEach((line, index) => {
    const value = propertyOf(line);
    if (value !== undefined) masks.set(value, (masks.get(value) ?? 0n) | maskOf([index]));
  });
  return masks;
}

function count(mask: bigint): number {
  let bits = 0;
  for (let rest = mask; rest > 0n; rest &= rest - 1n) bits += 1;
  return bits;
}
