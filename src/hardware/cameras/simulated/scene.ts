import { type Colour, colourOf, mixColours } from './colour.ts';
import type { Surface } from './surface.ts';
import { timeCodeHeight } from './time-code.ts';

/** A rectangle in samples, all even. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** How a picture is divided, from top to bottom: time code, landscape, panel with the clock, colour bars. */
export interface SceneLayout {
  readonly landscape: Box;
  readonly panel: Box;
  readonly bars: Box;
}

const even = (value: number) => 2 * Math.round(value / 2);

export function layoutOf(width: number, height: number): SceneLayout {
  const landscapeTop = even(timeCodeHeight(width) * 1.5);
  // A very wide picture is nearly all time code.
  const panelTop = Math.max(landscapeTop, even(height * 0.74));
  const barsTop = Math.max(panelTop, even(height * 0.92));
  return {
    landscape: { left: 0, top: landscapeTop, width, height: panelTop - landscapeTop },
    panel: { left: 0, top: panelTop, width, height: barsTop - panelTop },
    bars: { left: 0, top: barsTop, width, height: height - barsTop },
  };
}

/** Time for the ball's way from left to right and back, and for one bounce. */
const CROSSING_US = 9_000_000;
const BOUNCE_US = 1_500_000;

/**
 * Where the ball is: a pure function of time, so that whoever looks at a picture knows what must be seen in it.
 * It bounces through the landscape and is never covered.
 * @param wallUs Unix time in microseconds at which the picture was taken.
 */
export function ballAt(width: number, height: number, wallUs: number): Box {
  const { landscape } = layoutOf(width, height);
  const size = even(Math.min(landscape.height * 0.3, width * 0.3));
  const crossing = (wallUs % CROSSING_US) / CROSSING_US;
  const along = crossing < 0.5 ? crossing * 2 : 2 - crossing * 2;
  const bounce = (wallUs % BOUNCE_US) / BOUNCE_US;
  const above = 4 * bounce * (1 - bounce);
  const room = landscape.height - size;
  return {
    left: 2 * Math.floor((along * (width - size)) / 2),
    top: landscape.top + 2 * Math.floor((room * (1 - above)) / 2),
    width: size,
    height: size,
  };
}

const BAR_COLOURS = [
  [191, 191, 191],
  [191, 191, 0],
  [0, 191, 191],
  [0, 191, 0],
  [191, 0, 191],
  [191, 0, 0],
  [0, 0, 191],
  [16, 16, 16],
] as const;

/** Sky from top to horizon, and the hills from far to near. */
const PALETTES = [
  {
    sky: [colourOf(38, 40, 92), colourOf(244, 146, 98)],
    hills: [colourOf(112, 72, 110), colourOf(50, 38, 76)],
  },
  {
    sky: [colourOf(24, 66, 120), colourOf(190, 226, 232)],
    hills: [colourOf(86, 140, 150), colourOf(30, 84, 92)],
  },
  {
    sky: [colourOf(22, 18, 54), colourOf(200, 96, 150)],
    hills: [colourOf(84, 52, 120), colourOf(34, 26, 66)],
  },
] as const;
const SUN = colourOf(255, 226, 160);
const PANEL = colourOf(20, 20, 20);
const BLACK = colourOf(0, 0, 0);

/** Draws everything that never moves. The same seed gives the same landscape. */
export function drawScene(surface: Surface, seed: number): void {
  const { width, height } = surface;
  const { landscape, panel, bars } = layoutOf(width, height);
  const random = randomFrom(seed);
  const { sky, hills } = PALETTES[Math.floor(random() * PALETTES.length)] ?? PALETTES[0];
  surface.fill(0, 0, width, landscape.top, BLACK);
  for (let y = 0; y < landscape.height; y += 2) {
    surface.fill(0, landscape.top + y, width, 2, mixColours(sky[0], sky[1], y / landscape.height));
  }
  drawSun(surface, landscape, random);
  drawHills(surface, landscape, 0.34, hills[0], random);
  drawHills(surface, landscape, 0.16, hills[1], random);
  surface.fill(panel.left, panel.top, panel.width, panel.height, { ...PANEL, u: 128, v: 128 });
  for (const [place, [red, green, blue]] of BAR_COLOURS.entries()) {
    const left = even((place * width) / BAR_COLOURS.length);
    const right = even(((place + 1) * width) / BAR_COLOURS.length);
    surface.fill(left, bars.top, right - left, bars.height, colourOf(red, green, blue));
  }
}

function drawSun(surface: Surface, landscape: Box, random: () => number): void {
  const radius = landscape.height * 0.16;
  const x = surface.width * (0.2 + 0.6 * random());
  const y = landscape.top + landscape.height * (0.45 + 0.15 * random());
  for (let row = even(y - radius); row < y + radius; row += 2) {
    const half = Math.sqrt(Math.max(0, radius ** 2 - (row + 1 - y) ** 2));
    surface.fill(even(x - half), row, even(2 * half), 2, SUN);
  }
}

/** One ridge, up to `share` of the landscape high. */
function drawHills(
  surface: Surface,
  landscape: Box,
  share: number,
  colour: Colour,
  random: () => number,
): void {
  const waves = [2, 5, 11].map((cycles) => ({ cycles, phase: random(), share: 0.5 / cycles }));
  const bottom = landscape.top + landscape.height;
  for (let x = 0; x < surface.width; x += 2) {
    const level = waves.reduce(
      (sum, wave) =>
        sum + wave.share * Math.sin(2 * Math.PI * ((wave.cycles * x) / surface.width + wave.phase)),
      0.6,
    );
    const top = even(bottom - landscape.height * share * level);
    surface.fill(x, top, 2, bottom - top, colour);
  }
}

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
