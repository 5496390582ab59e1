import { readFileSync, writeFileSync } from 'node:fs';

const ROOT = '/sys/kernel/tracing';

/** The kernel's own record of what GPIO outputs were set to (tracefs, event gpio_value). */
export class GpioTrace implements Disposable {
  constructor() {
    writeFileSync(`${ROOT}/trace`, '');
    this.#enable('1');
  }

  /** The voltages a line was set to, oldest first. @param number of the line in `/sys/class/gpio`. */
  levels(number: number): number[] {
    const event = new RegExp(`gpio_value: ${number} set (\\d)`, 'g');
    return [...readFileSync(`${ROOT}/trace`, 'utf8').matchAll(event)].map((match) => Number(match[1]));
  }

  [Symbol.dispose](): void {
    this.#enable('0');
  }

  #enable(value: string): void {
    writeFileSync(`${ROOT}/events/gpio/gpio_value/enable`, value);
  }
}
