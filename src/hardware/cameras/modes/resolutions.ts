/** Width and height in pixels, as the Robopipe API writes sizes. */
export type Size = readonly [width: number, height: number];

/** Robopipe's names of resolutions for colour sensors, by the size they stand for. */
const COLOUR = {
  THE_720_P: [1280, 720],
  THE_800_P: [1280, 800],
  THE_1080_P: [1920, 1080],
  THE_1200_P: [1920, 1200],
  THE_1352X1012: [1352, 1012],
  THE_1440X1080: [1440, 1080],
  THE_2024X1520: [2024, 1520],
  THE_4_K: [3840, 2160],
  THE_4000X3000: [4000, 3000],
  THE_5_MP: [2592, 1944],
  THE_12_MP: [4056, 3040],
  THE_13_MP: [4208, 3120],
  THE_48_MP: [8000, 6000],
  THE_5312X6000: [5312, 6000],
} as const;

/** And for mono sensors. */
const MONO = {
  THE_400_P: [640, 400],
  THE_480_P: [640, 480],
  THE_720_P: [1280, 720],
  THE_800_P: [1280, 800],
  THE_1200_P: [1920, 1200],
} as const;

const SIZES: ReadonlyMap<string, Size> = new Map<string, Size>([
  ...Object.entries(COLOUR),
  ...Object.entries(MONO),
]);

export const RESOLUTION_NAMES: readonly string[] = [...SIZES.keys()];

/** What else sensors usually have. */
const USUAL_SIZES: readonly Size[] = [
  [320, 240],
  [640, 360],
  [800, 600],
  [1024, 768],
  [1280, 960],
];

/** Sizes worth naming of a sensor that takes any size, smallest first. */
export const COMMON_SIZES: readonly Size[] = [...USUAL_SIZES, ...SIZES.values()].sort(
  (a, b) => a[0] * a[1] - b[0] * b[1],
);

export const isSameSize = (a: Size, b: Size): boolean => a[0] === b[0] && a[1] === b[1];

/** The size that a name stands for; undefined when it is none of the names. */
export const sizeOfResolution = (name: string): Size | undefined => SIZES.get(name);

/** Robopipe's name of a size: that of the very size, else the first of the same height; undefined when it has none. */
export function resolutionOf([width, height]: Size, isColour: boolean): string | undefined {
  const names: readonly (readonly [string, Size])[] = Object.entries(isColour ? COLOUR : MONO);
  const ofHeight = names.filter(([, size]) => size[1] === height);
  return (ofHeight.find(([, size]) => size[0] === width) ?? ofHeight[0])?.[0];
}
