import { readdir, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Where the kernel's file systems are. */
export interface MachineRoots {
  readonly sys: string;
  readonly proc: string;
}

/** One of the machine's temperatures. */
export interface Temperature {
  /** The kernel's name of the thermal zone: `cpu-thermal`, `x86_pkg_temp`. */
  readonly zone: string;
  readonly celsius: number;
}

/** Memory in bytes; used and remaining are the total together. */
export interface MemoryUse {
  readonly total: number;
  readonly used: number;
  readonly remaining: number;
}

/** Zones of a machine's processor, by the names that boards give them. */
const PROCESSOR = /cpu|soc|pkg|core|k10temp|acpitz/i;

/** No working processor is outside; zones without a sensor say -274, 0 or thousands of degrees. */
const SANE_CELSIUS = { min: -60, max: 200 };

/** The machine that the service runs on, as the kernel tells of it. */
export class Machine {
  readonly #roots: MachineRoots;

  constructor(roots: MachineRoots) {
    this.#roots = roots;
  }

  /** Every thermal zone that can be read, in the kernel's order. */
  async temperatures(): Promise<readonly Temperature[]> {
    const folder = join(this.#roots.sys, 'class/thermal');
    const zones = (await entriesOf(folder))
      .filter((name) => /^thermal_zone\d+$/.test(name))
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    const read = zones.map(async (name): Promise<Temperature[]> => {
      const [zone, text] = await Promise.all([
        textOf(join(folder, name, 'type')),
        textOf(join(folder, name, 'temp')),
      ]);
      const celsius = Number(text === '' ? Number.NaN : text) / 1000;
      const isSane = celsius > SANE_CELSIUS.min && celsius < SANE_CELSIUS.max;
      return isSane ? [{ zone: zone === '' ? name : zone, celsius }] : [];
    });
    return (await Promise.all(read)).flat();
  }

  /** Memory of the machine; what the kernel could free counts as remaining. */
  async memory(): Promise<MemoryUse> {
    const text = await textOf(join(this.#roots.proc, 'meminfo'));
    const bytesOf = (key: string): number =>
      Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0) * 1024;
    const total = bytesOf('MemTotal');
    const remaining = Math.min(total, bytesOf('MemAvailable'));
    return { total, used: total - remaining, remaining };
  }

  /**
   * The speed at which a device node is attached by USB, in Mbit/s: 480, 5000, …
   * @param node `/dev/video0`
   * @returns undefined when it is not attached by USB.
   */
  async usbSpeedMbps(node: string): Promise<number | undefined> {
    const { sys } = this.#roots;
    const entry = join(sys, 'class/video4linux', basename(node), 'device');
    const [device, devices] = await Promise.all([realPath(entry), realPath(join(sys, 'devices'))]);
    if (device === undefined || devices === undefined) return undefined;
    for (let folder = device; folder.startsWith(`${devices}/`); folder = dirname(folder)) {
      if ((await textOf(join(folder, 'idVendor'))) === '') continue;
      const speed = Number(await textOf(join(folder, 'speed')));
      return speed > 0 ? speed : undefined;
    }
    return undefined;
  }
}

/**
 * The temperature of a machine's processor in °C: the mean of its zones, or of all zones where none is called so.
 * @returns undefined when there is none.
 */
export function processorTemperature(temperatures: readonly Temperature[]): number | undefined {
  const ofProcessor = temperatures.filter(({ zone }) => PROCESSOR.test(zone));
  const counted = ofProcessor.length > 0 ? ofProcessor : temperatures;
  if (counted.length === 0) return undefined;
  return counted.reduce((sum, { celsius }) => sum + celsius, 0) / counted.length;
}

/** A file of the kernel as text; empty when it cannot be read. */
async function textOf(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch {
    return '';
  }
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}

async function realPath(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch {
    return undefined;
  }
}
