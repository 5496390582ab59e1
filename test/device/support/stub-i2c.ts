import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';

/** Number of the stub I²C bus, as in `1-0048`, the place of a chip. */
export function stubBus(): string {
  return realpathSync('/run/lab-i2c').replace('/dev/i2c-', '');
}

/** Has the ADS1115 at an address of the stub bus convert to this, whichever its channel. */
export function measure(address: string, raw: number): void {
  const swapped = ((raw & 0xff) << 8) | ((raw >> 8) & 0xff);
  execFileSync('i2cset', ['-f', '-y', stubBus(), address, '0x00', `0x${swapped.toString(16)}`, 'w']);
}

/** Register of the ds4424's second current. */
export function dacRegister(): string {
  return execFileSync('i2cget', ['-f', '-y', stubBus(), '0x10', '0xf9'], { encoding: 'utf8' }).trim();
}
