import { element, setText } from './element.ts';
import { EDGE_ROWS, EdgeLog, type EdgeRow } from './io-edge-log.ts';
import { formatTimeOfDay, nameOf } from './io-format.ts';
import type { LiveCircuit } from './io-live-circuit.ts';

const COLUMNS = ['Time', 'Circuit', 'Edge', 'Count', 'Lost'] as const;

/** The edges of the digital inputs, newest first. It draws when told to, however many have come. */
export class EdgeTable {
  readonly element: HTMLElement;
  readonly #log = new EdgeLog();
  readonly #names = new Map<string, string>();
  readonly #rows = element('tbody');
  readonly #filter = element('select', { 'aria-label': 'Circuit' });
  readonly #pause = element('button', { type: 'button', 'aria-pressed': 'false' }, 'Pause');
  readonly #empty = element('p', { class: 'io-notes' }, 'No edge yet.');
  #drawn = 0;

  constructor() {
    const head = element('tr', {}, ...COLUMNS.map((name) => element('th', { scope: 'col' }, name)));
    const table = element(
      'table',
      {},
      element('caption', {}, `Edges, newest first, at most ${EDGE_ROWS}`),
      element('thead', {}, head),
      this.#rows,
    );
    this.element = element(
      'section',
      { class: 'io-edges', 'aria-labelledby': 'io-edges-title', hidden: true },
      element('h3', { id: 'io-edges-title' }, 'Edges'),
      element('div', { class: 'io-edge-tools' }, this.#filter, this.#pause),
      element('div', { class: 'card io-edge-scroll', tabindex: '0' }, table, this.#empty),
    );
    this.#filter.addEventListener('change', () => this.#redraw());
    this.#pause.addEventListener('click', () => {
      this.#pause.setAttribute('aria-pressed', String(!this.#isPaused));
      if (!this.#isPaused) this.#redraw();
      this.draw();
    });
  }

  /** Offers these inputs to filter by; without any there is no log. */
  offer(inputs: readonly LiveCircuit[]): void {
    const chosen = this.#filter.value;
    this.#names.clear();
    for (const input of inputs) this.#names.set(input.key, nameOf(input));
    const options = [...this.#names].map(([key, name]) => {
      return element('option', { value: key }, name === key ? key : `${name} (${key})`);
    });
    this.#filter.replaceChildren(element('option', { value: '' }, 'All inputs'), ...options);
    this.#filter.value = this.#names.has(chosen) ? chosen : '';
    this.element.hidden = inputs.length === 0;
  }

  add(edges: readonly EdgeRow[]): void {
    for (const edge of edges) this.#log.add(edge);
  }

  /** Draws what has come since it last drew. */
  draw(): void {
    const fresh = this.#log.total(this.#key) - this.#drawn;
    setText(this.#pause, this.#isPaused ? `Resume (${fresh.toLocaleString('en')} new)` : 'Pause');
    if (this.#isPaused || fresh === 0) return;
    this.#drawn += fresh;
    for (const edge of this.#log.newest(Math.min(fresh, EDGE_ROWS), this.#key)) this.#prepend(edge);
    this.#empty.hidden = true;
  }

  get #isPaused(): boolean {
    return this.#pause.getAttribute('aria-pressed') === 'true';
  }

  get #key(): string | undefined {
    return this.#filter.value || undefined;
  }

  #redraw(): void {
    this.#rows.replaceChildren();
    this.#drawn = 0;
    this.#empty.hidden = false;
    for (const edge of this.#log.newest(EDGE_ROWS, this.#key)) this.#prepend(edge);
    this.#drawn = this.#log.total(this.#key);
    this.#empty.hidden = this.#drawn > 0;
    this.draw();
  }

  /** The oldest row becomes the newest once there are enough. */
  #prepend({ key, edge, wallUs, counter, lost, missed }: EdgeRow): void {
    const { children } = this.#rows;
    const row =
      (children.length >= EDGE_ROWS ? children.item(children.length - 1) : null) ??
      element('tr', {}, ...COLUMNS.map(() => element('td')));
    const texts = [
      formatTimeOfDay(wallUs),
      this.#names.get(key) ?? key,
      edge === 'rising' ? '↑ rising' : '↓ falling',
      counter?.toLocaleString('en') ?? '',
      [lost > 0 ? `${lost} lost` : '', missed > 0 ? `${missed} missed` : ''].filter(Boolean).join(', '),
    ];
    for (const [index, text] of texts.entries()) {
      const cell = row.children.item(index);
      if (cell !== null) cell.textContent = text;
    }
    this.#rows.prepend(row);
  }
}
