import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { ioDenied, ioNotPresent } from '../../errors.ts';

/** A line of the package onoff; the part of its interface that the driver uses. */
export interface OnoffGpio {
  read(): Promise<number>;
  /** Also called by onoff itself, when it is woken. */
  readSync: () => number;
  write(value: 0 | 1): Promise<void>;
  watch(callback: (error: Error | null | undefined, value: number) => void): void;
  unexport(): void;
}

export interface OnoffOptions {
  readonly activeLow: boolean;
  /** Whether the direction is set even if it is so already, which sets an output's voltage anew. */
  readonly reconfigureDirection: boolean;
}

/** The package onoff; `high` and `low` make an output with that voltage, whatever `activeLow` says. */
export interface Onoff {
  readonly Gpio: {
    readonly accessible: boolean;
    new (
      gpio: number,
      direction: 'in' | 'high' | 'low',
      edge: 'none' | 'both',
      options: OnoffOptions,
    ): OnoffGpio;
  };
}

export const SYSFS_ADVICE = 'add the user to the group that owns /sys/class/gpio, gpio on most systems';

const NAME: string = 'onoff';

/**
 * Loads the optional package, and sees that the kernel offers what it needs.
 * @param importPackage by a name that no bundler knows.
 * @throws AppError IO_NOT_PRESENT, IO_DENIED
 */
export async function loadOnoff(
  sys: string,
  importPackage: () => Promise<unknown> = () => import(NAME),
): Promise<Onoff> {
  let onoff: Onoff;
  try {
    onoff = (await importPackage()) as Onoff; // its own types say the same
  } catch (error) {
    throw ioNotPresent('the package onoff', 'install it where the service is: npm install onoff', error);
  }
  if (onoff.Gpio.accessible) return onoff;
  const folder = join(sys, 'class/gpio');
  const isThere = await access(join(folder, 'export')).then(
    () => true,
    () => false,
  );
  if (isThere) throw ioDenied(folder, SYSFS_ADVICE);
  throw ioNotPresent(folder, 'the kernel offers no GPIO through sysfs; use the driver gpio');
}
