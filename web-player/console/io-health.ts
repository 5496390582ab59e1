import { element, setText } from './element.ts';
import { formatDuration } from './io-format.ts';
import type { LiveCircuit } from './io-live-circuit.ts';
import type { CircuitPart } from './io-part.ts';

/** Marks what is wrong with a circuit, with the reason; empty while it works. */
export class CircuitHealthMark implements CircuitPart {
  readonly element = element('div', { class: 'io-health' });
  readonly #mark = element('span', { class: 'io-mark' });
  readonly #reason = element('span');

  constructor() {
    this.element.append(this.#mark, this.#reason);
  }

  show({ health, takenAtMs, over_range: isOverRange }: LiveCircuit, nowMs: number): void {
    const isOver = isOverRange === true;
    this.element.hidden = health.state === 'ok' && !isOver;
    this.#mark.dataset['tone'] = health.state === 'stale' ? 'busy' : 'bad';
    setText(this.#mark, markOf(health.state, isOver, takenAtMs && nowMs - takenAtMs));
    setText(this.#reason, health.problem?.message ?? '');
  }
}

function markOf(state: 'ok' | 'stale' | 'down', isOverRange: boolean, ageMs: number | undefined): string {
  if (state === 'down') return 'Down';
  if (state === 'stale') return ageMs === undefined ? 'Stale' : `Stale, ${formatDuration(ageMs)} old`;
  return isOverRange ? 'Over range' : '';
}
