import type { DriverServices } from '../../driver.ts';
import { type ScheduledFault, SimulatedDriver } from './simulated-driver.ts';

export type { SimulatedDriver, SimulatedFault } from './simulated-driver.ts';

/**
 * Opens the built-in board, for people without hardware and for every test above the drivers: an `OpenDriver`. Its
 * channels and wires are in README.md.
 */
export async function openSimulatedBoard(
  name: string,
  config: { readonly faults: readonly ScheduledFault[] },
  services: DriverServices,
): Promise<SimulatedDriver> {
  return new SimulatedDriver(name, config.faults, services);
}
