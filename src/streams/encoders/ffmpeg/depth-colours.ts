/** Distances between which the colours change, in the unit of the values: millimetres on most cameras. */
const NEAREST = 200;
const FARTHEST = 10_000;

/** 0 at the nearest distance, 1 at the farthest. Equal ratios of distance are equal steps, as depth errs in ratios. */
const DISTANCE = `clip(log(max(val,${NEAREST})/${NEAREST})/log(${FARTHEST / NEAREST}),0,1)`;

/** A channel of the rainbow from red to blue, for the distance in `ld(0)`; what was not measured is black. */
const channel = (level: string): string => `'st(0,${DISTANCE});gt(val,0)*maxval*clip(${level},0,1)'`;

/**
 * Filters that show depth (gray16le) as colours, RGB in full range: red at 0.2 m and nearer, through yellow, green
 * (1.4 m) and cyan, to blue at 10 m and farther; black where the value is 0. The scale is the same for all pictures.
 */
export const DEPTH_COLOURS: readonly string[] = [
  'format=gbrp16le',
  `lutrgb=r=${channel('2-4*ld(0)')}:g=${channel('min(4*ld(0),4-4*ld(0))')}:b=${channel('4*ld(0)-2')}`,
];
