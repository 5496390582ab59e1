import { element, setText } from './element.ts';
import { formatLevel, nameOf } from './io-format.ts';
import { CircuitHealthMark } from './io-health.ts';
import { LevelControl } from './io-level-control.ts';
import type { LiveCircuit } from './io-live-circuit.ts';
import { CircuitNotes } from './io-notes.ts';
import type { CircuitPart } from './io-part.ts';
import { CircuitSettings } from './io-settings.ts';
import { Sparkline } from './io-sparkline.ts';
import { OutputSwitch } from './io-switch.ts';
import { CircuitWriter, type WriteListener } from './io-writer.ts';

/** What decides how a card is built; cards of circuits in which it changes are made anew. */
export function shapeOf({
  key,
  label,
  alias,
  direction,
  signal,
  hardware,
  pwm_range,
  settings,
}: LiveCircuit): string {
  const fields = settings.map(({ name, kind, choices, unit, writable }) => [
    name,
    kind,
    choices,
    unit,
    writable,
  ]);
  return JSON.stringify([key, label, alias, direction, signal, hardware, pwm_range, fields]);
}

/** One circuit: its value and whatever can be done with it. */
export class CircuitCard {
  readonly element: HTMLFieldSetElement;
  readonly #value = element('output', { class: 'io-value' });
  readonly #dot = element('span', { class: 'io-dot', 'aria-hidden': 'true' });
  readonly #parts: readonly CircuitPart[];

  constructor(circuit: LiveCircuit, onAnswer: WriteListener) {
    const { key, direction, signal } = circuit;
    const name = nameOf(circuit);
    const place = placeOf(circuit);
    const writer = new CircuitWriter(circuit, onAnswer);
    const isSwitched = direction === 'output' && signal === 'digital';
    const toggle = isSwitched ? [new OutputSwitch(name, writer)] : [];
    const body = [
      new CircuitHealthMark(),
      new CircuitNotes(),
      ...levelParts(circuit, writer),
      ...(signal === 'analog' && direction !== 'output' ? [new Sparkline()] : []),
      writer,
      new CircuitSettings(circuit, writer),
    ];
    this.#parts = [...toggle, ...body];
    this.element = element(
      'fieldset',
      { class: 'card io-card', 'data-key': key, 'aria-label': name },
      element(
        'div',
        { class: 'io-head' },
        element(
          'div',
          { class: 'io-title' },
          element('h4', { title: name }, name),
          element('p', { class: 'io-key', title: place }, place),
        ),
        ...(isSwitched || signal !== 'digital' ? [] : [this.#dot]),
        this.#value,
        ...toggle.map((part) => part.element),
      ),
      ...body.map((part) => part.element),
    );
  }

  /** @param isConnected false disables every control. */
  show(circuit: LiveCircuit, isConnected: boolean, nowMs: number): void {
    const { state } = circuit.health;
    this.element.disabled = !isConnected || state === 'down';
    this.element.dataset['health'] = state;
    setText(this.#value, formatLevel(circuit));
    this.#dot.toggleAttribute('data-active', circuit.value === 1);
    for (const part of this.#parts) part.show(circuit, nowMs);
  }
}

/** What else it is called; where it is, when it has no other name. */
function placeOf(circuit: LiveCircuit): string {
  const { key, alias, hardware } = circuit;
  const name = nameOf(circuit);
  if (name === key) return hardware;
  return alias === undefined || alias === name ? key : `${key} · ${alias}`;
}

/** The sliders and fields of an output. */
function levelParts(circuit: LiveCircuit, writer: CircuitWriter): CircuitPart[] {
  const { direction, signal, key, pwm_range: range } = circuit;
  const label = nameOf(circuit);
  if (direction !== 'output') return [];
  if (signal === 'analog') {
    const hasSlider =
      !key.startsWith('register/') && circuit.minimum !== undefined && circuit.maximum !== undefined;
    const level = new LevelControl({
      label,
      name: 'Value',
      hasSlider,
      writer,
      fields: (value) => ({ value }),
    });
    return [{ element: level.element, show: (now) => level.show({ ...now, value: now.value }) }];
  }
  if (range === undefined) return [];
  const duty = new LevelControl({
    label,
    name: 'Duty',
    hasSlider: true,
    writer,
    fields: (value) => ({ pwm_duty: value }),
  });
  const frequency = new LevelControl({
    label,
    name: 'Frequency',
    hasSlider: false,
    writer,
    fields: (value) => ({ pwm_freq: value }),
  });
  return [
    {
      element: duty.element,
      show: ({ pwm, value }) =>
        duty.show({
          value: pwm?.duty_percent ?? (value ?? 0) * 100,
          unit: '%',
          minimum: 0,
          maximum: 100,
          step: 1,
        }),
    },
    {
      element: frequency.element,
      show: ({ pwm, pwm_range: present = range }) =>
        frequency.show({
          value: pwm?.frequency_hz ?? present.frequency_hz,
          unit: 'Hz',
          minimum: range.minimum_hz,
          maximum: range.maximum_hz,
        }),
    },
  ];
}
