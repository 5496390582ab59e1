import type { Discover } from '../../discovery.ts';
import type { OpenDriver } from '../../driver.ts';
import type { GpioConfig } from './config.ts';
import { findChips } from './found-chips.ts';
import { GpioDriver } from './gpio-driver.ts';
import { kernelGpio } from './gpio-system.ts';

/** Opens the lines of a GPIO chip. The chip is looked for once the driver has been handed over. */
export const openGpio: OpenDriver<GpioConfig> = async (name, config, services) => {
  const driver = new GpioDriver(name, config, services, kernelGpio);
  setImmediate(() => driver.begin());
  return driver;
};

/** Finds GPIO chips, and suggests their free named lines as inputs, so that nothing is driven. */
export const discoverGpio: Discover = async ({ dev }) => findChips(kernelGpio, dev);
