import { writeFileSync } from 'node:fs';
import { iioFolder } from './iio-folder.ts';

const FACTORY = '/sys/bus/iio/devices/iio_sysfs_trigger';

/** A trigger of the kernel's iio-trig-sysfs, which fires when it is told to. */
export class IioTrigger implements Disposable {
  readonly name: string;
  readonly #number: number;

  constructor(number: number) {
    this.#number = number;
    this.name = `sysfstrig${number}`;
    writeFileSync(`${FACTORY}/add_trigger`, String(number));
  }

  /** Has every device that it triggers take one sample. */
  fire(): void {
    writeFileSync(`${iioFolder(this.name)}/trigger_now`, '1');
  }

  [Symbol.dispose](): void {
    writeFileSync(`${FACTORY}/remove_trigger`, String(this.#number));
  }
}
