import { type Colour, colourOf, mixColours } from './colour.ts';
import type { Surface } from './surface.ts';

const SHADE = colourOf(96, 10, 24);
const BODY = colourOf(226, 52, 40);
const SHINE = colourOf(255, 226, 214);

/** A glossy ball, computed once and then stamped into every picture. */
export class Ball {
  readonly #size: number;
  /** Colour of each sample, row by row; undefined outside of the ball. */
  readonly #samples: (Colour | undefined)[];

  /** @param size diameter in samples, even. */
  constructor(size: number) {
    this.#size = size;
    const palette = Array.from({ length: 256 }, (_, light) => shadeOf(light / 255));
    this.#samples = Array.from({ length: size * size }, (_, place) => {
      const x = (((place % size) + 0.5) / size) * 2 - 1;
      const y = ((Math.floor(place / size) + 0.5) / size) * 2 - 1;
      if (x * x + y * y > 1) return undefined;
      // Lit from the upper left.
      const light = 1 - Math.hypot(x + 0.35, y + 0.4) / 1.55;
      return palette[Math.round(light * 255)];
    });
  }

  /** @param left @param top even. */
  draw(surface: Surface, left: number, top: number): void {
    for (let y = 0; y < this.#size; y += 1) {
      for (let x = 0; x < this.#size; x += 1) {
        const colour = this.#samples[y * this.#size + x];
        if (colour === undefined) continue;
        surface.setLuma(left + x, top + y, colour.y);
        if (((x | y) & 1) === 0) surface.setChroma(left + x, top + y, colour.u, colour.v);
      }
    }
  }
}

function shadeOf(light: number): Colour {
  return light < 0.75 ? mixColours(SHADE, BODY, light / 0.75) : mixColours(BODY, SHINE, light * 4 - 3);
}
