/*
 * IEEE 754 binary16, the runtime's `float16`: sign, 5 bits of exponent (bias 15), 10 bits of fraction. Node 20 has no
 * array of them, so they are kept as their bits.
 */
const FRACTION = 1024;
const INFINITE = 31;

/** The bits of the nearest half; beyond 65504 infinity. */
export function toHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.min(2 ** 16, Math.abs(value));
  if (Number.isNaN(size)) return 0x7e00;
  // Below 2^-14 the step stays that of the smallest exponent.
  const exponent = size === 0 ? -14 : Math.max(-14, Math.floor(Math.log2(size)));
  const fraction = roundToEven((size / 2 ** exponent) * FRACTION);
  // A fraction that rounds up to 2048 carries into the exponent by itself.
  const bits = (exponent + 14) * FRACTION + fraction;
  return sign | Math.min(bits, INFINITE * FRACTION);
}

export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === INFINITE) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (FRACTION + fraction) * 2 ** (exponent - 25);
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
