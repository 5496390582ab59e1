import type { DriverServices, IoDriver, OpenDriver } from '../../driver.ts';
import { ioConfigInvalid } from '../../errors.ts';
import { openSysfsDriver } from '../sysfs/index.ts';
import type { GpioSysfsConfig } from './config.ts';
import { loadOnoff, type Onoff } from './onoff.ts';
import { SysfsLine } from './sysfs-line.ts';

/** Opens GPIO lines through `/sys/class/gpio` and the optional package onoff. */
export const openGpioSysfs: OpenDriver<GpioSysfsConfig> = (name, config, services) =>
  openLines(name, config, services, () => loadOnoff(services.roots.sys));

/** @param load gives the package onoff; called for each line, again while it fails. */
export async function openLines(
  name: string,
  config: GpioSysfsConfig,
  services: DriverServices,
  load: () => Promise<Onoff>,
): Promise<IoDriver> {
  const used = new Set<number>();
  const lines = (['di', 'do', 'ro', 'led'] as const).flatMap((type) =>
    Object.entries(config[type]).map(([circuit, line]) => {
      if (used.has(line.gpio)) throw ioConfigInvalid(name, `gpio${line.gpio} is configured twice.`);
      used.add(line.gpio);
      return new SysfsLine(type, circuit, line, services, load);
    }),
  );
  return openSysfsDriver(lines, services);
}
