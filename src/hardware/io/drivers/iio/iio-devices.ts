import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ioNotPresent } from '../../errors.ts';
import { type AttributeOwner, Attributes } from '../sysfs/index.ts';

/** What an IIO device is called. */
export interface IioDevice {
  /** `iio:device0`, its node in `/dev`, too. */
  readonly id: string;
  readonly folder: string;
  /** What its kernel driver calls it: `ads1115`. */
  readonly name: string;
  /** What the board's description calls it. */
  readonly label?: string;
  /** Its place on its bus, the same after every start: `1-0048`. Its number, if it is on none. */
  readonly place: string;
}

/** Devices, or the triggers, that the kernel has. */
export async function iioDevices(
  sys: string,
  owner: AttributeOwner,
  kind: 'iio:device' | 'trigger' = 'iio:device',
): Promise<IioDevice[]> {
  const bus = join(sys, 'bus/iio/devices');
  const ids = (await readdir(bus).catch(() => [])).filter((id) => new RegExp(`^${kind}\\d+$`).test(id));
  const devices = ids.map(async (id): Promise<IioDevice | undefined> => {
    try {
      const attributes = new Attributes(join(bus, id), owner);
      const names = await attributes.names();
      const name = names.includes('name') ? await attributes.text('name') : '';
      const label = names.includes('label') ? await attributes.text('label') : undefined;
      const parent = basename(dirname(await realpath(attributes.folder)));
      const place = parent === 'devices' ? id : parent;
      return { id, folder: attributes.folder, name, ...(label !== undefined && { label }), place };
    } catch {
      return undefined; // it went away meanwhile
    }
  });
  return (await Promise.all(devices)).filter((device) => device !== undefined);
}

/** Finds a device by its number, label, place or name, in this order. @throws AppError IO_NOT_PRESENT */
export async function findIioDevice(sys: string, wanted: string, owner: AttributeOwner): Promise<IioDevice> {
  const devices = await iioDevices(sys, owner);
  const by = (key: 'id' | 'label' | 'place' | 'name') => devices.filter((device) => device[key] === wanted);
  const found = [by('id'), by('label'), by('place'), by('name')].find(({ length }) => length > 0) ?? [];
  const [device, another] = found;
  const listed = (list: readonly IioDevice[]) => {
    return list.map(({ id, name, place }) => `${id} (${name}, ${place})`).join(', ') || 'none';
  };
  if (device === undefined) {
    throw ioNotPresent(owner.where, `no IIO device is called ${wanted}; there is ${listed(devices)}`);
  }
  if (another !== undefined) {
    throw ioNotPresent(owner.where, `several are called ${wanted}: ${listed(found)}; name one by its place`);
  }
  return device;
}
