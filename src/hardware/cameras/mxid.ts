import { createHash } from 'node:crypto';

/** One attached device, as far as its name goes. Of any driver: USB, platform, network. */
export interface AttachedDevice {
  /** Who the device says it is, wherever it is attached: vendor, product and serial. Absent when it does not say. */
  readonly identity?: string;
  /** Where it is attached, the same after a reboot. No two devices share one. */
  readonly location: string;
  /** What a person recognises in the mxid, usually the serial or product name. Depends on nothing that changes. */
  readonly label: string;
}

/** A device and the mxid it goes by. */
export interface NamedDevices {
  /** In the order of the devices. */
  readonly mxids: readonly string[];
  /** Identities that more than one device has claimed so far; hand them in again next time. */
  readonly shared: ReadonlySet<string>;
}

/**
 * Gives each device its mxid: by identity where that is the device's alone, else by location.
 *
 * Clones that carry one serial are told apart by where they are attached, and stay so while `shared` remembers
 * them: when one of two clones leaves, the other keeps its name.
 */
export function assignMxids(
  devices: readonly AttachedDevice[],
  shared: ReadonlySet<string> = new Set(),
): NamedDevices {
  const seen = new Set<string>();
  const nowShared = new Set(shared);
  for (const { identity } of devices) {
    if (identity === undefined) continue;
    if (seen.has(identity)) nowShared.add(identity);
    seen.add(identity);
  }
  const mxids = devices.map(({ identity, location, label }) =>
    identity === undefined || nowShared.has(identity)
      ? mxidOf(`at ${location}`, label)
      : mxidOf(`is ${identity}`, label),
  );
  return { mxids, shared: nowShared };
}

/**
 * An mxid for an exact key: up to 12 readable characters of the label and 10 of the key's hash.
 * Different keys give different mxids even where their letters and digits agree.
 */
export function mxidOf(key: string, label: string): string {
  const readable = label
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .slice(0, 12);
  return readable + base32(createHash('sha256').update(key).digest()).slice(0, 10);
}

/** Whether a serial names a device: many makers leave it empty or fill it with one character. */
export function isRealSerial(serial: string): boolean {
  return !/^(.?)\1*$/su.test(serial.trim());
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 §6 without padding; leftover bits are dropped. */
function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32.charAt((held >> (bits - 5)) & 31);
    held &= (1 << bits) - 1;
  }
  return text;
}
