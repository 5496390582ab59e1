import { circuitKey } from '../../src/hardware/io/circuit.ts';
import type { DriverServices, IoDriver } from '../../src/hardware/io/driver.ts';
import type { IoDriverFixture } from '../contracts/io-driver.ts';
import type { FakeSysfs } from './fake-sysfs.ts';

/** A fixture over a fake /sys. While the suite waits, every channel is polled, as the board does it. */
export function pollingFixture(
  sysfs: FakeSysfs,
  open: (services: DriverServices) => Promise<IoDriver>,
  rest: Partial<IoDriverFixture>,
): IoDriverFixture {
  let driver: IoDriver | undefined;
  return {
    services: { roots: sysfs.roots },
    open: async (services) => {
      driver = await open(services);
      return driver;
    },
    pass: async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      for (const { type, circuit } of driver?.channels ?? []) {
        const signal = AbortSignal.timeout(5);
        await driver?.read(circuitKey(type, circuit), { signal }).catch(() => undefined);
      }
    },
    mute: () => sysfs.mute(),
    release: () => sysfs[Symbol.dispose](),
    ...rest,
  };
}
