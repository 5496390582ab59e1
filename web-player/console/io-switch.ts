import { element } from './element.ts';
import type { LiveCircuit } from './io-live-circuit.ts';
import type { CircuitPart } from './io-part.ts';
import type { CircuitWriter } from './io-writer.ts';

/** Switches a digital output. It moves when the service has read the new value back, not before. */
export class OutputSwitch implements CircuitPart {
  readonly element: HTMLButtonElement;
  readonly #writer: CircuitWriter;
  #isOn = false;

  constructor(label: string, writer: CircuitWriter) {
    this.#writer = writer;
    this.element = element('button', {
      type: 'button',
      class: 'io-switch',
      role: 'switch',
      'aria-label': label,
    });
    this.element.addEventListener('click', () => void this.#toggle(label));
  }

  show({ value }: LiveCircuit): void {
    this.#isOn = value !== undefined && value !== 0;
    this.element.setAttribute('aria-checked', String(this.#isOn));
  }

  async #toggle(label: string): Promise<void> {
    if (this.element.hasAttribute('aria-busy')) return;
    this.element.setAttribute('aria-busy', 'true');
    const wanted = !this.#isOn;
    await this.#writer.command({ value: wanted ? 1 : 0 }, `Switch ${label} ${wanted ? 'on' : 'off'}?`);
    this.element.removeAttribute('aria-busy');
  }
}
