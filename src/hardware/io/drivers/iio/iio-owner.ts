import type { AttributeFiles, AttributeOwner } from '../sysfs/index.ts';

/** What is said of an IIO device when it fails. */
export function iioOwner(where: string, files: AttributeFiles): AttributeOwner {
  return { where, advice: 'a udev rule for the subsystem iio has to give it to a group of this user', files };
}
