/** A colour as ITU-R BT.601 limited-range luma and chroma. */
export interface Colour {
  readonly y: number;
  readonly u: number;
  readonly v: number;
}

/** A colour from red, green and blue between 0 and 255. */
export function colourOf(red: number, green: number, blue: number): Colour {
  return {
    y: Math.round(16 + (65.738 * red + 129.057 * green + 25.064 * blue) / 256),
    u: Math.round(128 + (-37.945 * red - 74.494 * green + 112.439 * blue) / 256),
    v: Math.round(128 + (112.439 * red - 94.154 * green - 18.285 * blue) / 256),
  };
}

/** The colour at `share` (0 to 1) of the way between two. */
export function mixColours(from: Colour, to: Colour, share: number): Colour {
  const between = (a: number, b: number) => Math.round(a + (b - a) * share);
  return { y: between(from.y, to.y), u: between(from.u, to.u), v: between(from.v, to.v) };
}
