import { join } from 'node:path';
import type { Discover } from '../../discovery.ts';
import type { OpenDriver } from '../../driver.ts';
import { type AttributeFiles, foundIn, kernelFiles, openSysfsDriver } from '../sysfs/index.ts';
import type { OnewireConfig } from './config.ts';
import { THERMOMETERS, Thermometer } from './thermometer.ts';

/** Thermometers whose attributes are read by `files`. */
export function onewireDriver(files: AttributeFiles): OpenDriver<OnewireConfig> {
  return async (_name, { sensor }, services) => {
    const channels = Object.entries(sensor).map(
      ([circuit, { id }]) => new Thermometer(circuit, id, services, files),
    );
    return openSysfsDriver(channels, services);
  };
}

/** Thermometers of this machine. */
export const openOnewire = onewireDriver(kernelFiles);

/** Looks for thermometers in `/sys/bus/w1/devices`. */
export const discoverOnewire: Discover = async ({ sys }) => {
  const ids = (await foundIn(join(sys, 'bus/w1/devices'))).filter((id) => {
    return /^[0-9a-f]{2}-[0-9a-f]{12}$/.test(id) && id.slice(0, 2) in THERMOMETERS;
  });
  if (ids.length === 0) return [];
  return [
    {
      title: `/sys/bus/w1  ${ids.length} thermometer${ids.length > 1 ? 's' : ''}`,
      details: ids.map((id) => `${id}  ${THERMOMETERS[id.slice(0, 2)]}`),
      suggestion: {
        name: 'onewire',
        config: { kind: 'onewire', sensor: Object.fromEntries(ids.map((id) => [id, { id }])) },
      },
    },
  ];
};
