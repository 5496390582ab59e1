import { closeSync, constants, openSync, readdirSync } from 'node:fs';
import { setNonBlocking, tryIoctl } from '../../../../core/libc.ts';

/** The system calls of this driver. Tests put chips of their own behind them. */
export interface GpioSystem {
  /** Names in the folder of device nodes. @throws NodeJS.ErrnoException */
  list(folder: string): readonly string[];
  /** Opens a chip, non-blocking. @throws NodeJS.ErrnoException */
  open(path: string): number;
  /** ioctl(2). @returns 0, or the errno. */
  ioctl(fd: number, request: number, argument: Buffer): number;
  setNonBlocking(fd: number): void;
  close(fd: number): void;
}

export const kernelGpio: GpioSystem = {
  list: (folder) => readdirSync(folder),
  open: (path) => openSync(path, constants.O_RDWR | constants.O_NONBLOCK),
  ioctl: tryIoctl,
  setNonBlocking,
  close: closeSync,
};
