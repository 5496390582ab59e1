/** One message of the kernel about a device (lib/kobject_uevent.c). */
export interface Uevent {
  /** `add`, `remove`, `change`, `bind`, `unbind`, … */
  readonly action: string;
  /** Path below /sys, `/devices/…`. */
  readonly devicePath: string;
  readonly subsystem: string;
}

/**
 * Parses one datagram of a uevent socket: `ACTION@DEVPATH`, then `KEY=value` pairs, each ended by a NUL.
 * @returns undefined for anything else, among it the messages of udev.
 */
export function parseUevent(datagram: Uint8Array): Uevent | undefined {
  const [header = '', ...pairs] = Buffer.from(datagram).toString('latin1').split('\0');
  const at = header.indexOf('@/');
  const subsystem = pairs.find((pair) => pair.startsWith('SUBSYSTEM='))?.slice('SUBSYSTEM='.length);
  if (at <= 0 || subsystem === undefined) return undefined;
  return { action: header.slice(0, at), devicePath: header.slice(at + 1), subsystem };
}
