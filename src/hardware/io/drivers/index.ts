import { Type } from '../../../core/schema.ts';
import { GpioConfig } from './gpio/config.ts';
import { GpioSysfsConfig } from './gpio-sysfs/config.ts';
import { IioConfig } from './iio/config.ts';
import { LedConfig } from './led/config.ts';
import { ModbusConfig } from './modbus/config.ts';
import { OnewireConfig } from './onewire/config.ts';
import { PwmConfig } from './pwm/config.ts';

export { SimulatedBoardConfig } from './simulated/config.ts';

/** The configuration of one driver, told apart by `kind`. */
export const DriverConfig = Type.Union(
  [GpioConfig, GpioSysfsConfig, LedConfig, IioConfig, PwmConfig, ModbusConfig, OnewireConfig],
  { description: 'One driver; the key is its name.' },
);
