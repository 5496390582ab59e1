import { readdirSync, readFileSync } from 'node:fs';

const DEVICES = '/sys/bus/iio/devices';

/** The folder of an IIO device or trigger. @param name as the kernel calls it. */
export function iioFolder(name: string): string {
  const id = readdirSync(DEVICES).find((each) => {
    try {
      return readFileSync(`${DEVICES}/${each}/name`, 'utf8').trim() === name;
    } catch {
      return false; // the factory of triggers has no name
    }
  });
  if (id === undefined) throw new Error(`There is no IIO device called ${name}.`);
  return `${DEVICES}/${id}`;
}
