import { element, setText } from './element.ts';
import { CircuitCard, shapeOf } from './io-card.ts';
import { CircuitStore } from './io-circuit-store.ts';
import { IoConnection } from './io-connection.ts';
import { EdgeTable } from './io-edge-table.ts';
import { type CircuitGroup, groupCircuits } from './io-groups.ts';
import type { LiveCircuit } from './io-live-circuit.ts';
import { fetchCircuits } from './service-api.ts';

/** How long changes that only the list tells of may gather before it is asked for. */
const LIST_AFTER_MS = 300;
/** Ages and leases are shown with one decimal of a second at most. */
const TICK_MS = 500;

/** All circuits of the service, live. Hidden while there is none; connected only while it is shown. */
export class IoPanel {
  readonly element: HTMLElement;
  readonly #status = element('p', { class: 'io-status', role: 'status' });
  readonly #groups = element('div', { class: 'io-groups' });
  readonly #edges = new EdgeTable();
  readonly #store = new CircuitStore();
  readonly #cards = new Map<string, { readonly card: CircuitCard; readonly shape: string }>();
  readonly #changed = new Set<string>();
  readonly #connection = new IoConnection({
    onItems: (items) => this.#onItems(items),
    onLive: (isLive) => this.#onLive(isLive),
  });
  #isShown = false;
  #arrangement = '';
  #frame: number | undefined;
  #listTimer: number | undefined;
  #tickTimer: number | undefined;

  constructor() {
    this.element = element(
      'section',
      { class: 'io', 'aria-labelledby': 'io-title', hidden: true },
      element(
        'div',
        { class: 'io-heading' },
        element('h2', { id: 'io-title' }, 'Inputs and outputs'),
        this.#status,
      ),
      this.#groups,
      this.#edges.element,
    );
    this.#onLive(false);
  }

  /** Idempotent. */
  show(isShown: boolean): void {
    if (isShown === this.#isShown) return;
    this.#isShown = isShown;
    if (isShown) {
      this.#tickTimer = setInterval(() => this.#tick(), TICK_MS);
      return;
    }
    clearInterval(this.#tickTimer);
    clearTimeout(this.#listTimer);
    this.#listTimer = undefined;
    this.#connection.close();
    this.element.hidden = true;
  }

  /** Asks the service for all circuits. Never rejects: the page tells when the service is away. */
  async refresh(): Promise<void> {
    if (!this.#isShown) return;
    const askedAtMs = performance.now();
    const circuits = await fetchCircuits().catch(() => undefined);
    if (circuits === undefined || !this.#isShown) return;
    this.#store.list(circuits, askedAtMs, performance.now());
    this.element.hidden = circuits.length === 0;
    if (circuits.length > 0) this.#connection.open();
    else this.#connection.close();
    this.#arrange();
    this.#drawSoon(circuits.map(({ key }) => key));
  }

  /** The service was seen to be away. */
  drop(): void {
    this.#connection.drop();
  }

  #onItems(items: readonly unknown[]): void {
    const { keys, edges, needsList } = this.#store.apply(items, performance.now());
    this.#edges.add(edges);
    this.#drawSoon(keys);
    if (needsList) this.#listSoon();
  }

  #onLive(isLive: boolean): void {
    setText(this.#status, isLive ? 'Live' : 'Not connected. Connecting…');
    this.#status.dataset['tone'] = isLive ? 'good' : 'busy';
    this.#drawSoon(this.#cards.keys());
  }

  #listSoon(): void {
    this.#listTimer ??= setTimeout(() => {
      this.#listTimer = undefined;
      void this.refresh();
    }, LIST_AFTER_MS);
  }

  /** Whatever comes within a frame is drawn once. */
  #drawSoon(keys: Iterable<string>): void {
    for (const key of keys) this.#changed.add(key);
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      for (const key of this.#changed) this.#draw(key);
      this.#changed.clear();
      this.#edges.draw();
    });
  }

  #draw(key: string): void {
    const circuit = this.#store.get(key);
    if (circuit === undefined) return;
    this.#cards.get(key)?.card.show(circuit, this.#connection.isLive, performance.now());
  }

  /** Ages grow and leases run down without an event. */
  #tick(): void {
    const running = this.#store
      .all()
      .filter(({ health, output }) => health.state === 'stale' || output?.lease !== undefined);
    if (running.length > 0) this.#drawSoon(running.map(({ key }) => key));
  }

  /** Builds the cards of circuits that are new or of another shape; the others stay as they are. */
  #arrange(): void {
    const circuits = this.#store.all();
    const shapes = new Map(circuits.map((circuit) => [circuit.key, shapeOf(circuit)]));
    const arrangement = [...shapes.values()].join();
    if (arrangement === this.#arrangement) return;
    this.#arrangement = arrangement;
    for (const [key, { shape }] of this.#cards) {
      if (shapes.get(key) !== shape) this.#cards.delete(key);
    }
    this.#groups.replaceChildren(...groupCircuits(circuits).map((group) => this.#section(group)));
    this.#edges.offer(circuits.filter(({ key }) => key.startsWith('di/')));
  }

  #section({ title, circuits }: CircuitGroup<LiveCircuit>): HTMLElement {
    const id = `io-${title.toLowerCase().replaceAll(' ', '-')}`;
    const cards = circuits.map((circuit) => this.#card(circuit).element);
    return element(
      'section',
      { 'aria-labelledby': id, 'data-count': String(circuits.length) },
      element('h3', { id }, title),
      element('div', { class: 'io-cards' }, ...cards),
    );
  }

  #card(circuit: LiveCircuit): CircuitCard {
    const present = this.#cards.get(circuit.key);
    if (present !== undefined) return present.card;
    const card = new CircuitCard(circuit, (key, dict) => {
      if (dict !== undefined) this.#store.answer(key, dict, performance.now());
      this.#draw(key); // before the control looks at it again
      this.#listSoon();
    });
    this.#cards.set(circuit.key, { card, shape: shapeOf(circuit) });
    return card;
  }
}
