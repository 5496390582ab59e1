import type { Edge } from '../../circuit.ts';
import type { DescriptorWatch } from '../../descriptor-watch.ts';
import type { GpioChip } from './gpio-chip.ts';
import { ioctlFailure } from './gpio-failure.ts';
import type { GpioSystem } from './gpio-system.ts';
import { REQUESTS, STRUCTS, VALUES } from './layout.ts';
import { encodeLineConfig, type LineSettings, maskOf } from './line-config.ts';
import { decodeLineEvents, EdgeCounter } from './line-event.ts';
import { decodeLineValues, encodeLineValues } from './line-messages.ts';
import { DEBOUNCE, type Wiring } from './wiring.ts';

/** The most the kernel keeps for one request (gpiolib-cdev.c); beyond it drops the oldest. */
const EVENT_COUNT = VALUES.GPIO_V2_LINES_MAX * 16;
const EVENTS_PER_READ = 256;

/** A line to take hold of: where it is on the chip, and how to begin. */
export interface TakenLine {
  readonly wiring: Wiring;
  readonly offset: number;
  readonly settings: LineSettings;
}

export interface LineRequestEvents {
  onEdge(wiring: Wiring, edge: Edge): void;
  /** The chip is gone. */
  onEnd(error: Error): void;
}

export interface LineRequestServices {
  readonly system: GpioSystem;
  readonly descriptors: DescriptorWatch;
  readonly events: LineRequestEvents;
}

/** Lines that were requested together: outputs among them change together. Disposal releases them. */
export class LineRequest implements AsyncDisposable {
  readonly lines: readonly TakenLine[];
  readonly #chip: GpioChip;
  readonly #system: GpioSystem;
  readonly #fd: number;
  readonly #settings: LineSettings[];
  readonly #watch: AsyncDisposable | undefined;
  #disposal: Promise<void> | undefined;

