import { existsSync } from 'node:fs';
import type { Config } from '../config/index.ts';
import { systemClock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { StateFolder } from '../core/state-folder.ts';
import { type BoardDriver, openBoard } from '../hardware/io/board/index.ts';
import type { Board } from '../hardware/io/board.ts';
import type { DescriptorWatch } from '../hardware/io/descriptor-watch.ts';
import type { Discover } from '../hardware/io/discovery.ts';
import type { DriverServices, IoDriver } from '../hardware/io/driver.ts';

type DriverConfig = Config['io']['drivers'][string];

/** Where the kernel's file systems are. */
export const ROOTS = { sys: '/sys', dev: '/dev' };

/**
 * Opens a configured driver. Each kind is one line; its module is loaded when a driver of that kind is configured.
 */
async function openDriver(name: string, config: DriverConfig, services: DriverServices): Promise<IoDriver> {
  switch (config.kind) {
    case 'gpio':
      return (await import('../hardware/io/drivers/gpio/index.ts')).openGpio(name, config, services);
    case 'gpio-sysfs':
      return (await import('../hardware/io/drivers/gpio-sysfs/index.ts')).openGpioSysfs(
        name,
        config,
        services,
      );
    case 'led':
      return (await import('../hardware/io/drivers/led/index.ts')).openLed(name, config, services);
    case 'iio':
      return (await import('../hardware/io/drivers/iio/index.ts')).openIio(name, config, services);
    case 'pwm':
      return (await import('../hardware/io/drivers/pwm/index.ts')).openPwm(name, config, services);
    case 'modbus':
      return (await import('../hardware/io/drivers/modbus/index.ts')).openModbus(name, config, services);
    case 'onewire':
      return (await import('../hardware/io/drivers/onewire/index.ts')).openOnewire(name, config, services);
    default:
      return config satisfies never;
  }
}

/** What looks for hardware that could be configured, in the order in which it is shown. */
export async function discoverers(): Promise<readonly Discover[]> {
  const [gpio, led, iio, pwm, onewire, modbus] = await Promise.all([
    import('../hardware/io/drivers/gpio/index.ts'),
    import('../hardware/io/drivers/led/index.ts'),
    import('../hardware/io/drivers/iio/index.ts'),
    import('../hardware/io/drivers/pwm/index.ts'),
    import('../hardware/io/drivers/onewire/index.ts'),
    import('../hardware/io/drivers/modbus/index.ts'),
  ]);
  return [
    gpio.discoverGpio,
    led.discoverLeds,
    iio.discoverIio,
    pwm.discoverPwm,
    onewire.discoverOnewire,
    modbus.discoverModbus,
  ];
}

/** What circuits are opened with. */
export interface CircuitServices {
  readonly log: Log;
  readonly state: StateFolder;
  readonly descriptors: DescriptorWatch;
}

/**
 * The board with every driver the configuration names. Owned by the caller.
 * @throws AppError IO_CONFIG_INVALID, STATE_UNREADABLE, STATE_UNWRITABLE
 */
export function openCircuits(config: Config, { log, state, descriptors }: CircuitServices): Promise<Board> {
  const shared = { clock: systemClock, log, descriptors, roots: ROOTS };
  const drivers = configuredDrivers(config, log).map(
    ([name, driver]): BoardDriver => ({
      name,
      kind: driver.kind,
      open: (services) => openDriver(name, driver, { ...shared, ...services }),
    }),
  );
  const { simulated, circuits, interlocks } = config.io;
  if (simulated.enabled === 'always' || (simulated.enabled === 'auto' && drivers.length === 0)) {
    drivers.push({
      name: 'simulated',
      kind: 'simulated',
      open: async (services) => {
        const { openSimulatedBoard } = await import('../hardware/io/drivers/simulated/index.ts');
        return openSimulatedBoard('simulated', simulated, { ...shared, ...services });
      },
    });
  }
  return openBoard(drivers, { clock: systemClock, log, state, circuits, interlocks });
}

/** The drivers named in the configuration, and the controller that Robopipe's `CONTROLLER_CONFIG` names. */
function configuredDrivers(config: Config, log: Log): [string, DriverConfig][] {
  const drivers = Object.entries(config.io.drivers);
  const folder = config.io.controllerConfig;
  if (folder === '') return drivers;
  if (existsSync(folder)) return [...drivers, ['controller', { kind: 'modbus', folder }]];
  log.warn({ folder }, `the folder of the controller's configuration, ${folder}, is not there`);
  return drivers;
}
