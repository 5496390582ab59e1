import { join } from 'node:path';
import { AppError } from '../../../../core/app-error.ts';
import { ioNotPresent } from '../../errors.ts';
import { ioctlFailure, openFailure } from './gpio-failure.ts';
import type { GpioSystem } from './gpio-system.ts';
import { REQUESTS, STRUCTS } from './layout.ts';
import {
  type ChipInfo,
  decodeChipInfo,
  decodeLineInfo,
  encodeLineInfoQuery,
  encodeLineRequest,
  type LineInfo,
  type RequestedLine,
  requestDescriptor,
} from './line-messages.ts';

const NODE_NAME = /^gpiochip\d+$/;

/** An open GPIO chip. Disposal closes it; the lines requested of it stay with their requests. */
export class GpioChip implements Disposable {
  readonly info: ChipInfo;
  readonly fd: number;
  readonly #system: GpioSystem;
  #isOpen = true;

  private constructor(system: GpioSystem, fd: number, info: ChipInfo) {
    this.#system = system;
    this.fd = fd;
    this.info = info;
  }

  /** @throws AppError IO_NOT_PRESENT, IO_DENIED, IO_FAILED; IO_UNSUPPORTED when it is no GPIO chip. */
  static open(system: GpioSystem, path: string): GpioChip {
    let fd: number;
    try {
      fd = system.open(path);
    } catch (error) {
      throw openFailure(path, error);
    }
    const bytes = Buffer.alloc(STRUCTS.gpiochip_info.sizeof);
    const errno = system.ioctl(fd, REQUESTS.GPIO_GET_CHIPINFO_IOCTL, bytes);
    if (errno === 0) return new GpioChip(system, fd, decodeChipInfo(bytes));
    system.close(fd);
    throw ioctlFailure(path, 'GPIO_GET_CHIPINFO_IOCTL', errno, 'be used: it is no GPIO chip');
  }

  /**
   * Opens the chip of a name, path or label. Labels survive the chip's number, which changes when it is plugged in anew.
   * @throws AppError as `open`; IO_NOT_PRESENT names the chips there are, and those that have the same label.
   */
  static find(system: GpioSystem, dev: string, chip: string): GpioChip {
    if (chip.includes('/')) return GpioChip.open(system, chip);
    if (NODE_NAME.test(chip)) return GpioChip.open(system, join(dev, chip));
    const { chips, failures } = GpioChip.all(system, dev);
    const [found, ...others] = chips.filter(({ info }) => info.label === chip);
    for (const each of chips) if (each !== found || others.length > 0) each[Symbol.dispose]();
    if (found !== undefined && others.length === 0) return found;
    const [failure] = failures;
    if (found === undefined && failure !== undefined) throw failure;
    const names = (found === undefined ? chips : [found, ...others]).map(titleOf).join(', ');
    if (found === undefined) {
      throw ioNotPresent(
        chip,
        names === '' ? 'there is no GPIO chip' : `no chip has this label; there is ${names}`,
      );
    }
    throw ioNotPresent(chip, `${names} have the same label; configure one by name or path`);
  }

  /** All chips that can be opened, by number, and why others cannot. The caller disposes them. */
  static all(system: GpioSystem, dev: string): { readonly chips: GpioChip[]; readonly failures: AppError[] } {
    const chips: GpioChip[] = [];
    const failures: AppError[] = [];
    for (const name of nodeNames(system, dev)) {
      try {
        chips.push(GpioChip.open(system, join(dev, name)));
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        if (error.code !== 'IO_NOT_PRESENT') failures.push(error); // else: it went away just now
      }
    }
    return { chips, failures };
  }

  /**
   * What is known of a line.
   * @throws AppError IO_GONE; IO_UNSUPPORTED before Linux 5.10.
   */
  lineInfo(offset: number): LineInfo {
    const bytes = encodeLineInfoQuery(offset);
    const errno = this.#system.ioctl(this.fd, REQUESTS.GPIO_V2_GET_LINEINFO_IOCTL, bytes);
    if (errno === 0) return decodeLineInfo(bytes);
    throw ioctlFailure(
      this.where(offset),
      'GPIO_V2_GET_LINEINFO_IOCTL',
      errno,
      'be used: the kernel has no GPIO uAPI v2 (Linux 5.10, GPIO_CDEV); use the driver gpio-sysfs',
    );
  }

  /**
   * Takes hold of lines.
   * @param asked what the lines are asked to do, for an error.
   * @returns a non-blocking descriptor; closing it releases them.
   * @throws AppError IO_GONE, IO_BUSY, IO_DENIED, IO_FAILED; IO_UNSUPPORTED
   */
  request(lines: readonly RequestedLine[], eventCount: number, asked: string): number {
    const bytes = encodeLineRequest(lines, 'vidicon', eventCount);
    const errno = this.#system.ioctl(this.fd, REQUESTS.GPIO_V2_GET_LINE_IOCTL, bytes);
    const where = lines.map(({ offset }) => offset).join(', ');
    if (errno !== 0) throw ioctlFailure(this.where(where), 'GPIO_V2_GET_LINE_IOCTL', errno, asked);
    const fd = requestDescriptor(bytes);
    this.#system.setNonBlocking(fd);
    return fd;
  }

  /** Whether the hardware is still behind it. */
  isPresent(): boolean {
    const bytes = Buffer.alloc(STRUCTS.gpiochip_info.sizeof);
    return this.#system.ioctl(this.fd, REQUESTS.GPIO_GET_CHIPINFO_IOCTL, bytes) === 0;
  }

  where(line: number | string): string {
    return `${this.info.name} line ${line}`;
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#system.close(this.fd);
  }
}

function nodeNames(system: GpioSystem, dev: string): string[] {
  try {
    const number = (name: string): number => Number(name.slice('gpiochip'.length));
    return system
      .list(dev)
      .filter((name) => NODE_NAME.test(name))
      .sort((a, b) => number(a) - number(b));
  } catch (error) {
    throw openFailure(dev, error);
  }
}

function titleOf({ info }: GpioChip): string {
  return `${info.name} (${info.label || 'no label'})`;
}