  /** @throws AppError IO_GONE, IO_BUSY, IO_DENIED, IO_FAILED; IO_UNSUPPORTED */
  constructor(
    chip: GpioChip,
    lines: readonly TakenLine[],
    { system, descriptors, events }: LineRequestServices,
  ) {
    this.lines = lines;
    this.#chip = chip;
    this.#system = system;
    this.#settings = lines.map(({ settings }) => settings);
    const hasEdges = lines.some(({ wiring }) => wiring.hasEdges);
    this.#fd = chip.request(lines, hasEdges ? EVENT_COUNT : 0, asked(lines));
    try {
      if (hasEdges) this.#watch = this.#listen(descriptors, events);
    } catch (error) {
      system.close(this.#fd);
      throw error;
    }
  }

  /** The values of all lines, by index: read from the hardware. @throws AppError IO_GONE, IO_FAILED */
  readAll(): (0 | 1)[] {
    const bits = this.#get(maskOf(this.lines.keys()));
    return this.lines.map((_, index) => bitOf(bits, index));
  }

  /** @throws AppError IO_GONE, IO_FAILED */
  read(index: number): 0 | 1 {
    return bitOf(this.#get(maskOf([index])), index);
  }

  /** Present debounce period in microseconds, as the kernel has it. @throws AppError IO_GONE */
  debounceUs(index: number): number {
    return this.#chip.lineInfo(this.#offset(index)).debounceUs;
  }

  /**
   * Sets outputs, by index, in one ioctl. Lines that were left as they were until now become outputs with their value
   * first.
   * @throws AppError IO_GONE, IO_FAILED; IO_UNSUPPORTED
   */
  write(values: ReadonlyMap<number, 0 | 1>): void {
    const next = this.#settings.map((settings, index): LineSettings => {
      const value = values.get(index);
      return value === undefined ? settings : { flags: this.#wiring(index).flags, value };
    });
    const isFirst = (index: number): boolean => this.#settings[index]?.value === undefined;
    if ([...values.keys()].some(isFirst)) {
      const config = next.map((each, index) => (isFirst(index) ? each : (this.#settings[index] ?? each)));
      this.#configure(config, [...values.keys()], 'be outputs');
    }
    const active = [...values].filter(([, value]) => value === 1).map(([index]) => index);
    const bytes = encodeLineValues(maskOf(values.keys()), maskOf(active));
    const errno = this.#system.ioctl(this.#fd, REQUESTS.GPIO_V2_LINE_SET_VALUES_IOCTL, bytes);
    if (errno !== 0) {
      throw ioctlFailure(this.#where([...values.keys()]), 'GPIO_V2_LINE_SET_VALUES_IOCTL', errno, 'be set');
    }
    this.#settings.splice(0, next.length, ...next);
  }

  /**
   * Changes the debounce period; the lines stay requested.
   * @throws AppError IO_GONE, IO_FAILED; IO_UNSUPPORTED. The previous period then holds.
   */
  debounce(index: number, debounceUs: number): void {
    const before = [...this.#settings];
    const next = before.map((settings, each) => (each === index ? { ...settings, debounceUs } : settings));
    try {
      this.#configure(next, [index], `debounce by ${debounceUs} ${DEBOUNCE.unit}`);
    } catch (error) {
      this.#system.ioctl(this.#fd, REQUESTS.GPIO_V2_LINE_SET_CONFIG_IOCTL, encodeLineConfig(before));
      throw error;
    }
    this.#settings.splice(0, next.length, ...next);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#release();
    return this.#disposal;
  }

  async #release(): Promise<void> {
    await this.#watch?.[Symbol.asyncDispose]();
    this.#system.close(this.#fd);
  }

  #listen(descriptors: DescriptorWatch, events: LineRequestEvents): AsyncDisposable {
    const byOffset = new Map(
      this.lines.map(({ offset, wiring }) => [offset, { wiring, counter: new EdgeCounter(wiring.clock) }]),
    );
    const maxBytes = EVENTS_PER_READ * STRUCTS.gpio_v2_line_event.sizeof;
    return descriptors.watch(
      this.#fd,
      { maxBytes },
      {
        onBytes: (bytes) => {
          for (const event of decodeLineEvents(bytes)) {
            const line = byOffset.get(event.offset);
            if (line !== undefined) events.onEdge(line.wiring, line.counter.next(event));
          }
        },
        onEnd: (error) => events.onEnd(error),
      },
    );
  }

  #get(mask: bigint): bigint {
    const bytes = encodeLineValues(mask, 0n);
    const errno = this.#system.ioctl(this.#fd, REQUESTS.GPIO_V2_LINE_GET_VALUES_IOCTL, bytes);
    if (errno === 0) return decodeLineValues(bytes);
    throw ioctlFailure(this.#where(), 'GPIO_V2_LINE_GET_VALUES_IOCTL', errno, 'be read');
  }

  #configure(settings: readonly LineSettings[], indices: readonly number[], whatFor: string): void {
    const bytes = encodeLineConfig(settings);
    const errno = this.#system.ioctl(this.#fd, REQUESTS.GPIO_V2_LINE_SET_CONFIG_IOCTL, bytes);
    if (errno === 0) return;
    throw ioctlFailure(this.#where(indices), 'GPIO_V2_LINE_SET_CONFIG_IOCTL', errno, whatFor);
  }

  #wiring(index: number): Wiring {
    return this.#line(index).wiring;
  }

  #offset(index: number): number {
    return this.#line(index).offset;
  }

  #line(index: number): TakenLine {
    const line = this.lines[index];
    if (line === undefined) throw new RangeError(`a request of ${this.lines.length} has no line ${index}`);
    return line;
  }

  #where(indices: Iterable<number> = this.lines.keys()): string {
    return this.#chip.where([...indices].map((index) => this.#offset(index)).join(', '));
  }
}

function bitOf(bits: bigint, index: number): 0 | 1 {
  return (bits & (1n << BigInt(index))) === 0n ? 0 : 1;
}

/** What a request asks of its lines beyond their direction, in words. */
function asked(lines: readonly TakenLine[]): string {
  const flags = lines.reduce((all, { settings }) => all | settings.flags, 0);
  const wishes = [
    [VALUES.GPIO_V2_LINE_FLAG_EVENT_CLOCK_HTE, 'stamp edges by clock hte'],
    [VALUES.GPIO_V2_LINE_FLAG_EVENT_CLOCK_REALTIME, 'stamp edges by clock realtime'],
    [VALUES.GPIO_V2_LINE_FLAG_EDGE_RISING, 'report edges (edges: false reads it at intervals)'],
    [VALUES.GPIO_V2_LINE_FLAG_OPEN_DRAIN, 'drive open-drain'],
    [VALUES.GPIO_V2_LINE_FLAG_OPEN_SOURCE, 'drive open-source'],
    [VALUES.GPIO_V2_LINE_FLAG_BIAS_PULL_UP, 'pull up'],
    [VALUES.GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN, 'pull down'],
    [VALUES.GPIO_V2_LINE_FLAG_BIAS_DISABLED, 'disable its bias'],
  ] as const;
  const words = wishes.filter(([flag]) => (flags & flag) !== 0).map(([, word]) => word);
  const direction = (flags & VALUES.GPIO_V2_LINE_FLAG_OUTPUT) !== 0 ? 'be an output' : 'be an input';
  return [direction, ...words].join(', or ');
}
