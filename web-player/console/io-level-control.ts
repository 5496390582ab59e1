import { element, setText } from './element.ts';
import { formatQuantity } from './io-format.ts';
import { WriteThrottle } from './io-write-throttle.ts';
import type { CircuitWriter, WriteFields } from './io-writer.ts';

/** Of a slider whose circuit names no step. */
const SLIDER_STEPS = 1000;
/** Beyond them a number shows how computers count. */
const FIELD_DIGITS = 12;

/** A number that can be set, as it is now. */
export interface Level {
  readonly value: number | undefined;
  readonly unit?: string | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly step?: number | undefined;
}

export interface LevelControlOptions {
  /** What people call the circuit. */
  readonly label: string;
  /** What is set: `Duty`. */
  readonly name: string;
  readonly hasSlider: boolean;
  readonly writer: CircuitWriter;
  readonly fields: (value: number) => WriteFields;
}

/**
 * Sets a number with a slider and a field. Both show what was read back; a slider that is held follows the hand, and
 * writes while it moves, unless a person has to confirm first.
 */
export class LevelControl {
  readonly element: HTMLElement;
  readonly #options: LevelControlOptions;
  readonly #slider: HTMLInputElement;
  readonly #field: HTMLInputElement;
  readonly #unit = element('span', { class: 'io-unit' });
  readonly #throttle: WriteThrottle<number>;
  #level: Level = { value: undefined };
  #isHeld = false;
  #isTyping = false;
  #moved: number | undefined;

  constructor(options: LevelControlOptions) {
    const { label, name, hasSlider, writer, fields } = options;
    this.#options = options;
    this.#throttle = new WriteThrottle(
      (value) => writer.write(fields(value)),
      () => this.#sync(),
    );
    this.#slider = element('input', { type: 'range', 'aria-label': `${label}, ${name}` });
    this.#field = element('input', {
      type: 'number',
      step: 'any',
      'aria-label': `${label}, ${name}, number`,
    });
    this.element = element(
      'div',
      { class: hasSlider ? 'io-level io-with-slider' : 'io-level' },
      element('span', { class: 'io-level-name' }, name),
      ...(hasSlider ? [this.#slider] : []),
      element('span', { class: 'io-number' }, this.#field, this.#unit),
    );
    this.#slider.addEventListener('input', () => this.#onMove());
    this.#slider.addEventListener('change', () => {
      if (this.#slider.valueAsNumber !== this.#moved) this.#set(this.#slider.valueAsNumber);
      this.#letGo();
    });
    // A slider that is back where it was taken up gives no `change`; where it gives one, it follows in the same task.
    for (const type of ['pointerup', 'pointercancel', 'blur'] as const) {
      this.#slider.addEventListener(type, () => setTimeout(() => this.#letGo()));
    }
    this.#field.addEventListener('input', () => {
      this.#isTyping = true;
    });
    this.#field.addEventListener('change', () => {
      this.#set(this.#field.valueAsNumber);
      this.#finishTyping();
    });
    this.#field.addEventListener('blur', () => this.#finishTyping());
  }

  show(level: Level): void {
    const before = this.#level;
    this.#level = level;
    setText(this.#unit, level.unit ?? '');
    const { minimum, maximum, step } = level;
    if (before.minimum !== minimum || before.maximum !== maximum || before.step !== step) this.#limit(level);
    this.#sync();
  }

  #limit({ minimum, maximum, step }: Level): void {
    for (const input of [this.#slider, this.#field]) {
      input.min = String(minimum ?? '');
      input.max = String(maximum ?? '');
    }
    const fine = minimum === undefined || maximum === undefined ? 'any' : (maximum - minimum) / SLIDER_STEPS;
    this.#slider.step = String(step ?? fine);
  }

  #onMove(): void {
    this.#isHeld = true;
    this.#tellValue();
    if (this.#options.writer.isGuarded) return;
    this.#moved = this.#slider.valueAsNumber;
    this.#throttle.push(this.#moved);
  }

  #set(value: number): void {
    const { writer, label, name, fields } = this.#options;
    if (Number.isNaN(value)) return;
    if (writer.isGuarded) {
      const shown = formatQuantity(value, this.#level.unit, this.#level.step);
      void writer.command(fields(value), `Set ${label}, ${name.toLowerCase()}, to ${shown}?`);
    } else {
      this.#throttle.push(value);
    }
  }

  #letGo(): void {
    this.#isHeld = false;
    this.#moved = undefined;
    this.#sync();
  }

  #finishTyping(): void {
    this.#isTyping = false;
    this.#sync();
  }

  /** Shows the real value, unless a hand or a write under way knows a newer one. */
  #sync(): void {
    if (this.#isHeld || this.#isTyping || !this.#throttle.isIdle) return;
    const { value } = this.#level;
    const text = value === undefined ? '' : String(Number(value.toPrecision(FIELD_DIGITS)));
    if (this.#field.value !== text) this.#field.value = text;
    if (value === undefined) return;
    this.#slider.value = text;
    this.#tellValue();
  }

  #tellValue(): void {
    const { unit, step } = this.#level;
    this.#slider.setAttribute('aria-valuetext', formatQuantity(this.#slider.valueAsNumber, unit, step));
  }
}
