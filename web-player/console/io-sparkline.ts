import { element } from './element.ts';
import type { LiveCircuit } from './io-live-circuit.ts';
import type { CircuitPart } from './io-part.ts';
import { sparklinePoints } from './io-samples.ts';

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 240;
const HEIGHT = 36;

/** The last readings as a line. People who do not see it have the value. */
export class Sparkline implements CircuitPart {
  readonly element = element('div', { class: 'io-sparkline', 'aria-hidden': 'true' });
  readonly #line = document.createElementNS(SVG, 'polyline');
  #shown: readonly number[] = [];

  constructor() {
    const picture = document.createElementNS(SVG, 'svg');
    picture.setAttribute('viewBox', `0 -2 ${WIDTH} ${HEIGHT + 4}`);
    picture.setAttribute('preserveAspectRatio', 'none');
    picture.append(this.#line);
    this.element.append(picture);
  }

  show({ samples, minimum, maximum }: LiveCircuit): void {
    if (samples === this.#shown) return;
    this.#shown = samples;
    const range = minimum === undefined || maximum === undefined ? {} : { minimum, maximum };
    this.#line.setAttribute('points', sparklinePoints(samples, { width: WIDTH, height: HEIGHT, ...range }));
  }
}
