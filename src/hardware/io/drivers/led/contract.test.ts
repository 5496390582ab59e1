import { describeIoDriver } from '../../../../../test/contracts/io-driver.ts';
import { FakeSysfs } from '../../../../../test/support/fake-sysfs.ts';
import { pollingFixture } from '../../../../../test/support/polling-fixture.ts';
import { ledDriver } from './index.ts';

const NAMES = ['red', 'green'];

describeIoDriver('LEDs', () => {
  const sysfs = new FakeSysfs();
  const plug = () => {
    for (const name of NAMES) {
      sysfs.put(`class/leds/${name}`, {
        brightness: 0,
        max_brightness: 255,
        trigger: '[none] timer heartbeat',
      });
    }
  };
  sysfs.onWrite(/leds\/(\w+)\/trigger$/, (text, [, name]) => {
    const triggers = ['none', 'timer', 'heartbeat'].map((each) => (each === text ? `[${each}]` : each));
    sysfs.put(`class/leds/${name}`, { trigger: triggers.join(' '), brightness: 0 });
    if (text === 'timer') sysfs.put(`class/leds/${name}`, { delay_on: 500, delay_off: 500 });
  });
  plug();
  const config = { kind: 'led', led: { red: { name: 'red' }, green: { name: 'green' } } } as const;
  return pollingFixture(sysfs, (services) => ledDriver(sysfs)('leds', config, services), {
    outputs: ['led/red', 'led/green'],
    physical: (key) => (Number(sysfs.text(`class/leds/${key.slice('led/'.length)}/brightness`)) > 0 ? 1 : 0),
    unplug: () => {
      for (const name of NAMES) sysfs.remove(`class/leds/${name}`);
    },
    replug: plug,
  });
});
