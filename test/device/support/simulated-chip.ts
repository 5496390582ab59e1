import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const CONFIGFS = '/sys/kernel/config/gpio-sim';

/** A GPIO chip of the kernel's gpio-sim, made by the test and gone with it. */
export class SimulatedChip implements Disposable {
  readonly label: string;
  readonly #folder: string;
  readonly #lines: readonly string[];

  /** @param label also the name of its folder in configfs. */
  constructor(label: string, lines: readonly string[]) {
    this.label = label;
    this.#lines = lines;
    this.#folder = join(CONFIGFS, label);
    mkdirSync(join(this.#folder, 'bank0'), { recursive: true });
    this.#write('bank0/label', label);
    this.#write('bank0/num_lines', String(lines.length));
    for (const [offset, name] of lines.entries()) {
      mkdirSync(join(this.#folder, `bank0/line${offset}`));
      this.#write(`bank0/line${offset}/name`, name);
    }
    this.plug();
  }

  plug(): void {
    this.#write('live', '1');
  }

  unplug(): void {
    this.#write('live', '0');
  }

  /** `gpiochip1`; changes when it is plugged in anew. */
  get name(): string {
    return this.#read('bank0/chip_name');
  }

  /** Its first line's number in `/sys/class/gpio`. */
  get base(): number {
    const path = '/sys/kernel/debug/gpio';
    const match = new RegExp(`^${this.name}: GPIOs (\\d+)-`, 'm').exec(readFileSync(path, 'utf8'));
    return Number(match?.[1]);
  }

  /** Pulls an input to a voltage. */
  pull(offset: number, level: 0 | 1): void {
    writeFileSync(this.pullFile(offset), level === 1 ? 'pull-up' : 'pull-down');
  }

  /** The file that takes `pull-up` and `pull-down`. */
  pullFile(offset: number): string {
    return this.#attribute(offset, 'pull');
  }

  pulled(offset: number): string {
    return readFileSync(this.pullFile(offset), 'utf8').trim();
  }

  /** The voltage of a line. */
  value(offset: number): number {
    return Number(readFileSync(this.#attribute(offset, 'value'), 'utf8'));
  }

  [Symbol.dispose](): void {
    if (this.#read('live') === '1') this.unplug();
    for (const offset of this.#lines.keys()) rmdirSync(join(this.#folder, `bank0/line${offset}`));
    rmdirSync(join(this.#folder, 'bank0'));
    rmdirSync(this.#folder);
  }

  #attribute(offset: number, name: string): string {
    const platform = join('/sys/devices/platform', this.#read('dev_name'), this.name);
    return join(platform, `sim_gpio${offset}`, name);
  }

  #read(file: string): string {
    return readFileSync(join(this.#folder, file), 'utf8').trim();
  }

  #write(file: string, text: string): void {
    writeFileSync(join(this.#folder, file), text);
  }
}
