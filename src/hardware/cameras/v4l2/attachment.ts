import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, relative } from 'node:path';
import type { CameraBus } from '../camera.ts';
import { isRealSerial } from '../mxid.ts';

/** How a node's device is attached, as sysfs tells. Nodes of one device have equal attachments. */
export interface Attachment {
  readonly bus: CameraBus;
  /** USB port path (`1-1.2`), or the device's name in sysfs. */
  readonly path: string;
  /** Where the device is, the same after a reboot. */
  readonly location: string;
  /** Who the device says it is; only with a real serial. */
  readonly identity: string | undefined;
  readonly serial: string | undefined;
  /** Product name of a USB device. */
  readonly product: string | undefined;
}

/**
 * The attachment of one video4linux class entry.
 * @param sys where sysfs is mounted.
 * @param entry `/sys/class/video4linux/video0`
 * @returns undefined when the entry has gone meanwhile.
 */
export function attachmentOf(sys: string, entry: string): Attachment | undefined {
  const node = realPath(entry);
  if (node === undefined) return undefined;
  const devices = realPath(`${sys}/devices`) ?? `${sys}/devices`;
  const device = realPath(`${entry}/device`);
  if (device === undefined) {
    const path = basename(node);
    return { bus: 'virtual', path, location: relative(devices, node), ...anonymous };
  }
  return usbAttachment(devices, device) ?? otherAttachment(devices, device);
}

const anonymous = { identity: undefined, serial: undefined, product: undefined };

/** The node's parent is an interface of the USB device; several interfaces are still one device. */
function usbAttachment(devices: string, parent: string): Attachment | undefined {
  for (let folder = parent; folder.startsWith(`${devices}/`); folder = dirname(folder)) {
    if (!existsSync(`${folder}/idVendor`)) continue;
    const vendor = attribute(folder, 'idVendor') ?? '';
    const product = attribute(folder, 'idProduct') ?? '';
    const serial = attribute(folder, 'serial');
    const hasSerial = serial !== undefined && isRealSerial(serial);
    return {
      bus: 'usb',
      path: basename(folder),
      location: usbLocation(devices, folder),
      identity: hasSerial ? `usb ${vendor}:${product} ${serial}` : undefined,
      serial: hasSerial ? serial : undefined,
      product: attribute(folder, 'product'),
    };
  }
  return undefined;
}

/**
 * Controller, USB generation and ports. The number of the bus is left out: it depends on the order in which
 * controllers were found. The generation tells the two root hubs of one controller apart.
 */
function usbLocation(devices: string, device: string): string {
  const ports = basename(device).replace(/^\d+-/, '');
  for (let folder = device; folder.startsWith(`${devices}/`); folder = dirname(folder)) {
    if (!/^usb\d+$/.test(basename(folder))) continue;
    const generation = attribute(folder, 'version')?.split('.')[0] ?? '';
    return `${relative(devices, dirname(folder))} usb${generation} ${ports}`;
  }
  return relative(devices, device);
}

function otherAttachment(devices: string, device: string): Attachment {
  const subsystem = basename(realPath(`${device}/subsystem`) ?? '');
  return {
    bus: subsystem === 'pci' ? 'pci' : 'platform',
    path: basename(device),
    location: relative(devices, device),
    ...anonymous,
  };
}

/** A file of sysfs as text; undefined when absent or empty. */
function attribute(folder: string, name: string): string | undefined {
  try {
    return readFileSync(`${folder}/${name}`, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
