import { element, setText } from './element.ts';

const UNKNOWN = '–';

/** A list of named figures whose places never move, whatever they show. */
export class Figures {
  readonly element = element('dl', { class: 'figures' });
  readonly #values = new Map<string, HTMLElement>();

  constructor(names: readonly string[]) {
    for (const name of names) {
      const value = element('dd', {}, UNKNOWN);
      this.#values.set(name, value);
      this.element.append(element('div', {}, element('dt', {}, name), value));
    }
  }

  /** Shows a figure; undefined is shown as unknown. */
  set(name: string, text: string | undefined): void {
    const value = this.#values.get(name);
    if (value !== undefined) setText(value, text ?? UNKNOWN);
  }

  clear(): void {
    for (const name of this.#values.keys()) this.set(name, undefined);
  }
}

/** `850 kbit/s`, `3.5 Mbit/s` */
export function formatBitrate(kbps: number): string {
  return kbps < 1000 ? `${kbps.toFixed(0)} kbit/s` : `${(kbps / 1000).toFixed(1)} Mbit/s`;
}

/** `12 min`, `3 h 5 min`, `2 d 4 h` */
export function formatUptime(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return `${days} d ${hours % 24} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}
