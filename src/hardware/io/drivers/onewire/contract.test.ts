import { describeIoDriver } from '../../../../../test/contracts/io-driver.ts';
import { FakeSysfs } from '../../../../../test/support/fake-sysfs.ts';
import { pollingFixture } from '../../../../../test/support/polling-fixture.ts';
import { onewireDriver } from './index.ts';

const ID = '28-0000055f2a11';
const SLAVE = `bus/w1/devices/${ID}`;

describeIoDriver('1-Wire thermometers', () => {
  const sysfs = new FakeSysfs();
  const plug = () => sysfs.put(SLAVE, { temperature: 20_000 });
  plug();
  const config = { kind: 'onewire', sensor: { cellar: { id: ID } } } as const;
  return pollingFixture(sysfs, (services) => onewireDriver(sysfs)('onewire', config, services), {
    inputs: ['sensor/cellar'],
    drive: (_key, value) => sysfs.put(SLAVE, { temperature: Math.round(value * 1000) }),
    unplug: () => sysfs.remove(SLAVE),
    replug: plug,
  });
});
