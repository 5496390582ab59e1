import { AppError } from '../../../../core/app-error.ts';
import type { Log } from '../../../../core/log.ts';
import type { CircuitKey, Level } from '../../circuit.ts';
import { ioBusy, ioNotPresent } from '../../errors.ts';
import type { GpioChip } from './gpio-chip.ts';
import { groupLines } from './line-groups.ts';
import type { LineInfo } from './line-messages.ts';
import { LineRequest, type LineRequestServices, type TakenLine } from './line-request.ts';
import type { Wiring } from './wiring.ts';

export interface LineWish {
  readonly wiring: Wiring;
  /** What an output is set to; undefined leaves it as it is. */
  readonly level: Level | undefined;
  readonly debounceUs: number;
}

export interface LineAnswer {
  readonly requests: readonly LineRequest[];
  /** Lines that could not be had, and why. */
  readonly refused: ReadonlyMap<CircuitKey, AppError>;
}

/** Takes hold of as many lines of a chip as can be had. */
export class LineTaker {
  readonly #chip: GpioChip;
  readonly #services: LineRequestServices;
  readonly #log: Log;
  readonly #requests: LineRequest[] = [];
  readonly #refused = new Map<CircuitKey, AppError>();

  constructor(chip: GpioChip, services: LineRequestServices, log: Log) {
    this.#chip = chip;
    this.#services = services;
    this.#log = log;
  }

  /** To be called once. The caller owns the requests. Does not throw: a chip that is gone refuses all its lines. */
  take(wishes: readonly LineWish[]): LineAnswer {
    const lines: TakenLine[] = [];
    for (const wish of wishes) {
      const line = this.#attempt([wish.wiring], () => this.#locate(wish));
      if (line !== undefined) lines.push(line);
    }
    for (const group of groupLines(this.#distinct(lines))) this.#request(group);
    return { requests: this.#requests, refused: this.#refused };
  }

  /** Finds the line and sees that nobody has it. */
  #locate({ wiring, level, debounceUs }: LineWish): TakenLine {
    const { offset, info } = this.#find(wiring.line);
    if (info.isUsed) throw ioBusy(this.#chip.where(wiring.line), info.consumer || undefined);
    if (wiring.channel.direction === 'input') {
      return { wiring, offset, settings: { flags: wiring.flags, debounceUs } };
    }
    const settings =
      level === undefined
        ? { flags: wiring.asIsFlags }
        : ({ flags: wiring.flags, value: level.value === 0 ? 0 : 1 } as const);
    return { wiring, offset, settings };
  }

  #find(line: number | string): { readonly offset: number; readonly info: LineInfo } {
    const { lines } = this.#chip.info;
    const where = this.#chip.where(line);
    if (typeof line === 'number') {
      if (line >= lines) throw ioNotPresent(where, `the chip has ${lines} lines, from 0`);
      return { offset: line, info: this.#chip.lineInfo(line) };
    }
    const [found, ...others] = Array.from({ length: lines }, (_, offset) => {
      return { offset, info: this.#chip.lineInfo(offset) };
    }).filter(({ info }) => info.name === line);
    if (found === undefined) throw ioNotPresent(where, 'no line of the chip has this name');
    if (others.length === 0) return found;
    const offsets = [found, ...others].map(({ offset }) => offset).join(', ');
    throw ioNotPresent(where, `lines ${offsets} have this name; configure one by offset`);
  }

  /** A line that is configured twice, by offset and by name, goes to the first. */
  #distinct(lines: readonly TakenLine[]): TakenLine[] {
    const byOffset = new Map<number, TakenLine>();
    for (const line of lines) {
      const first = byOffset.get(line.offset);
      if (first === undefined) byOffset.set(line.offset, line);
      else this.#refuse(line.wiring, ioBusy(this.#chip.where(line.offset), first.wiring.key));
    }
    return [...byOffset.values()];
  }

  /** One line that cannot do what is asked makes the kernel refuse all; the others are then had one by one. */
  #request(group: readonly TakenLine[]): void {
    try {
      this.#requests.push(new LineRequest(this.#chip, group, this.#services));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (group.length === 1 || error.code === 'IO_GONE') {
        for (const { wiring } of group) this.#refuse(wiring, error);
        return;
      }
      this.#log.warn(
        { lines: group.map(({ wiring }) => wiring.key), reason: error.message },
        'GPIO lines are requested one by one and do not change together.',
      );
      for (const line of group) this.#request([line]);
    }
  }

  #attempt<T>(wirings: readonly Wiring[], run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      for (const wiring of wirings) this.#refuse(wiring, error);
      return undefined;
    }
  }

  #refuse({ key }: Wiring, error: AppError): void {
    this.#refused.set(key, error);
  }
}
