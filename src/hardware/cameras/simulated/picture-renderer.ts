import type { PictureFormat } from '../../../media/picture.ts';
import { Ball } from './ball.ts';
import { drawText, textHeight, textWidth } from './bitmap-font.ts';
import { ballAt, drawScene, layoutOf } from './scene.ts';
import { Surface } from './surface.ts';
import { drawTimeCode } from './time-code.ts';

// Limits of luma, ITU-R BT.601.
const BLACK = 16;
const WHITE = 235;

const BRIGHT = 235;
const DIM = 170;

/**
 * Draws the pictures of one simulated sensor. A picture is a pure function of format, label, seed, brightness, time and
 * frame number: the still background is drawn once and copied, and only ball, clock, counter and time code are new.
 */
export class PictureRenderer {
  readonly #format: PictureFormat;
  readonly #background: Surface;
  /** The background as bright as it is shown. */
  #shown: Uint8Array;
  #brightness = 0;
  readonly #ball: Ball;
  readonly #panel: PanelText;

  /** @param label camera and sensor, written on two lines: `SIMULATED1 CAM_A`. */
  constructor(format: PictureFormat, label: string, seed: number) {
    this.#format = format;
    this.#background = new Surface(format);
    this.#ball = new Ball(ballAt(format.width, format.height, 0).width);
    this.#panel = panelText(format);
    drawScene(this.#background, seed);
    const { small, left, right, lines, clock, underClock } = this.#panel;
    const [camera = '', sensor = ''] = label.split(' ');
    drawText(this.#background, camera, left, lines[0], small, DIM);
    drawText(this.#background, sensor, left, lines[1], small, BRIGHT);
    drawText(this.#background, modeText(format), right, lines[0], small, DIM);
    drawText(this.#background, 'UTC', clock.left, underClock, small, DIM);
    this.#shown = this.#background.bytes;
  }

  /** Adds a number to each luma sample of the background from now on; what moves stays as it is. */
  brighten(brightness: number): void {
    if (brightness === this.#brightness) return;
    this.#brightness = brightness;
    this.#shown = this.#background.bytes.slice();
    const { width, height, step } = this.#background;
    for (let place = 0; place < width * height * step; place += step) {
      const luma = (this.#shown[place] ?? 0) + brightness;
      this.#shown[place] = Math.min(WHITE, Math.max(BLACK, luma));
    }
  }

  /**
   * Draws one picture over the whole of `into`.
   * @param wallUs Unix time in microseconds at which it is taken.
   */
  render(into: Uint8Array, wallUs: number, sequence: number): void {
    const { width, height } = this.#format;
    into.set(this.#shown);
    const surface = new Surface(this.#format, into);
    const ball = ballAt(width, height, wallUs);
    this.#ball.draw(surface, ball.left, ball.top);
    const { small, right, lines, clock } = this.#panel;
    drawText(surface, clockText(wallUs), clock.left, clock.top, clock.dot, BRIGHT);
    drawText(surface, `#${sequence}`, right, lines[1], small, BRIGHT);
    drawTimeCode(into, width, height, surface.stride, wallUs, surface.step);
  }
}

/** Where the panel's text stands: names to the left, the clock in the middle, mode and counter to the right. */
interface PanelText {
  readonly small: number;
  readonly left: number;
  readonly right: number;
  /** Tops of the two lines at both sides. */
  readonly lines: readonly [number, number];
  readonly clock: { readonly left: number; readonly top: number; readonly dot: number };
  readonly underClock: number;
}

function panelText(format: PictureFormat): PanelText {
  const { panel } = layoutOf(format.width, format.height);
  const dot = Math.max(1, Math.floor(format.width / 160));
  const small = Math.max(1, Math.floor(format.width / 320));
  const gap = 3 * small;
  const margin = 4 * small;
  const middle = panel.top + Math.floor(panel.height / 2);
  const clockTop = middle - Math.floor((textHeight(dot) + gap + textHeight(small)) / 2);
  const linesTop = middle - textHeight(small) - Math.floor(gap / 2);
  return {
    small,
    left: margin,
    right: format.width - margin - textWidth(modeText(format), small),
    lines: [linesTop, linesTop + textHeight(small) + gap],
    clock: { left: Math.floor((format.width - textWidth(clockText(0), dot)) / 2), top: clockTop, dot },
    underClock: clockTop + textHeight(dot) + gap,
  };
}

function modeText({ width, height, frameInterval: { numerator, denominator } }: PictureFormat): string {
  return `${width}X${height}@${Math.round((denominator / numerator) * 100) / 100}`;
}

/** `HH:MM:SS.mmm` in UTC. */
function clockText(wallUs: number): string {
  return new Date(wallUs / 1000).toISOString().slice(11, 23);
}
