import { join } from 'node:path';
import type { Discover } from '../../discovery.ts';
import type { OpenDriver } from '../../driver.ts';
import {
  type AttributeFiles,
  foundIn,
  kernelFiles,
  openSysfsDriver,
  shownText,
  suggestedCircuit,
} from '../sysfs/index.ts';
import type { LedConfig } from './config.ts';
import { LedChannel } from './led-channel.ts';

/** LEDs whose attributes are read and written by `files`. */
export function ledDriver(files: AttributeFiles): OpenDriver<LedConfig> {
  return async (_name, { led }, services) => {
    const channels = Object.entries(led).map(
      ([circuit, { name }]) => new LedChannel(circuit, name, services, files),
    );
    return openSysfsDriver(channels, services);
  };
}

/** LEDs of this machine. */
export const openLed = ledDriver(kernelFiles);

/** Looks for LEDs in `/sys/class/leds`. */
export const discoverLeds: Discover = async ({ sys }) => {
  const folder = join(sys, 'class/leds');
  const names = await foundIn(folder);
  if (names.length === 0) return [];
  const details = names.map(async (name) => {
    const maximum = (await shownText(join(folder, name), 'max_brightness')) ?? 'unknown';
    return `${name}  brightness 0 to ${maximum}`;
  });
  const led = Object.fromEntries(names.map((name) => [suggestedCircuit(name), { name }]));
  return [
    {
      title: `/sys/class/leds  ${names.length} LED${names.length > 1 ? 's' : ''}`,
      details: await Promise.all(details),
      suggestion: { name: 'leds', config: { kind: 'led', led } },
    },
  ];
};
