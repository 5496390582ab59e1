import { describeIoDriver } from '../../../../../test/contracts/io-driver.ts';
import { FakeSysfs } from '../../../../../test/support/fake-sysfs.ts';
import { pollingFixture } from '../../../../../test/support/polling-fixture.ts';
import { pwmDriver } from './index.ts';

const CHIP = 'class/pwm/pwmchip0';

describeIoDriver('PWM channels', () => {
  const sysfs = new FakeSysfs();
  const plug = () => sysfs.put(CHIP, { npwm: 2, export: '', unexport: '' });
  const fresh = { period: 0, duty_cycle: 0, enable: 0, polarity: 'normal' };
  sysfs.onWrite(/pwmchip0\/export$/, (text) => sysfs.put(`${CHIP}/pwm${text}`, fresh));
  sysfs.onWrite(/pwmchip0\/unexport$/, (text) => sysfs.remove(`${CHIP}/pwm${text}`));
  plug();
  const channel = { chip: 'pwmchip0', frequencyHz: 1000, polarity: 'normal' } as const;
  const config = {
    kind: 'pwm',
    do: { fan: { ...channel, channel: 0 }, lamp: { ...channel, channel: 1 } },
  } as const;
  return pollingFixture(sysfs, (services) => pwmDriver(sysfs)('pwm', config, services), {
    outputs: ['do/fan', 'do/lamp'],
    physical: (key) => {
      const at = (name: string) => Number(sysfs.text(`${CHIP}/pwm${key === 'do/fan' ? 0 : 1}/${name}`));
      return at('enable') === 1 ? at('duty_cycle') / at('period') : 0;
    },
    unplug: () => sysfs.remove(CHIP),
    replug: plug,
  });
});
