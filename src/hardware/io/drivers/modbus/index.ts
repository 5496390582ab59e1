import type { OpenDriver } from '../../driver.ts';
import type { ModbusConfig } from './config.ts';

export { discoverModbus } from './discover.ts';

/** Opens the devices of an evok configuration. @throws AppError IO_CONFIG_INVALID */
export const openModbus: OpenDriver<ModbusConfig> = async (name, { folder }, services) => {
  const { readEvokConfig } = await import('./evok-config.ts');
  const { ModbusDriver } = await import('./modbus-driver.ts');
  return ModbusDriver.open(name, folder, await readEvokConfig(name, folder, services.log), services);
};
